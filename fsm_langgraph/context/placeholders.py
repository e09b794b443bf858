"""Placeholders: what a model writes where it was told nothing, such as "unknown", "N/A", "<name>", "…" or "John Doe".

A value that it has copied from the prompt says nothing either (`copied_texts.py`). What an `enum` has, and what the
user wrote, is a value all the same. `without_placeholders` is asked before a value is coerced: a list "unknown" is to
be none, rather than a list of one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final
from unicodedata import category

from fsm_langgraph.context.copied_texts import is_answer, is_copied
from fsm_langgraph.context.json_values import MAX_DEPTH
from fsm_langgraph.context.user_words import UserWords
from fsm_langgraph.definition import ContextKey, FSMDefinition, State

NO_VALUE: Final = object()
"""Stands for what is left of a value that is a placeholder through and through."""


@dataclass(frozen=True, slots=True)
class Told:
    """Where a value is told: what the model had read, and what the user had written."""

    definition: FSMDefinition
    """The definition whose declarations hold."""
    state: State | None
    """The state that the reply is given in, if it is one of these."""
    words: UserWords
    """The user's own words."""


def without_placeholders(key: str, value: Any, declaration: ContextKey | None, told: Told, *, depth: int = 0) -> Any:
    """Return a value without the placeholders in it; `NO_VALUE` where nothing is left.

    Args:
        key: The key that it is told for.
        value: The value, as the model wrote it.
        declaration: The key's declaration, if it has one.
        told: Where it is told.
        depth: How deep it lies in the value that is told; one that is too deep is refused later.
    """
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, str):
        return NO_VALUE if _is_placeholder(key, value, declaration, told) else value
    if isinstance(value, list) and value:
        about = _about_items(declaration)
        left = [without_placeholders(key, item, about, told, depth=depth + 1) for item in value]
        return [item for item in left if item is not NO_VALUE] or NO_VALUE
    if isinstance(value, dict) and value:
        members = {
            name: without_placeholders(str(name), item, None, told, depth=depth + 1) for name, item in value.items()
        }
        return {name: item for name, item in members.items() if item is not NO_VALUE} or NO_VALUE
    return value


def _about_items(declaration: ContextKey | None) -> ContextKey | None:
    """Describe an item of a list: an item that repeats what is told of the list says as little."""
    if declaration is None:
        return None
    items = declaration.items or ContextKey(enum=declaration.enum)
    return items if items.description else items.model_copy(update={"description": declaration.description})


def _is_placeholder(key: str, value: str, declaration: ContextKey | None, told: Told) -> bool:
    if len(value) > _LONGEST:
        return False
    text = _folded(value)
    says_nothing = _says_nothing(key, text)
    if not (says_nothing or is_copied(key, value, declaration, told.definition, told.state)):
        return False
    choices = declaration.enum if declaration is not None and declaration.enum is not None else ()
    if any(text == _folded(str(choice)) for choice in choices):
        return False
    if told.words.has_phrase(value) if says_nothing else is_answer(value, told.words):
        return False
    form = declaration.format if declaration is not None else None
    return form is None or not told.words.has_time(value, form)


def _says_nothing(key: str, text: str) -> bool:
    if _is_punctuation(text) or _SIGNS.fullmatch(text) or _BRACKETED.fullmatch(text):
        return True
    bare = text.strip(" \"'`.!()")
    if _NOTHING.fullmatch(bare) or _SAMPLE.fullmatch(bare):
        return True
    # "name unknown", "no email provided"
    if (name := _folded(key)) not in bare:
        return False
    name = re.escape(name)
    rest = re.sub(rf"^(?:the |your |user'?s? )?{name} |(?<= ){name} | {name}$", " ", f"{bare} ", count=1).strip()
    return rest != bare and _NOTHING.fullmatch(rest) is not None


def _is_punctuation(text: str) -> bool:
    """Say whether a text has nothing but marks, blanks and characters that nobody sees; "+" and "👍" say something."""
    return bool(text) and all(category(sign)[0] in "PZC" for sign in text)


def _folded(text: str) -> str:
    """Return a text for comparing: without regard to case, and with one blank between words."""
    return " ".join(text.replace("_", " ").replace("\u2019", "'").casefold().split())


_LONGEST = 400
"""A text that is longer says something."""
_SIGNS = re.compile(r"x{3,}|<\s*>")
_NAME = r"[^\W\d][\w\s'./|-]{0,60}"
_BRACKETED = re.compile(rf"<{_NAME}>|\[{_NAME}\]|\{{{{1,3}}\s*{_NAME}\}}{{1,3}}")
_DATA = "(?:value|information|info|data)"
_DONE = (
    "(?:provided|specified|given|known|stated|mentioned|told|said|available|supplied|entered|disclosed|applicable|set)"
)
_NOTHING = re.compile(
    r"null|nil|none|nan|undefined|undetermined|unknown|unspecified|unavailable|n\.?\s?/\s?a|n\.\s?a|tb[ad]|placeholder|"
    "unbekannt|keine angaben?|nicht angegeben|inconnue?|non (?:précisée?|spécifiée?|renseignée?)|desconocid[oa]|"
    "desconhecid[oa]|sconosciut[oa]|no (?:especificad|proporcionad)[oa]|não (?:especificad|informad)[oa]|"
    "non (?:specificat|fornit)[oa]|onbekend|niet opgegeven|nie podano|неизвестно|не указано|未知|未提供|不明|未定|"
    rf"(?:the |your )?{_DATA}|"
    r"to be (?:determined|decided|defined|provided|confirmed|filled(?: in)?|collected)|"
    rf"(?:{_DATA} )?(?:is |was )?(?:not|none) (?:yet |been )*{_DONE}(?: yet)?(?: by (?:the )?user)?|"
    rf"no {_DATA}(?: {_DONE})?|no (?:yet )?{_DONE}|"
    r"(?:the )?user (?:did not|didn't|has not|hasn't) (?:yet )?(?:provided?|specif(?:y|ied)|given?|say|said|stated?|"
    r"mention(?:ed)?|tell|told)(?: (?:it|this))?"
)
_SAMPLE = re.compile(
    "(?:john|jane) [dr]oe|(?:max|erika) mustermann|lorem ipsum.*|123 main st(?:reet|\\.)?|"
    r"(?:your[._-]?)?(?:e-?mail|name|user(?:name)?|address|example|someone|customer|(?:john|jane)[._-]?doe)@[\w.-]+|"
    r"[\w.+-]+@(?:your)?(?:domain|email|provider|company)\.\w+|"
    r"(?:date,? ?)?yyyy(?:[-/.]mm[-/.]dd)?(?:[t ]?hh:mm(?::ss)?)?|(?:time,? ?)?hh:mm(?::ss)?|"
    "(?:dd[-/.]mm|mm[-/.]dd)[-/.]yy(?:yy)?|"
    r"(?:\+?1[- .])?\(?(?:123|555)\)?[- .]?(?:456|555)[- .]?(?:7890|1234|5555|0000)|"
    "(?:an? |for )?(?:example|sample)(?: (?:value|text))?|some (?:value|text)"
)
"""Values that stand for others: names of nobody, addresses of nowhere, forms to fill in."""

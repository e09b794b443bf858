"""Placeholders: what a model writes where it was told nothing, such as "unknown", "N/A", "<name>" or "…".

A value that equals its key's name, its description or its format says nothing either. What an `enum` has, and what the
user wrote, is a value all the same. `without_placeholders` is asked before a value is coerced: a list "unknown" is to
be none, rather than a list of one.
"""

from __future__ import annotations

import re
from typing import Any, Final

from fsm_langgraph.context.user_words import UserWords
from fsm_langgraph.context.values import MAX_DEPTH
from fsm_langgraph.data.formats import FORMATS
from fsm_langgraph.definition import ContextKey

NO_VALUE: Final = object()
"""Stands for what is left of a value that is a placeholder through and through."""


def without_placeholders(
    key: str, value: Any, declaration: ContextKey | None, words: UserWords, *, depth: int = 0
) -> Any:
    """Return a value without the placeholders in it; `NO_VALUE` where nothing is left.

    Args:
        key: The key that it is told for.
        value: The value, as the model wrote it.
        declaration: The key's declaration, if it has one.
        words: The user's own words.
        depth: How deep it lies in the value that is told; one that is too deep is refused later.
    """
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, str):
        return NO_VALUE if _is_placeholder(key, value, declaration, words) else value
    if isinstance(value, list) and value:
        items = declaration.items if declaration is not None else None
        about = items or _choices_of(declaration)
        left = [without_placeholders(key, item, about, words, depth=depth + 1) for item in value]
        return [item for item in left if item is not NO_VALUE] or NO_VALUE
    if isinstance(value, dict) and value:
        members = {
            name: without_placeholders(str(name), item, None, words, depth=depth + 1) for name, item in value.items()
        }
        return {name: item for name, item in members.items() if item is not NO_VALUE} or NO_VALUE
    return value


def _choices_of(declaration: ContextKey | None) -> ContextKey | None:
    return ContextKey(enum=declaration.enum) if declaration is not None and declaration.enum is not None else None


def _is_placeholder(key: str, value: str, declaration: ContextKey | None, words: UserWords) -> bool:
    if len(value) > _LONGEST:
        return False
    text = _folded(value)
    if not (_says_nothing(key, text) or text in _told_of(key, declaration)):
        return False
    choices = declaration.enum if declaration is not None and declaration.enum is not None else ()
    return not any(text == _folded(str(choice)) for choice in choices) and not words.has_phrase(value)


def _says_nothing(key: str, text: str) -> bool:
    if _SIGNS.fullmatch(text) or _BRACKETED.fullmatch(text):
        return True
    bare = text.strip(" \"'`.!()")
    if _NOTHING.fullmatch(bare):
        return True
    # "name unknown", "no email provided"
    if (name := _folded(key)) not in bare:
        return False
    name = re.escape(name)
    rest = re.sub(rf"^(?:the |your |user'?s? )?{name} |(?<= ){name} | {name}$", " ", f"{bare} ", count=1).strip()
    return rest != bare and _NOTHING.fullmatch(rest) is not None


def _told_of(key: str, declaration: ContextKey | None) -> set[str]:
    """Return what the prompt tells of a key, which a model may copy."""
    if declaration is None:
        return {_folded(key)}
    form = declaration.format
    told = (key, declaration.description, declaration.description.rstrip("."), form or "", FORMATS.get(form or "", ""))
    return {_folded(text) for text in told} - {""}


def _folded(text: str) -> str:
    """Return a text for comparing: without regard to case, and with one blank between words."""
    return " ".join(text.replace("_", " ").replace("\u2019", "'").casefold().split())


_LONGEST = 400
"""A text that is longer says something."""
_SIGNS = re.compile(r"[.…\-\u2013\u2014?·•\s]+|\"\"|''|\[\s*\]|\{\s*\}|<\s*>|\(\s*\)")
_NAME = r"[^\W\d][\w\s'./|-]{0,60}"
_BRACKETED = re.compile(rf"<{_NAME}>|\[{_NAME}\]|\{{{{1,3}}\s*{_NAME}\}}{{1,3}}")
_DATA = "(?:value|information|info|data)"
_DONE = (
    "(?:provided|specified|given|known|stated|mentioned|told|said|available|supplied|entered|disclosed|applicable|set)"
)
_NOTHING = re.compile(
    r"null|nil|none|nan|undefined|undetermined|unknown|unspecified|unavailable|n\.?\s?/\s?a|n\.\s?a|tb[ad]|placeholder|"
    rf"(?:the |your )?{_DATA}|"
    r"to be (?:determined|decided|defined|provided|confirmed|filled(?: in)?|collected)|"
    rf"(?:{_DATA} )?(?:is |was )?(?:not|none) (?:yet |been )*{_DONE}(?: yet)?(?: by (?:the )?user)?|"
    rf"no {_DATA}(?: {_DONE})?|no (?:yet )?{_DONE}|"
    r"(?:the )?user (?:did not|didn't|has not|hasn't) (?:yet )?(?:provided?|specif(?:y|ied)|given?|say|said|stated?|"
    r"mention(?:ed)?|tell|told)(?: (?:it|this))?"
)

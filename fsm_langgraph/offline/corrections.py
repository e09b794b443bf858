"""Facts that the user takes back: "Bali instead of Hawaii", "actually it's x@y.z", "no, I meant Tuesday".

There are three kinds, the surest first: the user names the value that was wrong; the user was asked for the right one;
or the user says only that something was wrong, and the new value fits one key. (A fourth kind names the key: `labels`.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fsm_langgraph.offline.entities import Entities, find_choice, find_entities
from fsm_langgraph.offline.hearing import Said
from fsm_langgraph.offline.kinds import is_birth, kind_of
from fsm_langgraph.offline.labels import find_labelled, is_named, read_as
from fsm_langgraph.offline.names import is_bare_name, short_answer
from fsm_langgraph.offline.prompt_content import DescribedKey
from fsm_langgraph.offline.words import plain, word_set

ASKS_WHAT_IS_WRONG = "What would you like to change?"
"""The question by which the user is invited to correct; its answer is a correction, whatever its words."""
ASKS_FOR_RIGHT = "What is the right "
"""The beginning of a question for the right value of a known key."""
KNOWS = "I have "
ASKS_WHETHER_RIGHT = ". Is that right?"
"""The end of a question whether a known value still holds; `KNOWS` is its beginning."""


def find_corrections(
    said: Said, keys: Sequence[DescribedKey], context: Mapping[str, Any], *, heard: str
) -> dict[str, Any]:
    """Find the known facts that a message replaces."""
    known = [key for key in keys if _is_fact(context.get(key.name))]
    if not known or said.declines:
        return {}
    if _SWAP_CUE.search(said.plain) and (found := _swapped(said.text, known, context)):
        return found
    if said.asks or any(find_labelled(key, said.text) is not None for key in keys):
        return {}
    invited = heard.endswith(ASKS_WHAT_IS_WRONG)
    asked_about = ASKS_FOR_RIGHT in heard or heard.endswith(ASKS_WHETHER_RIGHT)
    if asked_about and (key := key_in_question(known, heard)):
        value = read_as(key, short_answer(said.text)) if said.has_content or said.corrects else None
        return {key.name: value} if value is not None else {}
    if not said.corrects and not (invited and said.has_content):
        return {}
    missing = [key for key in keys if key.required and not _is_fact(context.get(key.name))]
    return _unnamed(said, known, context, heard, missing=missing, invited=invited)


def named_without_value(said: Said, keys: Sequence[DescribedKey], context: Mapping[str, Any]) -> DescribedKey | None:
    """Return the known key that the user wants changed without saying to what: "the e-mail is wrong"."""
    if said.asks or said.declines or len(said.plain.split()) > 10:
        return None
    named = [key for key in keys if _is_fact(context.get(key.name)) and is_named(key, said.text)]
    return named[0] if len(named) == 1 else None


def key_in_question(keys: Sequence[DescribedKey], heard: str) -> DescribedKey | None:
    """Return the key whose right value was asked for."""
    asked = heard[max(heard.rfind(ASKS_FOR_RIGHT), heard.rfind(KNOWS)) :]
    return next((key for key in keys if is_named(key, asked)), None)


def _swapped(text: str, known: Sequence[DescribedKey], context: Mapping[str, Any]) -> dict[str, Any]:
    """Find the key that holds the value which the user says was wrong."""
    for pattern in _SWAPS:
        for match in pattern.finditer(text):
            old, new = match["old"].strip(" .,!"), match["new"].strip(" .,!")
            for key in reversed(known):
                if (value := _swapped_in(key, context[key.name], old, new)) is not None:
                    return {key.name: value}
    return {}


def _swapped_in(key: DescribedKey, value: Any, old: str, new: str) -> Any:
    """Return the new value of a key that holds the old one."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            if _names(item, old):
                choice = find_choice(new, key.enum) if key.enum else short_answer(new)
                return [*value[:index], choice, *value[index + 1 :]] if choice else None
        return None
    if not _names(value, old) or (read := read_as(key, new)) == value:
        return None
    return read


def _unnamed(
    said: Said,
    known: Sequence[DescribedKey],
    context: Mapping[str, Any],
    heard: str,
    *,
    missing: Sequence[DescribedKey],
    invited: bool,
) -> dict[str, Any]:
    """Find the one key that a new value fits whose key the user does not name."""
    text = _CUE.sub("", said.text)
    entities = find_entities(text)
    missing_kinds = {kind_of(key) for key in missing}
    recent = _recent_first(known, context, heard)
    for key in recent:
        # A date is an answer before it is a correction, where a date is still missing.
        value = None if kind_of(key) in missing_kinds else _by_kind(key, text, entities)
        if value is not None and value != context[key.name]:
            return {key.name: value}
    if entities or entities.numbers or (text == said.text and not invited) or not _is_short(text):
        return {}
    # Words that could be anything are taken for a correction only if nothing else is waiting for an answer.
    if missing_kinds - {"boolean"} or any(is_named(key, text) for key in known):
        return {}
    for key in recent:
        named = kind_of(key) == "name" and is_bare_name(short_answer(text))
        if kind_of(key) in ("phrase", "place") or named:
            value = read_as(key, text)
            return {key.name: value} if value and value != context[key.name] else {}
    return {}


def _by_kind(key: DescribedKey, text: str, entities: Entities) -> Any:
    """Read a value that only a key of this kind has."""
    kind = kind_of(key)
    if kind == "choice":
        return find_choice(text, key.enum)
    if kind in ("number", "age"):
        return read_as(key, text) if entities.numbers and not entities else None
    values = entities.of_kind(kind, birth=is_birth(key))
    return values[0] if values else None


def _recent_first(known: Sequence[DescribedKey], context: Mapping[str, Any], heard: str) -> list[DescribedKey]:
    """Sort keys so that those whose value was just spoken of, and those given last, come first."""
    order = list(context)
    low = heard.lower()
    return sorted(known, key=lambda key: (str(context[key.name]).lower() not in low, -order.index(key.name)))


def _is_short(text: str) -> bool:
    words = plain(short_answer(text)).split()
    return 1 <= len(words) <= 4 and _NO_VALUES.isdisjoint(words)


def _is_fact(value: Any) -> bool:
    return value is not None and not isinstance(value, bool | dict) and value not in ("", [])


def _names(value: Any, text: str) -> bool:
    """Say whether a text names a stored value."""
    stored, named = plain(str(value)), plain(short_answer(text) or text)
    if not named or stored == named:
        return bool(named)
    return len(named) > 2 and re.search(rf"(?<!\w){re.escape(named)}(?!\w)", stored) is not None


_NO_VALUES = word_set("wrong change not something wait that it no yes nothing sorry this else")
_SWAP_CUE = re.compile(r"\b(?:instead|rather|in place of|not|change|replace|swap|switch|correct)\b")
_THING = r"[^,.;]{1,60}"
_INSTEAD = r"(?:instead of|rather than|in place of|and not|not)"
_SWAPS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:\b(?:make|change|take|have|want|prefer|say|do|like|meant|to|it|that|be|is)\s+)+"
        rf"(?P<new>{_THING}?)\s+{_INSTEAD}\s+(?P<old>{_THING})",
        rf"(?P<new>{_THING}?),?\s+{_INSTEAD}\s+(?P<old>{_THING})",
        rf"\bnot\s+(?:to |the |in )?(?P<old>{_THING}?)[,;.]?\s+(?:but|it's|i meant|i said)\s+(?P<new>{_THING})",
        rf"\bnot\s+(?:to |the |in )?(?P<old>{_THING}?)[,;.]\s+(?P<new>{_THING})",
        rf"\b(?:change|replace|swap|switch|correct)\s+(?P<old>{_THING}?)\s+(?:to|with|for|by|"
        rf"into)\s+(?P<new>{_THING})",
    )
]
_CUE = re.compile(
    r"^(?:(?:no|nope|wait|oh|oops|well|hmm+|um+|ah|but|yes|ok|okay|so)\b[\s,.!-]*)*"
    r"(?:(?:actually|sorry|i meant|i mean|my mistake|correction|rather|scratch that|on second thought|"
    r"make (?:it|that)|"
    r"change (?:it|that) to|it's|it is|it should (?:be|have been)|that should (?:be|have been)|i said|let's make it|"
    r"can you change (?:it|that) to)\b[\s,:.!-]*)+|\s+(?:instead|actually|rather)[.!]*$",
    re.IGNORECASE,
)

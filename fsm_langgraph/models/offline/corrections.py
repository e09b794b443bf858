"""Facts that the user takes back: "Bali instead of Hawaii", "my e-mail is x@y.z now", "no, I meant Tuesday".

A correction is found in one of three ways, the surest first: the user names the value that was wrong; the user names
the key; or the user says only that something was wrong, and the new value fits one key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fsm_langgraph.models.offline.hearing import Said, yes_or_no
from fsm_langgraph.models.offline.kinds import is_birth, kind_of
from fsm_langgraph.models.offline.names import find_name, is_bare_name, short_answer
from fsm_langgraph.models.offline.reading import Key
from fsm_langgraph.models.offline.values import (
    Entities,
    find_choice,
    find_choices,
    find_code,
    find_entities,
    split_list,
)
from fsm_langgraph.models.offline.words import label, plain, split_key, tidy


def find_corrections(
    said: Said, keys: Sequence[Key], context: Mapping[str, Any], *, heard: str
) -> dict[str, Any]:
    """Find the known facts that a message replaces."""
    known = [key for key in keys if _is_fact(context.get(key.name))]
    if not known:
        return {}
    if found := _swapped(said.text, known, context):
        return found
    if not said.corrects or said.asks or said.declines:
        return {}
    if any(find_labelled(key, said.text) is not None for key in keys):
        return {}
    missing_takes_it = any(
        key.required and not _is_fact(context.get(key.name)) and kind_of(key) != "boolean" for key in keys
    )
    return _unnamed(said, known, context, heard, loose=not missing_takes_it)


def find_labelled(key: Key, text: str) -> Any:
    """Find the value that a message gives to a key by its name: "change my e-mail to x@y.z", "the city is Paris"."""
    for match in _label_pattern(key).finditer(text):
        if re.match(
            r"(?:not|wrong|incorrect|right|correct|ok|okay|fine|good|missing|mistaken|what|a mistake|outdated|old)\b",
            match["value"],
            re.IGNORECASE,
        ):
            continue
        if (value := read_as(key, match["value"])) is not None:
            return value
    return None


def read_as(key: Key, text: str) -> Any:
    """Read a text that is the value of a key and little besides."""
    kind = kind_of(key)
    entities = find_entities(text)
    match kind:
        case "choice":
            return find_choice(text, key.enum)
        case "list":
            items = find_choices(text, key.enum) if key.enum else split_list(_clause(text))
            return items or None
        case "boolean":
            return yes_or_no(text)
        case "number" | "age":
            number = entities.numbers[0].value if entities.numbers else None
            return number if key.type != "integer" or number is None or float(number).is_integer() else None
        case "name":
            return find_name(f"my name is {text}", asked=True)
        case "code":
            return find_code(text)
        case "moment":
            return f"{entities.dates[0]}T{entities.times[0]}" if entities.dates and entities.times else None
        case "email" | "url" | "uuid" | "phone" | "time" | "date":
            return _by_form(entities, key)
        case "opaque":
            return None
        case "text":
            return short_answer(text) or None
        case _:
            return short_answer(_clause(text)) or None


def _by_form(entities: Entities, key: Key) -> str | None:
    kind = kind_of(key)
    values = {
        "email": entities.emails, "url": entities.urls, "uuid": entities.uuids, "phone": entities.phones,
        "time": entities.times, "date": entities.births if is_birth(key) else entities.dates,
    }[kind]  # fmt: skip
    return values[0] if values else None


def _swapped(text: str, known: Sequence[Key], context: Mapping[str, Any]) -> dict[str, Any]:
    """Find the key that holds the value which the user says was wrong."""
    for pattern in _SWAPS:
        for match in pattern.finditer(text):
            old, new = match["old"].strip(" .,!"), match["new"].strip(" .,!")
            for key in reversed(known):
                value = context[key.name]
                if isinstance(value, list):
                    if (items := _with_item(key, value, old, new)) is not None:
                        return {key.name: items}
                elif _names(value, old) and (read := read_as(key, new)) is not None and read != value:
                    return {key.name: read}
    return {}


def _unnamed(
    said: Said, known: Sequence[Key], context: Mapping[str, Any], heard: str, *, loose: bool
) -> dict[str, Any]:
    """Find the one key that a new value fits whose key the user does not name."""
    text = _CUE.sub("", said.text)
    entities = find_entities(text)
    for key in _recent_first(known, context, heard):
        kind = kind_of(key)
        value: Any = None
        if kind in ("email", "url", "uuid", "phone", "time", "date"):
            value = _by_form(entities, key)
        elif kind == "choice":
            value = find_choice(text, key.enum)
        elif kind in ("number", "age") and entities.numbers and not entities:
            value = read_as(key, text)
        if value is not None and value != context[key.name]:
            return {key.name: value}
    if not loose or entities or entities.numbers or text == said.text or not _is_short(text):
        return {}
    for key in _recent_first(known, context, heard):
        if kind_of(key) in ("phrase", "place") or (
            kind_of(key) == "name" and is_bare_name(short_answer(text))
        ):
            value = read_as(key, text)
            return {key.name: value} if value and value != context[key.name] else {}
    return {}


def _recent_first(known: Sequence[Key], context: Mapping[str, Any], heard: str) -> list[Key]:
    """Sort keys so that those whose value was just spoken of, and those given last, come first."""
    order = list(context)
    low = heard.lower()
    return sorted(known, key=lambda key: (str(context[key.name]).lower() not in low, -order.index(key.name)))


def _is_short(text: str) -> bool:
    words = plain(short_answer(text)).split()
    return 1 <= len(words) <= 4 and not {
        "wrong",
        "change",
        "not",
        "something",
        "wait",
        "that",
        "it",
        "no",
        "yes",
        "nothing",
        "sorry",
        "this",
    } & set(words)


def _is_fact(value: Any) -> bool:
    return value is not None and not isinstance(value, bool | dict) and value not in ("", [])


def _names(value: Any, text: str) -> bool:
    """Say whether a text names a stored value."""
    stored, named = plain(str(value)), plain(short_answer(text) or text)
    return bool(named) and (
        stored == named
        or (len(named) > 2 and re.search(rf"(?<!\w){re.escape(named)}(?!\w)", stored) is not None)
    )


def _with_item(key: Key, items: list[Any], old: str, new: str) -> list[Any] | None:
    for index, item in enumerate(items):
        if _names(item, old):
            choice = find_choice(new, key.enum) if key.enum else short_answer(new)
            return [*items[:index], choice, *items[index + 1 :]] if choice else None
    return None


def _clause(text: str) -> str:
    """Cut a text at the end of what it says of one thing."""
    return re.split(
        r"[.;!?]\s|[.;!?]$|,\s*(?:and|but)\b|\band (?:my|the|i)\b|,\s*(?:my|i)\b", text, maxsplit=1
    )[0]


_PATTERNS: dict[Key, re.Pattern[str]] = {}


def _label_pattern(key: Key) -> re.Pattern[str]:
    """Return a pattern for "<the key's words> is <value>", made once for each key."""
    if key not in _PATTERNS:
        if len(_PATTERNS) > 4096:
            _PATTERNS.clear()
        names = {label(key.name), " ".join(split_key(key.name)), *_ALIASES.get(kind_of(key), ())}
        if kind_of(key) == "date" and is_birth(key):
            names |= {"birth date", "birthdate", "date of birth", "birthday", "dob"}
        spelled = "|".join(
            re.escape(name).replace(r"\ ", r"[\s-]+") for name in sorted(names, key=len, reverse=True) if name
        )
        _PATTERNS[key] = re.compile(
            rf"(?<!\w)(?:{spelled})(?:\s*[:=]\s*|'s\s+|\s+(?:is|are|was|should (?:be|say|read)|must be|has to be|needs to be|will be|would be|to|into)\s+)"
            r"(?:(?:now|actually|really|changed to|to be|in fact|of course)\s+)*(?P<value>[^\n]{1,200})",
            re.IGNORECASE,
        )
    return _PATTERNS[key]


_ALIASES: dict[str, tuple[str, ...]] = {
    "email": ("email", "e-mail", "mail", "email address", "e-mail address"),
    "phone": ("phone", "phone number", "number", "telephone", "mobile"),
    "name": ("name", "full name"),
}
_SWAPS = [
    re.compile(r"(?:\b(?:make|change|take|have|want|prefer|say|do|like|meant|to|it|that|be|is)\s+)+(?P<new>[^,.;]{1,60}?)\s+(?:instead of|rather than|in place of|and not|not)\s+(?P<old>[^,.;]{1,60})", re.IGNORECASE),
    re.compile(r"(?P<new>[^,.;]{1,60}?),?\s+(?:instead of|rather than|in place of|and not|not)\s+(?P<old>[^,.;]{1,60})", re.IGNORECASE),
    re.compile(r"\bnot\s+(?:to |the |in )?(?P<old>[^,.;]{1,60}?)[,;.]?\s+(?:but|it's|i meant|i said)\s+(?P<new>[^,.;]{1,60})", re.IGNORECASE),
    re.compile(r"\bnot\s+(?:to |the |in )?(?P<old>[^,.;]{1,60}?)[,;.]\s+(?P<new>[^,.;]{1,60})", re.IGNORECASE),
    re.compile(r"\b(?:change|replace|swap|switch|correct)\s+(?P<old>[^,.;]{1,60}?)\s+(?:to|with|for|by|into)\s+(?P<new>[^;]{1,60})", re.IGNORECASE),
]  # fmt: skip
_CUE = re.compile(
    r"^(?:(?:no|nope|wait|oh|oops|well|hmm+|um+|ah|but|yes|ok|okay|so)\b[\s,.!-]*)*(?:(?:actually|sorry|i meant|i mean|my mistake|correction|rather|scratch that|"
    r"on second thought|make (?:it|that)|change (?:it|that) to|it's|it is|it should (?:be|have been)|that should (?:be|have been)|i said|let's make it|"
    r"can you change (?:it|that) to)\b[\s,:.!-]*)+|\s+(?:instead|actually|rather)[.!]*$",
    re.IGNORECASE,
)
_ = tidy

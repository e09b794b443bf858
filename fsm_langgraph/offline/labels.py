"""Values that a message gives to a key by name: "my e-mail is x@y.z", "change the size to small"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from fsm_langgraph.offline.entities import (
    find_choice,
    find_choices,
    find_code,
    find_entities,
    split_list,
)
from fsm_langgraph.offline.hearing import yes_or_no
from fsm_langgraph.offline.kinds import is_birth, kind_of
from fsm_langgraph.offline.names import find_name, short_answer
from fsm_langgraph.offline.prompt_content import DescribedKey
from fsm_langgraph.offline.words import label, plain, split_key


def find_labelled(key: DescribedKey, text: str) -> Any:
    """Find the value that a message gives to a key by its name."""
    for match in _naming(key).finditer(text):
        # "My e-mail is wrong" names the key and gives no value.
        if not _VERDICT.match(match["value"]) and (value := read_as(key, match["value"])) is not None:
            return value
    return None


def is_named(key: DescribedKey, text: str) -> bool:
    """Say whether a text names a key."""
    return any(re.search(rf"(?<!\w){re.escape(plain(name))}(?!\w)", plain(text)) for name in _names(key))


def read_as(key: DescribedKey, text: str) -> Any:
    """Read a text that is the value of a key and little besides."""
    kind = kind_of(key)
    match kind:
        case "choice":
            return find_choice(text, key.enum)
        case "list":
            return (find_choices(text, key.enum) if key.enum else split_list(_clause(text))) or None
        case "boolean":
            return yes_or_no(text)
        case "name":
            return find_name(f"my name is {text}", asked=True)  # so that it reads like an introduction
        case "code":
            return find_code(text)
        case "text":
            return short_answer(text) or None
        case "opaque":
            return None
        case "phrase" | "place":
            return short_answer(_clause(text)) or None
    entities = find_entities(text)
    if kind in ("number", "age"):
        value = entities.numbers[0].value if entities.numbers else None
        return value if key.type != "integer" or value is None or float(value).is_integer() else None
    if kind == "moment":
        return f"{entities.dates[0]}T{entities.times[0]}" if entities.dates and entities.times else None
    values = entities.of_kind(kind, birth=is_birth(key))
    return values[0] if values else None


def _clause(text: str) -> str:
    """Cut a text where it begins to speak of another thing."""
    return _NEXT_THING.split(text, maxsplit=1)[0]


def _names(key: DescribedKey) -> list[str]:
    """Return the names that people have for a key, the longest first."""
    names = {label(key.name), " ".join(split_key(key.name)), *_ALIASES.get(kind_of(key), ())}
    if kind_of(key) == "date" and is_birth(key):
        names |= {"birth date", "birthdate", "date of birth", "birthday", "dob"}
    return sorted((name for name in names if name), key=len, reverse=True)


@lru_cache(maxsize=4096)
def _naming(key: DescribedKey) -> re.Pattern[str]:
    # In words or as the key is written, with a verb or a colon after it: "my e-mail is", "email: ", "size to".
    spelled = "|".join(re.escape(name).replace(r"\ ", r"[\s-]+") for name in _names(key))
    return re.compile(
        rf"(?<!\w)(?:{spelled})(?:\s*[:=]\s*|'s\s+|\s+(?:is|are|was|should (?:be|say|read)|must be|has to be|"
        r"needs to be|will be|would be|to|into)\s+)"
        r"(?:(?:now|actually|really|changed to|to be|in fact|of course)\s+)*(?P<value>[^\n]{1,200})",
        re.IGNORECASE,
    )


_ALIASES = {
    "email": ("email", "e-mail", "mail", "email address", "e-mail address"),
    "phone": ("phone", "phone number", "telephone", "mobile"),
    "name": ("name", "full name"),
}
_VERDICT = re.compile(
    r"(?:not|wrong|incorrect|right|correct|ok|okay|fine|good|missing|mistaken|what|a mistake|outdated|old|called)\b",
    re.IGNORECASE,
)
_NEXT_THING = re.compile(r"[.;!?]\s|[.;!?]$|,\s*(?:and|but)\b|\band (?:my|the|i)\b|,\s*(?:my|i)\b")

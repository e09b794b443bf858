"""The identity of a definition, which a conversation keeps: its name, its revision, and a fingerprint of what it means.

Two texts of one definition have one fingerprint: white space, comments and the order of an object's members count for
nothing, and neither do `metadata`, `revision`, `migrate`, `check` and `privileged`. The words that a model reads do
count. With the identity go the names of the keys that there are, by which a key that is new can be told from one that
nobody has answered.

It is stored as one text, so that a turn compares texts and reads neither.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fsm_langgraph.definition.section import Section

if TYPE_CHECKING:
    from fsm_langgraph.definition.definition import FSMDefinition


@dataclass(frozen=True, slots=True)
class Identity:
    """A definition as a conversation remembers it."""

    name: str
    revision: str
    fingerprint: str
    keys: frozenset[str]
    """Its keys, those of sub-machines by their paths: all that are declared, or else that states collect."""


def write_identity(definition: FSMDefinition) -> str:
    """Write down the identity of a definition."""
    told = {"name": definition.name, "revision": definition.revision, "fingerprint": definition.fingerprint}
    return json.dumps({**told, "keys": sorted(_keys(definition))}, ensure_ascii=False, separators=(",", ":"))


def read_identity(stored: str) -> Identity:
    """Read an identity in any of its forms."""
    read: dict[str, Any] = json.loads(stored)
    return Identity(
        read.get("name", ""), read.get("revision", ""), read.get("fingerprint", ""), frozenset(read.get("keys", ()))
    )


def fingerprint(definition: FSMDefinition) -> str:
    """Return a fingerprint of what a definition means, with its sub-machines."""
    canonical = json.dumps(_meaning(definition), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:_LENGTH]


_LENGTH = 16
"""How many hexadecimal digits tell one definition from another."""
_MEANS_NOTHING = frozenset({"metadata", "revision", "migrate", "check", "privileged", "schema_uri", "version"})


def _meaning(value: Any) -> Any:
    """Return a part of a definition as JSON data, without what means nothing or says what goes without saying."""
    match value:
        case Section():
            fields = type(value).model_fields.items()
            told = {name: getattr(value, name) for name, _ in fields if name not in _MEANS_NOTHING}
            defaults = {name: field.get_default() for name, field in fields}
            return {name: _meaning(part) for name, part in told.items() if part != defaults[name]}
        case dict():
            return {key: _meaning(part) for key, part in value.items()}
        case tuple() | list():
            return [_meaning(part) for part in value]
        case float() if value.is_integer():
            return int(value)
    return value


def _keys(definition: FSMDefinition) -> Iterator[str]:
    for prefix, machine in definition.machines():
        yield from (f"{prefix}{key}" for key in machine.known_keys)

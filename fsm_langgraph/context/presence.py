"""Presence: whether the context has a key, as guards and handlers ask for it.

A key counts as present if its value says something: `false` and empty values do not, `0` does. The rule for a value
is `logic.is_present`, since the guards' operator `has_context` needs it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from fsm_langgraph.logic import is_present


def has_key(context: Mapping[str, JsonValue], key: str) -> bool:
    """Say whether a key is present in a context."""
    return is_present(context.get(key))


def missing_keys(context: Mapping[str, JsonValue], keys: Iterable[str]) -> list[str]:
    """Return the keys that are not present in a context, each once, in the order given."""
    return [key for key in dict.fromkeys(keys) if not has_key(context, key)]

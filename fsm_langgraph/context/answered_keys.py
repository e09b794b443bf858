"""Answers: whether a key was written by anyone, be it with `false`, with none or with an empty list.

A value that is not the key's default was written. One that equals it may have been there from the beginning, so the
conversation remembers the keys that were written with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from pydantic import JsonValue

from fsm_langgraph.context.presence import is_there, value_at
from fsm_langgraph.context.values import same


def is_answered(
    context: Mapping[str, JsonValue], path: str, defaults: Mapping[str, JsonValue], written: Set[str]
) -> bool:
    """Say whether a key is answered.

    Args:
        context: The context.
        path: The key, or a path into its value: `address.city`.
        defaults: The values with which a conversation starts.
        written: Keys that were written, of which those count that have their default's value.
    """
    if not is_there(context, path):
        return False
    if not is_there(defaults, path) or not written.isdisjoint((path, path.partition(".")[0])):
        return True
    return not same(value_at(context, path), value_at(defaults, path))


def written_defaults(
    context: Mapping[str, JsonValue], defaults: Mapping[str, JsonValue], written: Iterable[str]
) -> list[str]:
    """Return the keys that were written and have their default's value: of no others it has to be remembered."""
    return sorted({key for key in written if key in defaults and key in context and same(context[key], defaults[key])})

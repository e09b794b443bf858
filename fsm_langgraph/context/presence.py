"""Presence: whether the context has a key, as guards and handlers ask for it.

A key counts as present if its value says something: `false` and empty values do not, `0` does. The rule for a value
is `logic.is_present`, since the guards' operator `has_context` needs it too. A key may be a path with dots, as in
JsonLogic: `address.city`, `pizzas.0`. A key that has the dots in its own name goes before the path. Where it is not
declared what a key holds, the words `no` and `false` are a no, and a no is not present.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from pydantic import JsonValue

from fsm_langgraph.logic import find, is_present


def has_key(context: Mapping[str, JsonValue], path: str, declared: Collection[str] = ()) -> bool:
    """Say whether a key is present in a context, where these are the keys with declarations."""
    value = value_at(context, path)
    is_declared = not isinstance(value, str) or path in declared or path.partition(".")[0] in declared
    return is_present(value, is_declared=is_declared)


def missing_keys(context: Mapping[str, JsonValue], paths: Iterable[str], declared: Collection[str] = ()) -> list[str]:
    """Return the keys that are not present in a context, each once, in the order given; see `has_key`."""
    return [path for path in dict.fromkeys(paths) if not has_key(context, path, declared)]


def value_at(context: Mapping[str, JsonValue], path: str) -> JsonValue:
    """Return the value of a key in a context; null where there is none."""
    if path in context or "." not in path:
        return context.get(path)
    found: JsonValue = find(context, path)
    return found


def is_there(context: Mapping[str, JsonValue], path: str) -> bool:
    """Say whether a context has a key, be its value null."""
    return path in context or ("." in path and find(context, path, _NOWHERE) is not _NOWHERE)


_NOWHERE = object()

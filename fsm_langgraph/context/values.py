"""The values that a key of the context may hold: JSON, of its declared type, in its declared limits.

A value is coerced where its meaning is plain ("30" is 30, "Large" is the choice "large") and refused with a
reason where it is not. What comes out survives every serialiser: finite numbers, integers of 64 bits, whole
characters, bounded depth and size; and coercing it again changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.context.coercions import COERCIONS
from fsm_langgraph.context.json_values import check_size, plain
from fsm_langgraph.data.formats import FORMATS, has_format
from fsm_langgraph.data.patterns import has_pattern
from fsm_langgraph.data.shortened import shortened
from fsm_langgraph.definition import ContextKey


def coerce(value: Any, declaration: ContextKey | None) -> JsonValue:
    """Return the value in its declared type; raise `ValueError` with the reason where it does not fit.

    The reason is the end of the sentence "its value …".
    """
    fitted: JsonValue = _fit(plain(value), declaration)
    check_size(fitted)
    return fitted


def fits(value: Any, declaration: ContextKey | None) -> bool:
    """Say whether a value can be stored under a key as it is."""
    try:
        return same(coerce(value, declaration), value)
    except ValueError:
        return False


def same(one: Any, other: Any) -> bool:
    """Compare as JSON does: unlike in Python, `1` is not `true`."""
    if one is other:
        return True
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def identity(value: JsonValue) -> Hashable:
    """Return what is equal for values that are the `same`, and for no others: with it many are compared at once."""
    match value:
        case list():
            return "list", tuple(map(identity, value))
        case dict():
            return "object", frozenset((name, identity(each)) for name, each in value.items())
        case bool():
            return "boolean", value
    return value


def _fit(value: Any, declaration: ContextKey | None) -> Any:
    if declaration is None or (declaration.type is None and declaration.enum is None):
        value = _BARE_WORDS.get(value.strip().lower(), value) if isinstance(value, str) else value
    if declaration is None:
        return value
    if declaration.type is not None:
        value = COERCIONS[declaration.type](value)
    if isinstance(value, list) and declaration.items is not None:
        value = _fit_items(value, declaration.items)
    if declaration.enum is not None:
        value = _member(value, declaration.enum)
    if isinstance(value, str):
        _check_string(value, declaration)
    if isinstance(value, int | float) and not isinstance(value, bool):
        _check_number(value, declaration)
    return value


_BARE_WORDS: dict[str, JsonValue] = {"true": True, "false": False}
"""Words that a model writes for booleans where no type is declared; "false" must not count as present."""


def _fit_items(items: list[Any], declaration: ContextKey) -> list[Any]:
    try:
        return [_fit(item, declaration) for item in items]
    except ValueError as error:
        raise ValueError(f"has an item that {error}") from error


def _member(value: Any, allowed: tuple[JsonValue, ...]) -> JsonValue:
    for choice in allowed[allowed.index(value) :] if value in allowed else ():
        if same(value, choice):
            return choice
    if isinstance(value, str):
        for choice in allowed:
            written = choice if isinstance(choice, str) else json.dumps(choice)
            if written.casefold() == value.strip().casefold():
                return choice
    listed = ", ".join(json.dumps(choice, ensure_ascii=False) for choice in allowed[:_CHOICES_TOLD])
    raise ValueError(f"is not one of {shortened(listed, _LONGEST_LIST)}{_others(len(allowed) - _CHOICES_TOLD)}")


def _others(count: int) -> str:
    return f" or {count:,} others" if count > 0 else ""


_CHOICES_TOLD = 100
_LONGEST_LIST = 2_000
"""How many characters of an enum's choices a reason tells: it stands in the next prompt, and in the record."""


def _check_string(value: str, declaration: ContextKey) -> None:
    if declaration.format is not None and not has_format(value, declaration.format):
        raise ValueError(f"is not {FORMATS[declaration.format]}")
    if declaration.pattern is not None and not has_pattern(value, declaration.pattern):
        raise ValueError(f"does not match the pattern {declaration.pattern}")


def _check_number(value: int | float, declaration: ContextKey) -> None:
    if declaration.minimum is not None and value < declaration.minimum:
        raise ValueError(f"is below {declaration.minimum}")
    if declaration.maximum is not None and value > declaration.maximum:
        raise ValueError(f"is above {declaration.maximum}")

"""The values that a key of the context may hold: JSON, of its declared type, in its declared limits.

A value is coerced where its meaning is plain ("30" is 30, "Large" is the choice "large") and refused with a
reason where it is not. What comes out survives every serialiser: finite numbers, integers of 64 bits, whole
characters, bounded depth and size; and coercing it again changes nothing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.data.composition import composed
from fsm_langgraph.data.formats import FORMATS, has_format
from fsm_langgraph.data.patterns import has_pattern
from fsm_langgraph.data.shortened import shortened
from fsm_langgraph.data.surrogates import mended
from fsm_langgraph.definition import ContextKey

MAX_DEPTH = 32
"""How deep a value may nest; deeper ones come from no honest writer and break serialisers."""
_TOO_DEEP = f"nests deeper than {MAX_DEPTH} levels"
MAX_ITEMS = 100_000
"""How many values one value may hold in all; a few lists that hold each other can stand for billions."""


def coerce(value: Any, declaration: ContextKey | None) -> JsonValue:
    """Return the value in its declared type; raise `ValueError` with the reason where it does not fit.

    The reason is the end of the sentence "its value …".
    """
    fitted: JsonValue = _fit(_plain(value), declaration)
    _check_size(fitted)
    return fitted


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
        value = _COERCIONS[declaration.type](value)
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


def _plain(value: Any) -> Any:
    """Return the value as JSON of Python's own types, or say why JSON cannot hold it."""
    _check_size(value)
    return _copy(value)


def _check_size(value: Any) -> None:
    level, depth, count = [value], 0, 0
    while level:
        depth += 1
        if depth > MAX_DEPTH + 1:
            raise ValueError(_TOO_DEEP)
        below: list[Any] = []
        for holder in level:
            if isinstance(holder, dict | list | tuple):
                count += len(holder)
                if count > MAX_ITEMS:
                    raise ValueError(f"holds more than {MAX_ITEMS:,} values")
                below += _held(holder)
        level = below


def _held(holder: Any) -> Iterable[Any]:
    return holder.values() if isinstance(holder, dict) else holder


def _copy(value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case int():
            if not -(2**63) <= value < 2**64:
                raise ValueError("is too large a number")
            return int(value)
        case float():
            if not math.isfinite(value):
                raise ValueError("is not a finite number")
            return float(value)
        case str():
            return composed(mended(str.__str__(value)))
        case list() | tuple():
            return [_copy(item) for item in value]
        case dict():
            if not all(isinstance(key, str) for key in value):
                raise ValueError("has names that are not text")
            return {_copy(key): _copy(item) for key, item in value.items()}
    raise ValueError(f"is a Python {type(value).__name__}, which JSON cannot hold")


def _to_string(value: Any) -> str:
    if isinstance(value, str):
        if not value.strip():
            raise ValueError("is empty")
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError("is not a text")


def _to_number(value: Any) -> int | float:
    if isinstance(value, str):
        value = _plain(numeral(value.strip()))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is not a number")
    return value


def numeral(text: str, *, allow_ambiguous: bool = False) -> int | float:
    """Read a number, whose digits may be grouped in threes by commas.

    Args:
        text: The number's digits.
        allow_ambiguous: Whether to read "1.000" as one; half the world writes a thousand so.

    Raises:
        ValueError: It is no number, or can be read as two; the text is the end of the sentence "its value …".
    """
    if len(text) > _MAX_DIGITS:  # before any pattern, some of which would take long
        raise ValueError("is not a number")
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if _AMBIGUOUS.fullmatch(text) and not allow_ambiguous:
        whole, decimal = text.replace(".", ""), f"{text[:-1]}" if text.endswith("0") else f"{text}0"
        raise ValueError(f"can be read in two ways; written as {whole} or {decimal} it is clear")
    if not _DECIMAL.fullmatch(text):
        raise ValueError("is not a number")
    if text.lstrip("+-").isdecimal():
        return int(text)
    number = float(text)
    return int(number) if number.is_integer() and abs(number) <= 2**53 else number


_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_MAX_DIGITS = 400


def _to_integer(value: Any) -> int:
    number = _to_number(value)
    if isinstance(number, float) and not number.is_integer():
        raise ValueError("is not a whole number")
    return int(_plain(int(number)))


def _to_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else value
    if word in ("true", "yes", "y", "1", 1):
        return True
    if word in ("false", "no", "n", "0", 0):
        return False
    raise ValueError("is not true or false")


def _to_array(value: Any) -> list[Any]:
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _parsed(value)
    if isinstance(value, list):
        return value
    if value is None or isinstance(value, dict):
        raise ValueError("is not a list")
    if isinstance(value, str) and not value.strip():
        raise ValueError("is empty")
    return [value]


def _to_object(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        value = _parsed(value)
    if not isinstance(value, dict):
        raise ValueError("is not an object")
    return value


def _parsed(text: str) -> Any:
    try:
        value = json.loads(text)
    except RecursionError:  # how deep that is differs between versions of Python
        raise ValueError(_TOO_DEEP) from None
    except ValueError:
        raise ValueError("is not valid JSON") from None
    return _plain(value)


_COERCIONS: dict[str, Callable[[Any], Any]] = {
    "string": _to_string,
    "number": _to_number,
    "integer": _to_integer,
    "boolean": _to_boolean,
    "array": _to_array,
    "object": _to_object,
}


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

"""Coercions of a JSON value on its own, as JavaScript has them: its truth, its text, its number.

Every function takes any value; what is not JSON (a date, say) counts as an object without members, and
nothing of it is called. A number that could not be made is `NAN`. It lives only between two operators: lists
and results have null in its place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fsm_langgraph.logic.limits import MAX_DEPTH, MAX_INTEGER, MAX_NUMERAL, MAX_TEXT, LimitReached, Meter

NAN = math.nan
LISTS = (list, tuple)
NUMBERS = (int, float)

Number = int | float


def truthy(value: Any) -> bool:
    """Say whether a guard with this result holds: `[]`, `0`, `""` and null do not, `{}` and `"0"` do."""
    if value is True or value is False:
        return value
    if isinstance(value, _SEQUENCES):
        return len(value) > 0
    if isinstance(value, NUMBERS):
        return value != 0 and value == value
    return value is not None


def is_present(value: Any, *, is_declared: bool = True) -> bool:
    """Say whether a key with this value counts as given: it is not null, `""`, `[]`, `{}` or false; 0 is.

    Args:
        value: The value.
        is_declared: Whether it is declared what the value may be; where it is not, `no` and `false` mean false.
    """
    if value is None or value is False or (not is_declared and isinstance(value, str) and value in _DENIALS):
        return False
    return len(value) > 0 if isinstance(value, (*_SEQUENCES, Mapping)) else True


def plain(value: Any) -> Any:
    """Return the value as JSON has it: null for what is not a number."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def text(value: Any, meter: Meter) -> str:
    """Write a value as JavaScript's `String` does, but null as the empty text, as inside a list."""
    return _joined(value, meter, 0) if isinstance(value, LISTS) else _atom(value)


def number(value: Any, meter: Meter) -> Number:
    """Read a value as JavaScript's `Number` does, but null as no number."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, NUMBERS):
        return _within_range(value)
    if isinstance(value, LISTS):
        value = text(value, meter)
    if not isinstance(value, str) or len(value) > MAX_NUMERAL:
        return NAN
    digits = value.strip(_SPACE)
    if not digits:
        return 0
    if _DECIMAL.fullmatch(digits):
        return _read(digits)
    return _within_range(int(digits, 0)) if _PREFIXED.fullmatch(digits) else NAN


def leading_number(value: Any, meter: Meter) -> Number:
    """Read the number that a value's text begins with, as JavaScript's `parseFloat` does."""
    if isinstance(value, NUMBERS) and not isinstance(value, bool):
        return _within_range(value)
    found = _DECIMAL.match(text(value, meter).lstrip(_SPACE)[:MAX_NUMERAL])
    return _read(found[0]) if found else NAN


def settled(value: Number) -> Number:
    """Return the outcome of a calculation: an integer where it is whole, `NAN` where it is too large."""
    value = _within_range(value)
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        return int(value)
    return value


_SEQUENCES = (str, list, tuple)
_DENIALS = ("no", "false")

_SPACE = (
    " \t\n\v\f\r\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_PREFIXED = re.compile(r"0(?:x[\da-f]+|o[0-7]+|b[01]+)", re.ASCII | re.IGNORECASE)


def _within_range(value: Number) -> Number:
    if isinstance(value, int):
        return value if -MAX_INTEGER < value < MAX_INTEGER else NAN
    return value if math.isfinite(value) else NAN


def _read(digits: str) -> Number:
    if digits.lstrip("+-").isdecimal():
        return _within_range(int(digits))
    return settled(float(digits))


def _joined(items: list[Any] | tuple[Any, ...], meter: Meter, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise LimitReached
    meter.spend(len(items))
    parts: list[str] = []
    length = 0
    for item in items:
        part = _joined(item, meter, depth + 1) if isinstance(item, LISTS) else _atom(item)
        length += len(part) + 1
        if length > MAX_TEXT:
            raise LimitReached
        parts.append(part)
    meter.spend_text(length)
    return ",".join(parts)


def _atom(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _numeral(value) if isinstance(value, NUMBERS) else "[object Object]"


def _numeral(value: Number) -> str:
    value = settled(value)
    if value != value:
        return "NaN"
    if isinstance(value, int) and abs(value) < 10**21:
        return str(value)
    shortest = repr(float(value))
    if 1e-6 <= abs(value) < 1e21:
        return format(Decimal(shortest), "f")
    mantissa, _, exponent = shortest.partition("e")
    return f"{mantissa}e{int(exponent):+d}"

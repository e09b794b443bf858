"""When two JSON values are equal, and which comes first, by JavaScript's coercions.

Lists and objects are compared by their members, with a meter in hand and no deeper than `MAX_DEPTH`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fsm_langgraph.logic.coercion import LISTS, NUMBERS, number, text
from fsm_langgraph.logic.limits import MAX_DEPTH, LimitReached, Meter


def strictly_equal(a: Any, b: Any, meter: Meter) -> bool:
    """Say whether `a === b`; two lists, or two objects, when their members are."""
    return _same(a, b, meter, 0)


def loosely_equal(a: Any, b: Any, meter: Meter) -> bool:
    """Say whether `a == b`; two lists, or two objects, when their members are `===`."""
    if a is None or b is None:
        return a is b
    if not isinstance(a, _PRIMITIVES) and not isinstance(b, _PRIMITIVES):
        return _same(a, b, meter, 0)
    a, b = _primitive(a, meter), _primitive(b, meter)
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    return number(a, meter) == number(b, meter)


def less(a: Any, b: Any, meter: Meter) -> bool:
    """Say whether `a < b`; null orders with nothing."""
    if a is None or b is None:
        return False
    a, b = _primitive(a, meter), _primitive(b, meter)
    if isinstance(a, str) and isinstance(b, str):
        return a < b
    return number(a, meter) < number(b, meter)


def at_most(a: Any, b: Any, meter: Meter) -> bool:
    """Say whether `a <= b`; null orders with nothing."""
    if a is None or b is None:
        return False
    a, b = _primitive(a, meter), _primitive(b, meter)
    if isinstance(a, str) and isinstance(b, str):
        return a <= b
    return number(a, meter) <= number(b, meter)


_PRIMITIVES = (str, int, float)


def _primitive(value: Any, meter: Meter) -> Any:
    return value if isinstance(value, _PRIMITIVES) else text(value, meter)


def _same(a: Any, b: Any, meter: Meter, depth: int) -> bool:
    if depth > MAX_DEPTH:
        raise LimitReached
    if isinstance(a, LISTS):
        if not isinstance(b, LISTS) or len(a) != len(b):
            return False
        meter.spend(len(a))
        return all(_same(x, y, meter, depth + 1) for x, y in zip(a, b, strict=True))
    if isinstance(a, Mapping):
        if not isinstance(b, Mapping) or a.keys() != b.keys():
            return False
        meter.spend(len(a))
        return all(_same(x, b[key], meter, depth + 1) for key, x in a.items())
    if isinstance(a, str):
        return isinstance(b, str) and a == b
    if isinstance(a, NUMBERS) and not isinstance(a, bool):
        return isinstance(b, NUMBERS) and not isinstance(b, bool) and a == b
    return a is b

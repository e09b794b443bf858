"""The operators that compare and decide: equality, order, `!`, `!!`, `and`, `or`, `if`.

A guard is mostly `var` against a constant of the same type. That is decided by one operation of Python's; all
the rest goes through `equality.py`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from fsm_langgraph.logic.coercion import truthy
from fsm_langgraph.logic.equality import at_most, less, loosely_equal, strictly_equal
from fsm_langgraph.logic.limits import Meter
from fsm_langgraph.logic.node import Constant, Node

_Same = Callable[[Any, Any], Any]
_General = Callable[[Any, Any, Meter], bool]


def equal(left: Node, right: Node) -> Node:
    """Build `==`."""
    return _compare(left, right, operator.eq, loosely_equal)


def unequal(left: Node, right: Node) -> Node:
    """Build `!=`."""
    return _compare(left, right, operator.ne, lambda a, b, meter: not loosely_equal(a, b, meter))


def identical(left: Node, right: Node) -> Node:
    """Build `===`."""
    return _compare(left, right, operator.eq, strictly_equal)


def different(left: Node, right: Node) -> Node:
    """Build `!==`."""
    return _compare(left, right, operator.ne, lambda a, b, meter: not strictly_equal(a, b, meter))


def greater_than(left: Node, right: Node) -> Node:
    """Build `>`."""
    return _compare(left, right, operator.gt, lambda a, b, meter: less(b, a, meter))


def at_least(left: Node, right: Node) -> Node:
    """Build `>=`."""
    return _compare(left, right, operator.ge, lambda a, b, meter: at_most(b, a, meter))


def less_than(low: Node, middle: Node, high: Node | None = None) -> Node:
    """Build `<`, or "strictly between" for three."""
    return _between(low, middle, high, less) if high else _compare(low, middle, operator.lt, less)


def not_above(low: Node, middle: Node, high: Node | None = None) -> Node:
    """Build `<=`, or "between" for three."""
    return _between(low, middle, high, at_most) if high else _compare(low, middle, operator.le, at_most)


def negation(value: Node) -> Node:
    """Build `!`."""
    return lambda data, meter: not truthy(value(data, meter))


def truth(value: Node) -> Node:
    """Build `!!`."""
    return lambda data, meter: truthy(value(data, meter))


def conjunction(*values: Node) -> Node:
    """Build `and`: the first value that does not hold, or the last."""
    *firsts, last = values

    def every(data: Any, meter: Meter) -> Any:
        for node in firsts:
            value = node(data, meter)
            if value is not True and not truthy(value):
                return value
        return last(data, meter)

    return every


def disjunction(*values: Node) -> Node:
    """Build `or`: the first value that holds, or the last."""
    *firsts, last = values

    def some(data: Any, meter: Meter) -> Any:
        for node in firsts:
            value = node(data, meter)
            if value is True or truthy(value):
                return value
        return last(data, meter)

    return some


def conditional(*values: Node) -> Node:
    """Build `if`: pairs of a condition and a value, then what holds otherwise; null if nothing is left."""
    pairs = list(zip(values[::2], values[1::2], strict=False))
    otherwise = values[-1] if len(values) % 2 else Constant(None)

    def choose(data: Any, meter: Meter) -> Any:
        for condition, value in pairs:
            if truthy(condition(data, meter)):
                return value(data, meter)
        return otherwise(data, meter)

    return choose


def _compare(left: Node, right: Node, same: _Same, general: _General) -> Node:
    """Build a comparison: `same` where both have one simple type, `general` otherwise."""
    if isinstance(right, Constant) and isinstance(right.value, str | int | float):
        return _compare_constant(left, right.value, same, general)

    def compare(data: Any, meter: Meter) -> Any:
        a, b = left(data, meter), right(data, meter)
        kind = type(a)
        if kind is type(b) and kind in (str, int, float, bool):
            return same(a, b)
        return general(a, b, meter)

    return compare


def _compare_constant(left: Node, constant: str | float, same: _Same, general: _General) -> Node:
    kinds = (int, float) if type(constant) in (int, float) else (type(constant),)

    def compare(data: Any, meter: Meter) -> Any:
        value = left(data, meter)
        return same(value, constant) if type(value) in kinds else general(value, constant, meter)

    return compare


def _between(low: Node, middle: Node, high: Node, ordered: _General) -> Node:
    def between(data: Any, meter: Meter) -> bool:
        value = middle(data, meter)
        return ordered(low(data, meter), value, meter) and ordered(value, high(data, meter), meter)

    return between

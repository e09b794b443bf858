"""The operators that calculate: `+ - * / % min max`.

As in the reference, `+` and `*` read the number that a text begins with; for the others the whole text must
be one. Each step is settled, so that no integer grows beyond `MAX_INTEGER`, however often it is multiplied.
"""

from __future__ import annotations

import math
from typing import Any

from fsm_langgraph.logic.coercion import NAN, Number, leading_number, number, settled
from fsm_langgraph.logic.limits import Meter
from fsm_langgraph.logic.node import Node


def addition(*values: Node) -> Node:
    """Build `+`; of one value, its number."""

    def add(data: Any, meter: Meter) -> Number:
        total: Number = 0
        for value in values:
            total = settled(total + leading_number(value(data, meter), meter))
        return total

    return add


def multiplication(*values: Node) -> Node:
    """Build `*`."""

    def multiply(data: Any, meter: Meter) -> Number:
        total: Number = 1
        for value in values:
            total = settled(total * leading_number(value(data, meter), meter))
        return total

    return multiply


def subtraction(left: Node, right: Node | None = None) -> Node:
    """Build `-`; of one value, its negative."""
    if right is None:
        return lambda data, meter: settled(-number(left(data, meter), meter))
    return lambda data, meter: settled(number(left(data, meter), meter) - number(right(data, meter), meter))


def division(left: Node, right: Node) -> Node:
    """Build `/`."""

    def divide(data: Any, meter: Meter) -> Number:
        a, b = number(left(data, meter), meter), number(right(data, meter), meter)
        return settled(a / b) if b else NAN

    return divide


def remainder(left: Node, right: Node) -> Node:
    """Build `%`; the result has the sign of the left side, as in JavaScript."""

    def divide(data: Any, meter: Meter) -> Number:
        a, b = number(left(data, meter), meter), number(right(data, meter), meter)
        if not b:
            return NAN
        if isinstance(a, int) and isinstance(b, int):
            rest = abs(a) % abs(b)
            return -rest if a < 0 else rest
        return settled(math.fmod(a, b))

    return divide


def minimum(*values: Node) -> Node:
    """Build `min`; not a number if one of the values is none."""

    def least(data: Any, meter: Meter) -> Number:
        numbers = [number(value(data, meter), meter) for value in values]
        return NAN if any(n != n for n in numbers) else min(numbers)

    return least


def maximum(*values: Node) -> Node:
    """Build `max`; not a number if one of the values is none."""

    def greatest(data: Any, meter: Meter) -> Number:
        numbers = [number(value(data, meter), meter) for value in values]
        return NAN if any(n != n for n in numbers) else max(numbers)

    return greatest

"""The operators that apply an expression to every item of a list: `map filter reduce all some none`.

The body sees the item as its data, and nothing of the data outside. `weight` is the number of nodes in the
body: a loop pays for all its rounds before the first one, so loops inside loops cannot run away.
"""

from __future__ import annotations

from typing import Any

from fsm_langgraph.logic.coercion import LISTS, plain, truthy
from fsm_langgraph.logic.limits import LimitReached, Meter
from fsm_langgraph.logic.lists import build_list, pay
from fsm_langgraph.logic.node import Constant, Node

_Items = list[Any] | tuple[Any, ...]


def mapping(source: Node, body: Node, *, weight: int) -> Node:
    """Build `map`."""

    def apply(data: Any, meter: Meter) -> list[Any]:
        items = _items(source(data, meter), weight, meter)
        return build_list([body(item, meter) for item in items], meter)

    return apply


def selection(source: Node, body: Node, *, weight: int) -> Node:
    """Build `filter`."""

    def select(data: Any, meter: Meter) -> list[Any]:
        items = _items(source(data, meter), weight, meter)
        return [item for item in items if truthy(body(item, meter))]

    return select


def reduction(source: Node, body: Node, initial: Node = Constant(None), *, weight: int) -> Node:  # noqa: B008  # never changed
    """Build `reduce`: the body sees `current` and `accumulator`, and gives the next accumulator."""

    def reduce(data: Any, meter: Meter) -> Any:
        total = plain(initial(data, meter))
        for item in _items(source(data, meter), weight, meter):
            total = plain(body({"current": item, "accumulator": total}, meter))
            if isinstance(total, dict):  # it may hold the accumulator before it, and so on
                pay(total, meter)
        return total

    return reduce


def universal(source: Node, body: Node, *, weight: int) -> Node:
    """Build `all`; an empty list gives false."""

    def every(data: Any, meter: Meter) -> bool:
        items = _items(source(data, meter), weight, meter)
        return len(items) > 0 and all(truthy(body(item, meter)) for item in items)

    return every


def existential(source: Node, body: Node, *, weight: int) -> Node:
    """Build `some`."""

    def some(data: Any, meter: Meter) -> bool:
        return any(truthy(body(item, meter)) for item in _items(source(data, meter), weight, meter))

    return some


def absence(source: Node, body: Node, *, weight: int) -> Node:
    """Build `none`."""

    def none(data: Any, meter: Meter) -> bool:
        return not any(truthy(body(item, meter)) for item in _items(source(data, meter), weight, meter))

    return none


def _items(value: Any, weight: int, meter: Meter) -> _Items:
    if not isinstance(value, LISTS):
        return ()
    if len(value) * weight > meter.left:
        raise LimitReached
    meter.spend(len(value) * weight)
    return value

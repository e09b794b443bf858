"""New lists, and what they cost.

A new list shares its values with the data, so a few of them, put together again and again, could stand for a
document without end. Its price is therefore that of the whole document, and no deeper than `MAX_DEPTH`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fsm_langgraph.logic.coercion import LISTS, plain
from fsm_langgraph.logic.limits import MAX_DEPTH, MAX_ITEMS, LimitReached, Meter


def build_list(items: list[Any], meter: Meter) -> list[Any]:
    """Return the items as a list that JSON can hold, after paying for it."""
    if len(items) > MAX_ITEMS:
        raise LimitReached
    pay(items, meter)
    return [plain(item) for item in items]


def pay(value: list[Any] | Mapping[str, Any], meter: Meter) -> None:
    """Spend a step for every value inside a value that something new is made of, level by level."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for container in level:
            items = container.values() if isinstance(container, Mapping) else container
            meter.spend(len(items))
            for item in items:
                if isinstance(item, str):
                    meter.spend_text(len(item))
                elif isinstance(item, LISTS) or (not isinstance(item, _SCALARS) and isinstance(item, Mapping)):
                    below.append(item)
        if not below:
            return
        level = below
    raise LimitReached


_SCALARS = (int, float, type(None))

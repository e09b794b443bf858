"""New lists, and what they cost.

A new list shares its values with the data, so a few of them, put together again and again, could stand for a
document without end. Its price is therefore that of the whole document, and no deeper than `MAX_DEPTH`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fsm_langgraph.logic.limits import MAX_DEPTH, MAX_ITEMS, LimitReached, Meter, text_steps
from fsm_langgraph.logic.values import LISTS, plain


def build_list(items: list[Any], meter: Meter) -> list[Any]:
    """Return the items as a list that JSON can hold, after paying for it."""
    if len(items) > MAX_ITEMS:
        raise LimitReached
    pay(items, meter)
    return [plain(item) for item in items]


def pay(value: Any, meter: Meter, depth: int = 0) -> None:
    """Spend a step for every value inside a value that something new is made of."""
    if isinstance(value, str):
        meter.spend(text_steps(len(value)))
    elif isinstance(value, (*LISTS, Mapping)):
        if depth > MAX_DEPTH:
            raise LimitReached
        meter.spend(len(value))
        for item in value.values() if isinstance(value, Mapping) else value:
            pay(item, meter, depth + 1)

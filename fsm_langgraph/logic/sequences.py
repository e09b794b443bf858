"""The operators on text and lists: `in contains cat substr merge`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from fsm_langgraph.logic.coercion import LISTS, number, text
from fsm_langgraph.logic.equality import strictly_equal
from fsm_langgraph.logic.limits import MAX_ITEMS, MAX_TEXT, LimitReached, Meter
from fsm_langgraph.logic.lists import build_list
from fsm_langgraph.logic.node import Node


def membership(needle: Node, haystack: Node) -> Node:
    """Build `in`: an item of a list by `===`, or a part of a string."""
    return lambda data, meter: holds(haystack(data, meter), needle(data, meter), meter)


def containment(haystack: Node, needle: Node) -> Node:
    """Build `contains`: `in` with its sides exchanged, and a key of an object."""

    def contains(data: Any, meter: Meter) -> bool:
        holder, wanted = haystack(data, meter), needle(data, meter)
        if isinstance(holder, Mapping):
            return isinstance(wanted, str) and wanted in holder
        return holds(holder, wanted, meter)

    return contains


def concatenation(*values: Node) -> Node:
    """Build `cat`."""

    def join(data: Any, meter: Meter) -> str:
        parts: list[str] = []
        total = 0
        for value in values:
            part = text(value(data, meter), meter)
            total += len(part)
            if total > MAX_TEXT:
                raise LimitReached
            parts.append(part)
        meter.spend_text(total)
        return "".join(parts)

    return join


def substring(source: Node, start: Node, length: Node | None = None) -> Node:
    """Build `substr`: from a position, negative from the end; a negative length leaves so many off."""

    def cut(data: Any, meter: Meter) -> str:
        rest = text(source(data, meter), meter)
        first = _whole(start(data, meter), meter)
        rest = rest[first:] if first >= 0 else rest[max(len(rest) + first, 0) :]
        if length is not None:
            rest = rest[: _whole(length(data, meter), meter)]
        if len(rest) > MAX_TEXT:
            raise LimitReached
        meter.spend_text(len(rest))
        return rest

    return cut


def merging(*values: Node) -> Node:
    """Build `merge`: one list of all items; what is no list counts as one item."""

    def merge(data: Any, meter: Meter) -> list[Any]:
        items: list[Any] = []
        for node in values:
            value = node(data, meter)
            items += value if isinstance(value, LISTS) else [value]
            if len(items) > MAX_ITEMS:
                raise LimitReached
        return build_list(items, meter)

    return merge


def holds(haystack: Any, needle: Any, meter: Meter) -> bool:
    """Say whether a list has the item, or a string the part."""
    if isinstance(haystack, str):
        if needle is None or haystack == "":
            return False
        meter.spend_text(len(haystack))
        return text(needle, meter) in haystack
    if not isinstance(haystack, LISTS):
        return False
    meter.spend(len(haystack))
    if isinstance(needle, str):
        return needle in haystack
    return any(strictly_equal(item, needle, meter) for item in haystack)


def _whole(value: Any, meter: Meter) -> int:
    position = number(value, meter)
    return math.trunc(position) if position == position else 0

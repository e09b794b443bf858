"""Paths on shapes: what a name leads to in the context, and the steps of a path within a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fsm_langgraph.checking.proving.context_cases import ContextCases
from fsm_langgraph.checking.proving.shapes import (
    NOWHERE,
    Cases,
    Exact,
    Quantity,
    Shape,
    SomeList,
    SomeObject,
    SomeText,
    Unclear,
    gathered,
    under,
)
from fsm_langgraph.checking.proving.terms import TRUE
from fsm_langgraph.logic.access import find
from fsm_langgraph.logic.coercion import text
from fsm_langgraph.logic.limits import Meter

WHOLE = "the whole context"


def at_path(known: ContextCases, name: str) -> Cases:
    """Return what a path leads to in the context."""
    first, *steps = name.split(".")
    return _at(known, known.of_key(first), steps)


def read_name(known: ContextCases, name: Shape) -> Cases:
    """Return what a name leads to in the context."""
    if not isinstance(name, Exact):
        return ((TRUE, Unclear(f"var({name.name})", "var with a computed name")),)
    if name.value is None or name.value == "":
        return ((TRUE, Unclear(WHOLE, f"{{'var': ''}}, {WHOLE}")),)
    return at_path(known, text(name.value, Meter()))


def _at(known: ContextCases, cases: Cases, steps: Sequence[str]) -> Cases:
    """Return what a path leads to; `NOWHERE` where it leads nowhere."""
    for step in steps:
        cases = gathered(case for term, shape in cases for case in under(term, _step(known, shape, step)))
    return cases


def _step(known: ContextCases, shape: Shape, step: str) -> Cases:
    match shape:
        case Exact(value):
            return ((TRUE, Exact(_member(value, step))),)
        case SomeObject():
            return known.of_member(shape, step)
        case SomeList() | SomeText() if step == "length":
            return ((TRUE, Quantity(known.length(shape), is_whole=True)),)
        case SomeList() if _is_index(step):
            return known.of_item(shape, int(step))
        case SomeList():
            return _NOWHERE
        case SomeText() if not _is_index(step):
            return _NOWHERE
        case Quantity():
            return _NOWHERE
    return ((TRUE, Unclear(f"{shape.name}.{step}", "var")),)


def _member(value: Any, step: str) -> Any:
    """Return a member, an item or the length of a value as `var` does."""
    return NOWHERE if value is NOWHERE else find(value, step, NOWHERE)


def _is_index(step: str) -> bool:
    """Say whether a step of a path can be the position of an item."""
    return step == "0" or (len(step) < _LONGEST_INDEX and step.isascii() and step.isdecimal() and step[0] != "0")


_LONGEST_INDEX = 10
_NOWHERE: Cases = ((TRUE, Exact(NOWHERE)),)

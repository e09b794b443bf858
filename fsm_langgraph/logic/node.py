"""Nodes: the functions of data and meter to which an expression is compiled, one for each operator in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fsm_langgraph.logic.limits import Meter
from fsm_langgraph.logic.lists import build_list

Node = Callable[[Any, Meter], Any]


class Constant:
    """A node that gives the same value for any data, so that builders can look at it beforehand."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, data: Any, meter: Meter) -> Any:  # noqa: ARG002, D102  # it stands where a node stands
        return self.value


def list_node(items: list[Node]) -> Node:
    """Build the list of what these give."""

    def literal(data: Any, meter: Meter) -> Any:
        return build_list([item(data, meter) for item in items], meter)

    return literal

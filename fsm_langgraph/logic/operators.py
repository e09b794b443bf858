"""The whitelist: every operator, how many arguments it takes, and what builds it.

`contains`, `has_context` and `context_length` are LLM-FSM's; all others are JsonLogic's. Its `log` is left
out, and so is `method`, with which some implementations call anything by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fsm_langgraph.logic import access, arithmetic, comparison, iteration, sequences
from fsm_langgraph.logic.node import Node


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator."""

    fewest: int
    """How many arguments it takes at least."""
    most: int | None
    """How many arguments it takes at most; `None` for any number."""
    build: Callable[..., Node]
    """Makes its node from the nodes of its arguments."""
    reads_data: bool = False
    """Whether its value depends on the data, even if its arguments do not."""
    loops: bool = False
    """Whether its second argument sees the items of its first as data; the builder takes its `weight`."""
    asks_presence: bool = False
    """Whether it asks for presence, which depends on the keys that are declared; the builder takes them."""


OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "==": Operator(2, 2, comparison.equal),
        "===": Operator(2, 2, comparison.identical),
        "!=": Operator(2, 2, comparison.unequal),
        "!==": Operator(2, 2, comparison.different),
        ">": Operator(2, 2, comparison.greater_than),
        ">=": Operator(2, 2, comparison.at_least),
        "<": Operator(2, 3, comparison.less_than),
        "<=": Operator(2, 3, comparison.not_above),
        "!": Operator(1, 1, comparison.negation),
        "!!": Operator(1, 1, comparison.truth),
        "and": Operator(1, None, comparison.conjunction),
        "or": Operator(1, None, comparison.disjunction),
        "if": Operator(0, None, comparison.conditional),
        "?:": Operator(3, 3, comparison.conditional),
        "var": Operator(0, 2, access.variable, reads_data=True),
        "missing": Operator(0, None, access.missing, reads_data=True),
        "missing_some": Operator(2, 2, access.missing_some, reads_data=True),
        "has_context": Operator(1, 2, access.has_context, reads_data=True, asks_presence=True),
        "context_length": Operator(1, 2, access.context_length, reads_data=True),
        "in": Operator(2, 2, sequences.membership),
        "contains": Operator(2, 2, sequences.containment),
        "cat": Operator(0, None, sequences.concatenation),
        "substr": Operator(2, 3, sequences.substring),
        "merge": Operator(0, None, sequences.merging),
        "+": Operator(1, None, arithmetic.addition),
        "-": Operator(1, 2, arithmetic.subtraction),
        "*": Operator(1, None, arithmetic.multiplication),
        "/": Operator(2, 2, arithmetic.division),
        "%": Operator(2, 2, arithmetic.remainder),
        "min": Operator(1, None, arithmetic.minimum),
        "max": Operator(1, None, arithmetic.maximum),
        "map": Operator(2, 2, iteration.mapping, loops=True),
        "filter": Operator(2, 2, iteration.selection, loops=True),
        "reduce": Operator(2, 3, iteration.reduction, loops=True),
        "all": Operator(2, 2, iteration.universal, loops=True),
        "some": Operator(2, 2, iteration.existential, loops=True),
        "none": Operator(2, 2, iteration.absence, loops=True),
    }
)
"""Every operator by its name."""

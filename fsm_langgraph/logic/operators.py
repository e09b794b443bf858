"""The whitelist: every operator, how many arguments it takes, what builds it, and what it means.

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
    meaning: str
    """The text that an editor shows beside it."""
    reads_data: bool = False
    """Whether its value depends on the data, even if its arguments do not."""
    loops: bool = False
    """Whether its second argument sees the items of its first as data; the builder takes its `weight`."""
    asks_presence: bool = False
    """Whether it asks for presence, which depends on the keys that are declared; the builder takes them."""


OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "==": Operator(2, 2, comparison.equal, "Equal, as in JavaScript."),
        "===": Operator(2, 2, comparison.identical, "Equal, and of the same type."),
        "!=": Operator(2, 2, comparison.unequal, "Not equal, as in JavaScript."),
        "!==": Operator(2, 2, comparison.different, "Not equal, or not of the same type."),
        ">": Operator(2, 2, comparison.greater_than, "Greater."),
        ">=": Operator(2, 2, comparison.at_least, "Greater or equal."),
        "<": Operator(2, 3, comparison.less_than, "Less; with three arguments, between."),
        "<=": Operator(2, 3, comparison.not_above, "Less or equal; with three arguments, between."),
        "!": Operator(1, 1, comparison.negation, "Not truthy."),
        "!!": Operator(1, 1, comparison.truth, "Truthy."),
        "and": Operator(1, None, comparison.conjunction, "The first argument that is not truthy, or the last."),
        "or": Operator(1, None, comparison.disjunction, "The first argument that is truthy, or the last."),
        "if": Operator(
            0,
            None,
            comparison.conditional,
            "Condition, value, further conditions and values, and what holds otherwise.",
        ),
        "?:": Operator(3, 3, comparison.conditional, "The same as `if`."),
        "var": Operator(
            0,
            2,
            access.variable,
            "The value at a path in the context, such as `customer.status`; or else the second argument.",
            reads_data=True,
        ),
        "missing": Operator(0, None, access.missing, "Those of these keys that the context lacks.", reads_data=True),
        "missing_some": Operator(
            2,
            2,
            access.missing_some,
            "The keys that are missing if fewer than so many of these are there.",
            reads_data=True,
        ),
        "has_context": Operator(
            1,
            2,
            access.has_context,
            "Whether a key is present in the context, or in the value that stands before it.",
            reads_data=True,
            asks_presence=True,
        ),
        "context_length": Operator(
            1,
            2,
            access.context_length,
            "How long the value of a key is, in the context or in the value that stands before it.",
            reads_data=True,
        ),
        "in": Operator(2, 2, sequences.membership, "Whether a text or a list holds a value: value first."),
        "contains": Operator(2, 2, sequences.containment, "Whether a text or a list holds a value: value last."),
        "cat": Operator(0, None, sequences.concatenation, "The arguments as one text."),
        "substr": Operator(2, 3, sequences.substring, "Part of a text: from where, and how much."),
        "merge": Operator(0, None, sequences.merging, "The arguments as one list."),
        "+": Operator(1, None, arithmetic.addition, "Sum; with one argument, its number."),
        "-": Operator(1, 2, arithmetic.subtraction, "Difference; with one argument, its negative."),
        "*": Operator(1, None, arithmetic.multiplication, "Product."),
        "/": Operator(2, 2, arithmetic.division, "Quotient."),
        "%": Operator(2, 2, arithmetic.remainder, "Remainder."),
        "min": Operator(1, None, arithmetic.minimum, "The smallest."),
        "max": Operator(1, None, arithmetic.maximum, "The largest."),
        "map": Operator(2, 2, iteration.mapping, "A list with each item put through an expression.", loops=True),
        "filter": Operator(2, 2, iteration.selection, "The items of a list for which an expression holds.", loops=True),
        "reduce": Operator(
            2, 3, iteration.reduction, "One value made from a list, with `current` and `accumulator`.", loops=True
        ),
        "all": Operator(
            2, 2, iteration.universal, "Whether an expression holds for every item of a list that has some.", loops=True
        ),
        "some": Operator(2, 2, iteration.existential, "Whether an expression holds for an item of a list.", loops=True),
        "none": Operator(2, 2, iteration.absence, "Whether an expression holds for no item of a list.", loops=True),
    }
)
"""Every operator by its name."""

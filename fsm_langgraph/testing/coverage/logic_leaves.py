"""The leaves of a condition's logic: what `and`, `or`, `!` and `if` join, each to be seen true and false.

    {"and": [{"==": [{"var": "kind"}, "card"]}, {">": [{"var": "total"}, 100]}]}
        and[0]   kind == "card"
        and[1]   total > 100

A leaf counts where it decided something: it is evaluated as the guard does it, from left to right, and what `and`, `or`
and `if` do not come to is not seen. To evaluate every leaf would count `total > 100` as false in each conversation
without a card, though no scenario had tried it. A loop (`all`, `some`, …) is one leaf, since its body sees items and
not the context. What reads nothing has no two outcomes, so it is no leaf.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.logic import compile_logic, truthy, variables
from fsm_langgraph.logic.expression import read_operation

Note = Callable[[str, bool], None]
"""Is told of a leaf that was evaluated, by its place, and whether it held."""
Tree = Callable[[Mapping[str, JsonValue], Note], bool]
"""Evaluates a part of the logic on a context, and notes its leaves on the way."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part of some logic that has no part which is true or false by itself."""

    place: str
    """Its path in the logic: `and[1]`; empty where it is the whole."""
    text: str
    """The leaf as people write it: `total > 100`."""


@dataclass(frozen=True, slots=True)
class Leaves:
    """The leaves of an expression, in its order, and how they are evaluated."""

    leaves: tuple[Leaf, ...]
    evaluate: Tree


def find_leaves(logic: JsonValue, declared: Collection[str] = ()) -> Leaves:
    """Find the leaves of an expression that has no problems.

    Args:
        logic: The expression.
        declared: The keys that the definition declares.
    """
    found: list[Leaf] = []
    tree = _grow(logic, "", declared, found)
    return Leaves(tuple(found), tree)


def _grow(expression: JsonValue, place: str, declared: Collection[str], found: list[Leaf]) -> Tree:
    operation = read_operation(expression)
    if operation is not None and operation.name in _JOINING:
        name = operation.name
        parts = [
            _grow(argument, f"{place}.{name}[{index}]".removeprefix("."), declared, found)
            for index, argument in enumerate(operation.arguments)
        ]
        return _JOINING[name](parts)
    holds = compile_logic(expression, declared=declared)
    if not variables(expression):
        return lambda context, _: truthy(holds(context))
    found.append(Leaf(place, _written(expression)))

    def evaluate(context: Mapping[str, JsonValue], note: Note) -> bool:
        is_true = truthy(holds(context))
        note(place, is_true)
        return is_true

    return evaluate


def _conjunction(parts: list[Tree]) -> Tree:
    return lambda context, note: all(part(context, note) for part in parts)


def _disjunction(parts: list[Tree]) -> Tree:
    return lambda context, note: any(part(context, note) for part in parts)


def _negation(parts: list[Tree]) -> Tree:
    [part] = parts
    return lambda context, note: not part(context, note)


def _truth(parts: list[Tree]) -> Tree:
    return parts[0]


def _conditional(parts: list[Tree]) -> Tree:
    pairs = [*zip(parts[::2], parts[1::2], strict=False)]
    otherwise = parts[-1] if len(parts) % 2 else None

    def choose(context: Mapping[str, JsonValue], note: Note) -> bool:
        for condition, value in pairs:
            if condition(context, note):
                return value(context, note)
        return otherwise is not None and otherwise(context, note)

    return choose


_JOINING: dict[str, Callable[[list[Tree]], Tree]] = {
    "and": _conjunction,
    "or": _disjunction,
    "!": _negation,
    "!!": _truth,
    "if": _conditional,
    "?:": _conditional,
}
"""The operators whose arguments are true or false by themselves, where they stand for a truth."""

_INFIX = frozenset(("==", "===", "!=", "!==", ">", ">=", "<", "<=", "in", "+", "-", "*", "/", "%"))


def _written(expression: Any) -> str:
    """Write an expression as people do, as far as that is plain."""
    operation = read_operation(expression)
    if operation is None:
        return json.dumps(expression, ensure_ascii=False)
    name, arguments = operation
    if name == "var" and len(arguments) == 1 and isinstance(arguments[0], str) and arguments[0]:
        return arguments[0]
    written = [_written(argument) for argument in arguments]
    if name in _INFIX and len(written) > 1:
        return f" {name} ".join(written)
    return f"{name}({', '.join(written)})"

"""From an expression to a function of the data.

Compiling walks the expression once, after `check_logic` has found nothing, so no closure looks at its shape
again. What does not depend on the data is computed here.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from typing import Any, Literal

from pydantic import JsonValue

from fsm_langgraph.errors import LogicError
from fsm_langgraph.logic.coercion import plain
from fsm_langgraph.logic.expression import count_nodes, in_one_name, read_operation
from fsm_langgraph.logic.limits import LimitReached, Meter
from fsm_langgraph.logic.node import Constant, Node, list_node
from fsm_langgraph.logic.operators import OPERATORS
from fsm_langgraph.logic.validation import check_logic

Engine = Literal["closures", "json-logic-qubit"]
"""The evaluator: this package, or the library of that name behind the same whitelist."""


def compile_logic(
    expression: JsonValue, *, engine: Engine = "closures", declared: Collection[str] = ()
) -> Callable[[Any], Any]:
    """Compile a JsonLogic expression to a function from data to its value.

    The function may be called from several threads. It raises nothing on JSON data: what fails, or goes
    beyond a limit, gives `None`. Later changes to `expression` do not change it.

    Args:
        expression: The expression.
        engine: The evaluator.
        declared: The keys of the data for which it is declared what they hold; `has_context` asks for them.

    Raises:
        LogicError: The expression has problems; the error carries every one of them.
    """
    problems = check_logic(expression)
    if problems:
        raise LogicError(problems)
    expression = copy.deepcopy(expression)
    if engine == "json-logic-qubit":
        from fsm_langgraph.logic.qubit import compile_for_qubit  # most users never load that library

        return compile_for_qubit(expression, declared)
    return _evaluator(_build(expression, declared))


def evaluate(expression: JsonValue, data: Any, *, engine: Engine = "closures") -> Any:
    """Compile an expression and evaluate it on the data, for a single use.

    Raises:
        LogicError: The expression has problems; the error carries every one of them.
    """
    return compile_logic(expression, engine=engine)(data)


def _evaluator(node: Node) -> Callable[[Any], Any]:
    def evaluate_on(data: Any) -> Any:
        try:
            value = node(data, Meter())
        except LimitReached:
            return None
        return plain(value) if type(value) is float else value

    return evaluate_on


def _build(expression: Any, declared: Collection[str]) -> Node:
    if isinstance(expression, list):
        items = [_build(item, declared) for item in expression]
        return _fold_if_constant(list_node(items), items)
    operation = read_operation(expression)
    if operation is None:
        return Constant(expression)

    operation = in_one_name(operation)
    operator = OPERATORS[operation.name]
    arguments = [_build(argument, declared) for argument in operation.arguments]
    if operator.loops:
        return operator.build(*arguments, weight=count_nodes(operation.arguments[1]))
    if operator.asks_presence:
        return operator.build(*arguments, declared=declared)
    node = operator.build(*arguments)
    return node if operator.reads_data else _fold_if_constant(node, arguments)


def _fold_if_constant(node: Node, arguments: list[Node]) -> Node:
    """Compute a node whose arguments are constant, unless that goes beyond a limit: then evaluating will."""
    if not all(isinstance(argument, Constant) for argument in arguments):
        return node
    try:
        return Constant(node(None, Meter()))
    except LimitReached:
        return node

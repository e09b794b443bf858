"""The shape of an expression: what in a JSON document is an operation, and what is data.

An object with exactly one key is an operation; its value is the list of its arguments, or its only argument.
A list is the list of what its items give. Everything else, an object with several keys too, stands for
itself.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from fsm_langgraph.logic.limits import text_steps


class Operation(NamedTuple):
    """An operator with its arguments."""

    name: str
    arguments: list[Any]


def read_operation(expression: Any) -> Operation | None:
    """Return the operation that an expression is, or `None` if it is a list or data."""
    if not isinstance(expression, dict) or len(expression) != 1:
        return None
    [(name, value)] = expression.items()
    return Operation(name, value if isinstance(value, list) else [value])


def read_variable(expression: Any) -> str | None:
    """Return the name that an expression reads, if it does nothing else; `None` where there is a default too."""
    match read_operation(expression):
        case Operation("var", [str(name)]) if name:
            return name
        case _:
            return None


def in_one_name(operation: Operation) -> Operation:
    """Return LLM-FSM's operators of two arguments as those of one, where that can be.

    `[{"var": ""}, "guests"]` is `guests`, and `[{"var": "party"}, "guests"]` is `party.guests`.
    """
    if operation.name not in ("has_context", "context_length") or len(operation.arguments) != 2:
        return operation
    source, name = operation.arguments
    read = read_operation(source)
    if read is None or read.name != "var" or len(read.arguments) > 1:
        return operation
    [path] = read.arguments or [None]
    if not isinstance(name, str) or not (path is None or isinstance(path, str)):
        return operation
    return Operation(operation.name, [".".join(filter(None, (path, name)))])


def count_nodes(expression: Any) -> int:
    """Count the nodes of a checked expression, as `MAX_NODES` and the steps of a loop do."""
    if isinstance(expression, str):
        return 1 + text_steps(len(expression))
    if isinstance(expression, dict):
        return 1 + sum(count_nodes(value) for value in expression.values())
    return 1 + sum(map(count_nodes, expression)) if isinstance(expression, list) else 1

"""The paths of the data that an expression can read, which tell whether a change concerns a guard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.logic.coercion import text
from fsm_langgraph.logic.expression import in_one_name, read_operation
from fsm_langgraph.logic.limits import Meter
from fsm_langgraph.logic.operators import OPERATORS

_READERS = frozenset(name for name, operator in OPERATORS.items() if operator.reads_data)


def variables(expression: JsonValue) -> frozenset[str]:
    """Return the paths that an expression may read from the data it is given, such as `customer.status`.

    The empty path stands for all of the data: it is there if the expression takes the data as a whole, or
    computes the name of what it takes. The body of a loop reads the items of its list, so only the list
    counts. It never raises, whatever is wrong with the expression.
    """
    found: set[str] = set()
    waiting: list[Any] = [expression]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
            continue
        operation = read_operation(value)
        if operation is None:
            continue
        name, arguments = in_one_name(operation)
        if name in _READERS:
            found.update(_names(name, arguments))
        operator = OPERATORS.get(name)
        waiting += [*arguments[:1], *arguments[2:]] if operator and operator.loops else arguments
    return frozenset(found)


def _names(name: str, arguments: list[Any]) -> Iterator[str]:
    """Yield the paths that the arguments of one operation name."""
    if name == "missing":
        named = [item for argument in arguments for item in (argument if isinstance(argument, list) else [argument])]
    elif name == "missing_some":
        named = [
            item for argument in arguments[1:] for item in (argument if isinstance(argument, list) else [argument])
        ]
    elif name in ("has_context", "context_length") and len(arguments) == 2:
        named = []  # the value to look in tells itself what it reads
    else:
        named = arguments[:1] or [None]
    for item in named:
        yield text(item, Meter()) if isinstance(item, str | int | float) else ""

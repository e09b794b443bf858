"""The constants of a machine's guards, by the keys that they are compared with.

A text key has a case of its own for each text that a guard compares it with, and one for all others. So what a guard
does with each of them is computed, not approximated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.logic import variables
from fsm_langgraph.logic.expression import read_operation
from fsm_langgraph.logic.operators import OPERATORS

_PASSING = ("and", "or", "if", "?:", "!", "!!")
"""Operators that compare nothing themselves."""


def constants_by_key(expressions: Iterable[JsonValue]) -> dict[str, list[JsonValue]]:
    """Return the constants with which each key is compared or combined; under `""` all of them."""
    found: dict[str, list[JsonValue]] = {"": []}
    for expression in expressions:
        for part in _comparing(expression):
            constants = [*_constants(part)]
            found[""] += constants
            for key in {path.partition(".")[0] for path in variables(part)}:
                if key:
                    found.setdefault(key, []).extend(constants)
    return found


def texts_of(values: Iterable[JsonValue]) -> Iterator[str]:
    """Yield the texts among the values, and in their lists and objects."""
    waiting = [*values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]


def _comparing(expression: JsonValue) -> Iterator[JsonValue]:
    """Yield the outermost operations of an expression that do something with values."""
    waiting: list[Any] = [expression]
    while waiting:
        part = waiting.pop()
        operation = read_operation(part)
        if operation is not None and operation.name in _PASSING:
            waiting += operation.arguments
        elif isinstance(part, list):
            waiting += part
        elif operation is not None:
            yield part


def _constants(expression: Any) -> Iterator[JsonValue]:
    """Yield the constants in an operation: its lists both whole and item by item."""
    waiting: list[Any] = [expression]
    while waiting:
        part = waiting.pop()
        operation = read_operation(part)
        if operation is not None and operation.name in OPERATORS:
            reads = operation.name in ("var", "missing", "missing_some", "has_context", "context_length")
            waiting += operation.arguments[1:] if operation.name == "var" else () if reads else operation.arguments
            continue
        yield part
        if isinstance(part, list):
            waiting += part

"""The second engine: json-logic-qubit, behind the same whitelist.

Its operators live in dictionaries of its module, shared by the whole process, and one of them (`method`)
calls any method of any value. So a copy of the module is loaded for this package alone: there, what the
whitelist leaves out is removed and LLM-FSM's operators are added, and nobody else's rules change. What else the
whitelist has and the library lacks is the first engine's. The library raises on much that is not what it expects;
then the value is `None`. The limits of an expression hold, those of an evaluation do not.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Collection
from functools import cache
from types import ModuleType
from typing import Any

from fsm_langgraph.logic.access import find, length
from fsm_langgraph.logic.coercion import is_present, plain, text
from fsm_langgraph.logic.expression import in_one_name, read_operation
from fsm_langgraph.logic.limits import MAX_DEPTH, MAX_INTEGER, Meter
from fsm_langgraph.logic.node import Constant
from fsm_langgraph.logic.operators import OPERATORS, Operator


def compile_for_qubit(expression: Any, declared: Collection[str] = ()) -> Callable[[Any], Any]:
    """Return a function that evaluates a checked expression through json-logic-qubit."""
    rule = _rewrite(expression, [*declared])
    apply = _private_library().jsonLogic

    def evaluate_on(data: Any) -> Any:
        try:
            return _as_json(apply(rule, data), 0)
        except Exception:  # noqa: BLE001  # the edge of a library that raises whatever Python raises
            return None

    return evaluate_on


@cache
def _private_library() -> ModuleType:
    spec = importlib.util.find_spec("json_logic")
    if spec is None or spec.loader is None:  # pragma: no cover  # it is a dependency
        raise ModuleNotFoundError("json-logic-qubit is not installed.  Run: pip install json-logic-qubit")
    library = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(library)
    for name in ("log", "method"):
        del library._common_operations[name]
    del library._unsupported_operations["count"]
    library.add_operation("contains", _contains)
    library.add_operation("has_context", _has_context)
    library.add_operation("context_length", _context_length)
    for name in OPERATORS.keys() - library.operations.keys():
        library.add_operation(name, as_function(OPERATORS[name]))
    return library


def as_function(operator: Operator) -> Callable[..., Any]:
    """Return an operator of the first engine as a function of its arguments; one that reads data needs its own."""

    def evaluate(*values: Any) -> Any:
        return operator.build(*map(Constant, values))(None, Meter())

    return evaluate


def _rewrite(expression: Any, declared: list[str]) -> Any:
    """Give the operators that look into the data the value itself: the library shows its own ones no data."""
    if isinstance(expression, list):
        return [_rewrite(item, declared) for item in expression]
    operation = read_operation(expression)
    if operation is None:
        return expression
    operation = in_one_name(operation)
    arguments = [_rewrite(argument, declared) for argument in operation.arguments]
    if operation.name == "context_length" and len(arguments) == 1:
        arguments = [{"var": arguments}]
    if operation.name == "has_context" and len(arguments) == 1:
        arguments = [{"var": arguments}, *arguments, declared]
    return {operation.name: arguments}


def _has_context(value: Any, name: Any, declared: list[str] | None = None) -> bool:
    if declared is None:
        return is_present(_inside(value, name), is_declared=False)
    return is_present(value, is_declared=str(name).partition(".")[0] in declared)


def _context_length(value: Any, *name: Any) -> int:
    return length(_inside(value, *name) if name else value)


def _inside(value: Any, name: Any) -> Any:
    path = text(name, Meter())
    return find(value, path) if path else value


def _contains(haystack: Any, needle: Any) -> bool:
    return isinstance(haystack, (str, list, tuple, dict)) and needle in haystack


def _as_json(value: Any, depth: int) -> Any:
    """Return the value with null for every number that JSON has not, or that is too large for a float."""
    if isinstance(value, list | tuple):
        return [_as_json(item, depth + 1) for item in value] if depth < MAX_DEPTH else None
    if isinstance(value, int):
        return value if -MAX_INTEGER < value < MAX_INTEGER else None
    return plain(value)

"""Every problem of an expression, in document order, each with its path.

A path is written as one would point: `and[1].>[0].var` is the operator `var` in the first argument of `>`,
which is the second argument of `and`. Where the only argument is given without a list, there is no index:
`!.var`. Codes are `unknown-operator`, `wrong-arity`, `several-operators`, `not-json`, `too-deep` and
`too-large`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.data.json_data import at
from fsm_langgraph.errors import Problem, suggest
from fsm_langgraph.logic.expression import read_operation
from fsm_langgraph.logic.limits import MAX_DEPTH, MAX_NODES, text_steps
from fsm_langgraph.logic.operators import OPERATORS


def check_logic(expression: JsonValue) -> list[Problem]:
    """Return every problem of a JsonLogic expression; none if it can be compiled.

    Each path begins at the root of the expression. Where it is too deep or too large, only the first path is told.
    """
    return list(_Check().walk(expression, "", 0))


class _Check:
    """One walk through an expression."""

    def __init__(self) -> None:
        self._nodes = 0
        self._too_deep = False

    def walk(self, value: Any, path: str, depth: int) -> Iterator[Problem]:
        if self._nodes > MAX_NODES:
            return
        self._nodes += 1 + (text_steps(len(value)) if isinstance(value, str) else 0)
        if self._nodes > MAX_NODES:
            yield Problem(path, "too-large", f"the expression holds more than {MAX_NODES} values.", "Split it up.")
        elif depth > MAX_DEPTH:
            if not self._too_deep:
                yield Problem(path, "too-deep", f"the expression nests deeper than {MAX_DEPTH}.", "Flatten it.")
            self._too_deep = True
        elif isinstance(value, list):
            yield from self._walk_list(value, path, depth)
        elif isinstance(value, dict):
            yield from self._walk_object(value, path, depth)
        elif not _is_json_scalar(value):
            yield Problem(path, "not-json", f"a value of type {type(value).__name__!r} ({_shown(value)}) is not JSON.")

    def _walk_list(self, items: list[Any], path: str, depth: int) -> Iterator[Problem]:
        for index, item in enumerate(items):
            yield from self.walk(item, f"{path}[{index}]", depth + 1)

    def _walk_object(self, value: dict[Any, Any], path: str, depth: int) -> Iterator[Problem]:
        if not all(isinstance(key, str) for key in value):
            yield Problem(path, "not-json", "the keys of an object are strings in JSON.")
            return
        operation = read_operation(value)
        if operation is None:
            yield from _check_data(value, path)
            for key, item in value.items():
                yield from _data_problems(self.walk(item, _join(path, key), depth + 1))
            return

        path = _join(path, operation.name)
        yield from _check_operation(operation.name, len(operation.arguments), path)
        [argument] = value.values()
        if isinstance(argument, list):
            yield from self._walk_list(argument, path, depth)
        else:
            yield from self.walk(argument, path, depth + 1)


def _check_operation(name: str, count: int, path: str) -> Iterator[Problem]:
    operator = OPERATORS.get(name)
    if operator is None:
        advice = suggest(name, OPERATORS, noun="operators")
        yield Problem(path, "unknown-operator", f"there is no operator {name!r}.", advice)
    elif count < operator.fewest or (operator.most is not None and count > operator.most):
        takes = _arity(operator.fewest, operator.most)
        yield Problem(path, "wrong-arity", f"{name!r} takes {takes}; {count} found.")


def _check_data(value: dict[str, Any], path: str) -> Iterator[Problem]:
    names = [key for key in value if key in OPERATORS]
    if names:
        listed = ", ".join(map(repr, names))
        message = f"an object with {len(value)} keys is data, and always holds; among its keys: {listed}."
        yield Problem(path, "several-operators", message, "Give each operator an object of its own, inside 'and'.")


def _data_problems(problems: Iterator[Problem]) -> Iterator[Problem]:
    """Keep what is wrong with data too: nothing in it is an operation."""
    return (p for p in problems if p.code in ("not-json", "too-deep", "too-large"))


def _arity(fewest: int, most: int | None) -> str:
    if most is None:
        return f"at least {fewest} argument" + ("" if fewest == 1 else "s")
    if fewest == most:
        return f"{fewest} argument" + ("" if fewest == 1 else "s")
    return f"{fewest} to {most} arguments"


def _is_json_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _shown(value: Any) -> str:
    shown = repr(value) if isinstance(value, float | tuple | set | bytes) else "an object"
    return shown if len(shown) <= 40 else f"{shown[:39]}…"


def _join(path: str, name: str) -> str:
    step = at(name)
    return f"{path}.{step}" if path and not step.startswith("[") else f"{path}{step}"

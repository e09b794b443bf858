"""Guards as terms: an expression over the cases of the context's keys.

`truth` is the term that an expression is truthy; `value` are the cases of its value. Where all arguments of an operator
are exact, the operator itself computes the outcome. Where a shape is beyond what terms can say, the outcome is
`Unclear`: it may be anything, so what is excluded then is excluded for certain.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from itertools import product
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.checking.proving.context_cases import ContextCases
from fsm_langgraph.checking.proving.encoded_comparisons import (
    is_identical,
    is_true,
)
from fsm_langgraph.checking.proving.encoded_lists import is_among
from fsm_langgraph.checking.proving.encoded_numbers import OPERATIONS, as_number
from fsm_langgraph.checking.proving.encoded_outcomes import outcome_of
from fsm_langgraph.checking.proving.encoded_readers import READERS, EncodedReaders
from fsm_langgraph.checking.proving.shapes import (
    NULL,
    Cases,
    Exact,
    Row,
    Selection,
    Shape,
    Unclear,
    as_cases,
    gathered,
    under,
)
from fsm_langgraph.checking.proving.terms import FALSE, TRUE, Term, all_of, any_of, negated
from fsm_langgraph.logic.compile import compile_logic
from fsm_langgraph.logic.expression import in_one_name, read_operation
from fsm_langgraph.logic.limits import LimitReached
from fsm_langgraph.logic.operators import OPERATORS

MAX_COMBINATIONS = 1_500
"""For how many combinations of their arguments' cases the operators of one expression are computed in all; where only
one argument has cases, that counts for nothing."""
MAX_SELECTED = 8
"""How many keys `missing` may name for each of its lists to be a case of its own."""


class Encoding:
    """The encoding of one expression.

    Args:
        cases: The cases of its keys.
        declared: The keys that are declared.
    """

    def __init__(self, cases: ContextCases, declared: Collection[str]) -> None:
        self.cases = cases
        self._declared = declared
        self._readers = EncodedReaders(self, cases, declared)
        self._left = MAX_COMBINATIONS

    def truth(self, expression: JsonValue) -> Term:
        """Return the term that is true where an expression is truthy."""
        operation = read_operation(expression)
        name, arguments = operation or ("", [])
        match name:
            case "and":
                return all_of(map(self.truth, arguments))
            case "or":
                return any_of(map(self.truth, arguments))
            case "!":
                return negated(self.truth(arguments[0]))
            case "!!":
                return self.truth(arguments[0])
            case "if" | "?:":
                return any_of(all_of((here, self.truth(chosen))) for here, chosen in self._branches(arguments))
        return any_of(all_of((term, is_true(shape))) for term, shape in self.value(expression))

    def value(self, expression: JsonValue) -> Cases:
        """Return the cases of an expression's value."""
        if isinstance(expression, list):
            return self._row(expression)
        operation = read_operation(expression)
        if operation is None:
            return ((TRUE, Exact(expression)),)
        name, arguments = in_one_name(operation)
        if name in READERS:
            return gathered(self._readers.value(name, arguments))
        if OPERATORS[name].loops:
            return self._loop(name, arguments)
        match name:
            case "!" | "!!":
                return as_cases(self.truth(expression))
            case "and" | "or":
                return self._first(name, arguments)
            case "if" | "?:":
                return gathered(
                    case for here, chosen in self._branches(arguments) for case in under(here, self.value(chosen))
                )
            case "in" | "contains" if isinstance(arguments[name == "in"], list):
                return self._membership(name, arguments)
        values = [self.value(argument) for argument in arguments]
        if name in OPERATIONS:
            return self._calculation(name, values)
        return self.combined(name, values)

    def _branches(self, arguments: list[Any]) -> list[tuple[Term, Any]]:
        """Return the branches of an `if`, each with the condition under which it is chosen."""
        found: list[tuple[Term, Any]] = []
        otherwise: Term = TRUE
        for condition, chosen in zip(arguments[::2], arguments[1::2], strict=False):
            holds = self.truth(condition)
            found.append((all_of((otherwise, holds)), chosen))
            otherwise = all_of((otherwise, negated(holds)))
        return [*found, (otherwise, arguments[-1] if len(arguments) % 2 else None)]

    def _first(self, name: str, arguments: list[Any]) -> Cases:
        """Return the first value that does not hold, for `and`, or that holds, for `or`; else the last."""
        found: list[tuple[Term, Shape]] = []
        here: Term = TRUE
        for argument in arguments[:-1]:
            onward: list[Term] = []
            for term, shape in self.value(argument):
                goes_on = is_true(shape) if name == "and" else negated(is_true(shape))
                found.append((all_of((here, term, negated(goes_on))), shape))
                onward.append(all_of((here, term, goes_on)))
            here = any_of(onward)
        return gathered((*found, *under(here, self.value(arguments[-1]))))

    def _row(self, items: list[Any]) -> Cases:
        """Return the cases of a list of expressions."""
        found: list[tuple[Term, Shape]] = []
        for term, shapes in self.combinations([self.value(item) for item in items]):
            plain = tuple(map(_plain, shapes))
            if all(isinstance(shape, Exact) for shape in plain):
                found.append((term, Exact([shape.value for shape in plain if isinstance(shape, Exact)])))
            else:
                found.append((term, Row(plain)))
        return gathered(found)

    def _membership(self, name: str, arguments: list[Any]) -> Cases:
        """Return whether a value is in a list that is written out: item by item, however many cases each has."""
        needle, items = arguments if name == "in" else arguments[::-1]
        if all(read_operation(item) is None and not isinstance(item, list) for item in items):
            wanted = self.value(needle)
            return as_cases(any_of(all_of((term, is_among(self.cases, shape, items))) for term, shape in wanted))
        found = [
            all_of((here, is_identical(self.cases, _plain(item), wanted)))
            for each in items
            for here, (item, wanted) in self.combinations([self.value(each), self.value(needle)])
        ]
        return as_cases(any_of(found))

    def _loop(self, name: str, arguments: list[Any]) -> Cases:
        source, body, *initial = arguments
        found: list[tuple[Term, Shape]] = []
        for term, shapes in self.combinations([self.value(source), *map(self.value, initial)]):
            if not all(isinstance(shape, Exact) for shape in shapes):
                names = ",".join(shape.name for shape in shapes)
                found.append((term, Unclear(f"{name}({names},{json.dumps(body)})", name)))
                continue
            values = [shape.value for shape in shapes if isinstance(shape, Exact)]
            found.append((term, Exact(_loop_over(name, body, values, self._declared))))
        return gathered(found)

    def _calculation(self, name: str, values: list[Cases]) -> Cases:
        """Return the outcome of an operator that calculates, step by step."""
        if len(values) == 1:
            if all(isinstance(shape, Exact) for _, shape in values[0]):
                return self.combined(name, values)
            numbers = gathered(
                case for term, shape in values[0] for case in under(term, as_number(self.cases, name, shape))
            )
            zero = ((TRUE, Exact(0)),)
            return self._calculation("-", [zero, numbers]) if name == "-" else numbers
        total = values[0]
        for value in values[1:]:
            total = self.combined(name, [total, value])
        return total

    def combined(self, name: str, values: list[Cases]) -> Cases:
        """Return the outcome of an operator for every combination of its arguments' cases."""
        found: list[tuple[Term, Shape]] = []
        for term, shapes in self.combinations([_expanded(value) for value in values]):
            found += under(term, outcome_of(self.cases, name, shapes))
        return gathered(found)

    def combinations(self, values: list[Cases]) -> list[tuple[Term, tuple[Shape, ...]]]:
        """Return every combination of cases that can be.

        Raises:
            LimitReached: There are too many.
        """
        counts = [len(value) for value in values if len(value) > 1]
        self._left -= math.prod(counts) if len(counts) > 1 else 0
        if self._left < 0:
            raise LimitReached
        found = []
        for combination in product(*values):
            term = all_of(term for term, _ in combination)
            if term is not FALSE:
                found.append((term, tuple(shape for _, shape in combination)))
        return found


def _plain(shape: Shape) -> Shape:
    """Return a shape as an item of a list: null for what is not a number."""
    return NULL if isinstance(shape, Exact) and shape.value != shape.value else shape


def _expanded(cases: Cases) -> Cases:
    """Return the cases with one for each list that a selection can be."""
    found: list[tuple[Term, Shape]] = []
    for term, shape in cases:
        if not isinstance(shape, Selection):
            found.append((term, shape))
        elif len(shape.items) > MAX_SELECTED:
            found.append((term, Unclear(shape.name, "missing")))
        else:
            for chosen in product((True, False), repeat=len(shape.items)):
                picked = zip(shape.items, chosen, strict=True)
                here = all_of(each if is_in else negated(each) for (each, _), is_in in picked)
                values = [value for (_, value), is_in in zip(shape.items, chosen, strict=True) if is_in]
                found.append((all_of((term, here)), Exact(values)))
    return gathered(found)


def _loop_over(name: str, body: JsonValue, values: list[Any], declared: Collection[str]) -> Any:
    """Compute a loop whose list is known."""
    arguments: list[JsonValue] = [{"var": "source"}, body, {"var": "initial"}]
    data = dict(zip(("source", "initial"), values, strict=False))
    return compile_logic({name: arguments[: len(values) + 1]}, declared=declared)(data)

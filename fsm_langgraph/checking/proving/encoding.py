"""Guards as terms: an expression over the cases of the context's keys.

`truth` is the term that an expression is truthy; `value` are the cases of its value. Where all arguments of an operator
are exact, the operator itself computes the outcome. Where a shape is beyond what terms can say, the outcome is
`Unclear`: it may be anything, so what is excluded then is excluded for certain.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from itertools import pairwise, product
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.checking.proving.context_cases import ContextCases
from fsm_langgraph.checking.proving.encoded_comparisons import (
    is_at_most,
    is_equal,
    is_given,
    is_identical,
    is_less,
    is_true,
)
from fsm_langgraph.checking.proving.encoded_lists import contains, is_among, is_in, joined
from fsm_langgraph.checking.proving.encoded_numbers import OPERATIONS, as_number, calculated
from fsm_langgraph.checking.proving.shapes import (
    NO,
    NOWHERE,
    NULL,
    YES,
    Cases,
    Exact,
    Quantity,
    Row,
    Selection,
    Shape,
    SomeList,
    SomeObject,
    SomeText,
    Unclear,
    gathered,
    under,
)
from fsm_langgraph.checking.proving.terms import FALSE, TRUE, Term, all_of, any_of, constant, negated
from fsm_langgraph.logic.access import find, length
from fsm_langgraph.logic.coercion import LISTS, number, text
from fsm_langgraph.logic.compile import compile_logic
from fsm_langgraph.logic.expression import in_one_name, read_operation
from fsm_langgraph.logic.limits import LimitReached, Meter
from fsm_langgraph.logic.node import Constant
from fsm_langgraph.logic.operators import OPERATORS

MAX_COMBINATIONS = 1_500
"""For how many combinations of their arguments' cases the operators of one expression are computed in all; where only
one argument has cases, that counts for nothing."""
MAX_SELECTED = 8
"""How many keys `missing` may name for each of its lists to be a case of its own."""
WHOLE = "the whole context"


class Encoding:
    """The encoding of one expression.

    Args:
        cases: The cases of its keys.
        declared: The keys that are declared.
    """

    def __init__(self, cases: ContextCases, declared: Collection[str]) -> None:
        self.cases = cases
        self._declared = declared
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
        if name in _READERS:
            return gathered(_READERS[name](self, arguments))
        if OPERATORS[name].loops:
            return self._loop(name, arguments)
        match name:
            case "!" | "!!":
                return _as_cases(self.truth(expression))
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
        return self._combined(name, values)

    def at(self, cases: Cases, steps: Sequence[str]) -> Cases:
        """Return what a path leads to; `NOWHERE` where it leads nowhere."""
        for step in steps:
            cases = gathered(case for term, shape in cases for case in under(term, self._step(shape, step)))
        return cases

    def path(self, name: str) -> Cases:
        """Return what a path leads to in the context."""
        first, *steps = name.split(".")
        return self.at(self.cases.of_key(first), steps)

    def _step(self, shape: Shape, step: str) -> Cases:
        match shape:
            case Exact(value):
                return ((TRUE, Exact(_member(value, step))),)
            case SomeObject():
                return self.cases.of_member(shape, step)
            case SomeList() | SomeText() if step == "length":
                return ((TRUE, Quantity(self.cases.length(shape), is_whole=True)),)
            case SomeList() if _is_index(step):
                return self.cases.of_item(shape, int(step))
            case SomeList():
                return _NOWHERE
            case SomeText() if not _is_index(step):
                return _NOWHERE
            case Quantity():
                return _NOWHERE
        return ((TRUE, Unclear(f"{shape.name}.{step}", "var")),)

    def _var(self, arguments: list[Any]) -> Cases:
        name, *default = arguments or [None]
        found: list[tuple[Term, Shape]] = []
        for term, shape in self.value(name):
            found += under(term, self._read(shape))
        is_absent = any_of(term for term, shape in found if shape == _NOWHERE[0][1])
        there = [(term, shape) for term, shape in found if shape != _NOWHERE[0][1]]
        if default:  # what is unclear may be nowhere, and then it is the default
            there = [
                (
                    term,
                    Unclear(f"{shape.name} or {json.dumps(default)}", "var") if isinstance(shape, Unclear) else shape,
                )
                for term, shape in there
            ]
        otherwise = self.value(default[0]) if default else ((TRUE, NULL),)
        return (*there, *under(is_absent, otherwise))

    def _read(self, name: Shape) -> Cases:
        """Return what a name leads to in the context."""
        if not isinstance(name, Exact):
            return ((TRUE, Unclear(f"var({name.name})", "var with a computed name")),)
        if name.value is None or name.value == "":
            return ((TRUE, Unclear(WHOLE, f"{{'var': ''}}, {WHOLE}")),)
        return self.path(text(name.value, Meter()))

    def _missing(self, arguments: list[Any]) -> Cases:
        return self._combined_names(arguments, lambda names: ((TRUE, self._absent_of(names)),), "missing")

    def _missing_some(self, arguments: list[Any]) -> Cases:
        needed, listed = arguments

        def some(names: list[Any]) -> Cases:
            absent = self._absent_of(names)
            found: list[tuple[Term, Shape]] = []
            for term, shape in self.value(needed):
                if not isinstance(shape, Exact):
                    found.append((term, Unclear(f"missing_some({shape.name},{names!r})", "missing_some")))
                    continue
                least = number(shape.value, Meter())
                most_absent = len(names) - least
                is_enough = negated(_more_than([each for each, _ in absent.items], most_absent))
                found += [(all_of((term, is_enough)), Exact([])), (all_of((term, negated(is_enough))), absent)]
            return tuple(found)

        return self._combined_names([listed], some, "missing_some")

    def _combined_names(self, arguments: list[Any], build: Any, operator: str) -> Cases:
        found: list[tuple[Term, Shape]] = []
        values = [self.value(argument) for argument in arguments]
        for term, shapes in self._combinations(values):
            if not all(isinstance(shape, Exact) for shape in shapes):
                found.append((term, Unclear(f"{operator}({','.join(s.name for s in shapes)})", operator)))
                continue
            names = [shape.value for shape in shapes if isinstance(shape, Exact)]
            if names and isinstance(names[0], LISTS):
                names = [*names[0]]
            found += under(term, build(names))
        return tuple(found)

    def _absent_of(self, names: list[Any]) -> Selection:
        items: list[tuple[Term, Any]] = []
        for name in names:
            found = self._read(Exact(name))
            terms = [all_of((term, _is_missing(shape))) for term, shape in found]
            items.append((any_of(terms), name))
        return Selection(f"missing({names!r})", tuple(items))

    def _has_context(self, arguments: list[Any]) -> Cases:
        if len(arguments) == 2:
            return self._combined("has_context", [self.value(argument) for argument in arguments])
        found: list[Term] = []
        for term, name in self.value(arguments[0]):
            parts = _parts(name)
            is_declared = bool(parts) and parts[0] in self._declared
            for here, shape in self._read(name):
                given = FALSE if shape == _NOWHERE[0][1] else is_given(shape, is_declared=is_declared)
                found.append(all_of((term, here, given)))
        return _as_cases(any_of(found))

    def _context_length(self, arguments: list[Any]) -> Cases:
        if len(arguments) == 2:
            return self._combined("context_length", [self.value(argument) for argument in arguments])
        found: list[tuple[Term, Shape]] = []
        for term, name in self.value(arguments[0]):
            for here, shape in self._read(name):
                found.append((all_of((term, here)), self._length(shape)))
        return tuple(found)

    def _length(self, shape: Shape) -> Shape:
        match shape:
            case Exact(value):
                return Exact(length(value))
            case SomeText() | SomeList() | SomeObject():
                return Quantity(self.cases.length(shape), is_whole=True)
            case Quantity():
                return Exact(0)
        return Unclear(f"length({shape.name})", "context_length")

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
        for term, shapes in self._combinations([self.value(item) for item in items]):
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
            return _as_cases(any_of(all_of((term, is_among(self.cases, shape, items))) for term, shape in wanted))
        found = [
            all_of((here, is_identical(self.cases, _plain(item), wanted)))
            for each in items
            for here, (item, wanted) in self._combinations([self.value(each), self.value(needle)])
        ]
        return _as_cases(any_of(found))

    def _loop(self, name: str, arguments: list[Any]) -> Cases:
        source, body, *initial = arguments
        found: list[tuple[Term, Shape]] = []
        for term, shapes in self._combinations([self.value(source), *map(self.value, initial)]):
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
                return self._combined(name, values)
            numbers = gathered(
                case for term, shape in values[0] for case in under(term, as_number(self.cases, name, shape))
            )
            zero = ((TRUE, Exact(0)),)
            return self._calculation("-", [zero, numbers]) if name == "-" else numbers
        total = values[0]
        for value in values[1:]:
            total = self._combined(name, [total, value])
        return total

    def _combined(self, name: str, values: list[Cases]) -> Cases:
        """Return the outcome of an operator for every combination of its arguments' cases."""
        found: list[tuple[Term, Shape]] = []
        for term, shapes in self._combinations([_expanded(value) for value in values]):
            found += under(term, self._outcome(name, shapes))
        return gathered(found)

    def _outcome(self, name: str, shapes: tuple[Shape, ...]) -> Cases:
        exact = [shape.value for shape in shapes if isinstance(shape, Exact)]
        if len(exact) == len(shapes):
            return ((TRUE, Exact(OPERATORS[name].build(*map(Constant, exact))({}, Meter()))),)
        match name, shapes:
            case "==", (a, b):
                return _as_cases(is_equal(self.cases, a, b))
            case "!=", (a, b):
                return _as_cases(negated(is_equal(self.cases, a, b)))
            case "===", (a, b):
                return _as_cases(is_identical(self.cases, a, b))
            case "!==", (a, b):
                return _as_cases(negated(is_identical(self.cases, a, b)))
            case "<", _:
                return _as_cases(all_of(is_less(self.cases, a, b) for a, b in pairwise(shapes)))
            case "<=", _:
                return _as_cases(all_of(is_at_most(self.cases, a, b) for a, b in pairwise(shapes)))
            case ">", (a, b):
                return _as_cases(is_less(self.cases, b, a))
            case ">=", (a, b):
                return _as_cases(is_at_most(self.cases, b, a))
            case "in", (needle, haystack):
                return _as_cases(is_in(self.cases, needle, haystack))
            case "contains", (haystack, needle):
                return _as_cases(contains(self.cases, haystack, needle))
            case "merge", _:
                return ((TRUE, joined(shapes)),)
        if name in OPERATIONS:
            return calculated(self.cases, name, *shapes)
        return ((TRUE, Unclear(f"{name}({','.join(shape.name for shape in shapes)})", name)),)

    def _combinations(self, values: list[Cases]) -> list[tuple[Term, tuple[Shape, ...]]]:
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


def _as_cases(term: Term) -> Cases:
    return gathered(((term, YES), (negated(term), NO)))


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


def _more_than(terms: list[Term], most: float) -> Term:
    """Return the term that says that more of these are true than so many."""
    # at_least[k]: k of the terms looked at so far are true, or more
    at_least: list[Term] = [TRUE, *([FALSE] * len(terms))]
    for term in terms:
        for count in range(len(terms), 0, -1):
            at_least[count] = any_of((at_least[count], all_of((at_least[count - 1], term))))
    if most != most:
        return TRUE
    wanted = next((count for count in range(len(terms) + 1) if count > most), None)
    return FALSE if wanted is None else at_least[wanted]


def _is_missing(shape: Shape) -> Term:
    match shape:
        case Exact(value):
            return constant(value is NOWHERE or value is None or value == "")
        case Unclear():
            return Term("variable", name=f"?missing\0{shape.name}")
    return FALSE


def _loop_over(name: str, body: JsonValue, values: list[Any], declared: Collection[str]) -> Any:
    """Compute a loop whose list is known."""
    arguments: list[JsonValue] = [{"var": "source"}, body, {"var": "initial"}]
    data = dict(zip(("source", "initial"), values, strict=False))
    return compile_logic({name: arguments[: len(values) + 1]}, declared=declared)(data)


def _parts(name: Shape) -> list[str]:
    is_path = isinstance(name, Exact) and name.value is not None and name.value != ""
    return text(name.value, Meter()).split(".") if isinstance(name, Exact) and is_path else []


def _member(value: Any, step: str) -> Any:
    """Return a member, an item or the length of a value as `var` does."""
    return NOWHERE if value is NOWHERE else find(value, step, NOWHERE)


def _is_index(step: str) -> bool:
    """Say whether a step of a path can be the position of an item."""
    return step == "0" or (len(step) < _LONGEST_INDEX and step.isascii() and step.isdecimal() and step[0] != "0")


_LONGEST_INDEX = 10
_NOWHERE: Cases = ((TRUE, Exact(NOWHERE)),)
_READERS = {
    "var": Encoding._var,
    "missing": Encoding._missing,
    "missing_some": Encoding._missing_some,
    "has_context": Encoding._has_context,
    "context_length": Encoding._context_length,
}

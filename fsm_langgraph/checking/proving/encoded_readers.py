"""The operators that read the context on shapes: `var missing missing_some has_context context_length`."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any, Protocol

from pydantic import JsonValue

from fsm_langgraph.checking.proving.context_cases import ContextCases
from fsm_langgraph.checking.proving.encoded_comparisons import is_given
from fsm_langgraph.checking.proving.encoded_paths import read_name
from fsm_langgraph.checking.proving.shapes import (
    NOWHERE,
    NULL,
    Cases,
    Exact,
    Quantity,
    Selection,
    Shape,
    SomeList,
    SomeObject,
    SomeText,
    Unclear,
    as_cases,
    under,
)
from fsm_langgraph.checking.proving.terms import FALSE, TRUE, Term, all_of, any_of, constant, negated
from fsm_langgraph.logic.access import length
from fsm_langgraph.logic.coercion import LISTS, number, text
from fsm_langgraph.logic.limits import Meter


class EncodedArguments(Protocol):
    """The encoding of the expression around, which encodes an operator's arguments."""

    def value(self, expression: JsonValue) -> Cases:
        """Return the cases of an expression's value."""

    def combined(self, name: str, values: list[Cases]) -> Cases:
        """Return the outcome of an operator for every combination of its arguments' cases."""

    def combinations(self, values: list[Cases]) -> list[tuple[Term, tuple[Shape, ...]]]:
        """Return every combination of cases that can be."""


class EncodedReaders:
    """The encoding of those operators.

    Args:
        arguments: The encoding of the expression around.
        cases: The cases of the context's keys.
        declared: The keys that are declared.
    """

    def __init__(self, arguments: EncodedArguments, cases: ContextCases, declared: Collection[str]) -> None:
        self._of = arguments
        self._cases = cases
        self._declared = declared

    def value(self, name: str, arguments: list[Any]) -> Cases:
        """Return the cases of the value of one of these operators."""
        return _READERS[name](self, arguments)

    def _var(self, arguments: list[Any]) -> Cases:
        name, *default = arguments or [None]
        found: list[tuple[Term, Shape]] = []
        for term, shape in self._of.value(name):
            found += under(term, read_name(self._cases, shape))
        is_absent = any_of(term for term, shape in found if shape == Exact(NOWHERE))
        there = [(term, shape) for term, shape in found if shape != Exact(NOWHERE)]
        if default:  # what is unclear may be nowhere, and then it is the default
            there = [
                (
                    term,
                    Unclear(f"{shape.name} or {json.dumps(default)}", "var") if isinstance(shape, Unclear) else shape,
                )
                for term, shape in there
            ]
        otherwise = self._of.value(default[0]) if default else ((TRUE, NULL),)
        return (*there, *under(is_absent, otherwise))

    def _missing(self, arguments: list[Any]) -> Cases:
        return self._combined_names(arguments, lambda names: ((TRUE, self._absent_of(names)),), "missing")

    def _missing_some(self, arguments: list[Any]) -> Cases:
        needed, listed = arguments

        def some(names: list[Any]) -> Cases:
            absent = self._absent_of(names)
            found: list[tuple[Term, Shape]] = []
            for term, shape in self._of.value(needed):
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
        values = [self._of.value(argument) for argument in arguments]
        for term, shapes in self._of.combinations(values):
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
            found = read_name(self._cases, Exact(name))
            terms = [all_of((term, _is_missing(shape))) for term, shape in found]
            items.append((any_of(terms), name))
        return Selection(f"missing({names!r})", tuple(items))

    def _has_context(self, arguments: list[Any]) -> Cases:
        if len(arguments) == 2:
            return self._of.combined("has_context", [self._of.value(argument) for argument in arguments])
        found: list[Term] = []
        for term, name in self._of.value(arguments[0]):
            parts = _parts(name)
            is_declared = bool(parts) and parts[0] in self._declared
            for here, shape in read_name(self._cases, name):
                given = FALSE if shape == Exact(NOWHERE) else is_given(shape, is_declared=is_declared)
                found.append(all_of((term, here, given)))
        return as_cases(any_of(found))

    def _context_length(self, arguments: list[Any]) -> Cases:
        if len(arguments) == 2:
            return self._of.combined("context_length", [self._of.value(argument) for argument in arguments])
        found: list[tuple[Term, Shape]] = []
        for term, name in self._of.value(arguments[0]):
            for here, shape in read_name(self._cases, name):
                found.append((all_of((term, here)), self._length(shape)))
        return tuple(found)

    def _length(self, shape: Shape) -> Shape:
        match shape:
            case Exact(value):
                return Exact(length(value))
            case SomeText() | SomeList() | SomeObject():
                return Quantity(self._cases.length(shape), is_whole=True)
            case Quantity():
                return Exact(0)
        return Unclear(f"length({shape.name})", "context_length")


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


def _parts(name: Shape) -> list[str]:
    is_path = isinstance(name, Exact) and name.value is not None and name.value != ""
    return text(name.value, Meter()).split(".") if isinstance(name, Exact) and is_path else []


_READERS: dict[str, Callable[[EncodedReaders, list[Any]], Cases]] = {
    "var": EncodedReaders._var,
    "missing": EncodedReaders._missing,
    "missing_some": EncodedReaders._missing_some,
    "has_context": EncodedReaders._has_context,
    "context_length": EncodedReaders._context_length,
}
READERS = frozenset(_READERS)
"""The operators of this module."""

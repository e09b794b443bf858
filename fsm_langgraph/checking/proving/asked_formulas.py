"""Formulas of the interface, both ways: as terms, and as the real evaluator judges them in one context."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Set
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.checking.proving.context_cases import ContextCases
from fsm_langgraph.checking.proving.domains import has_literal
from fsm_langgraph.checking.proving.encoded_comparisons import is_given, is_identical
from fsm_langgraph.checking.proving.encoded_paths import at_path
from fsm_langgraph.checking.proving.encoding import Encoding
from fsm_langgraph.checking.proving.formulas import (
    Absent,
    AllOf,
    Answered,
    AnyOf,
    Formula,
    Holds,
    Not,
    Present,
    Truthy,
    Untouched,
)
from fsm_langgraph.checking.proving.shapes import NOWHERE, Cases, Exact, gathered, under
from fsm_langgraph.checking.proving.terms import Term, all_of, any_of, negated
from fsm_langgraph.context.answered_keys import is_answered
from fsm_langgraph.context.presence import has_key, is_there, value_at
from fsm_langgraph.context.values import same
from fsm_langgraph.definition import Condition, FSMDefinition, Transition
from fsm_langgraph.guards import Guards
from fsm_langgraph.logic import compile_logic, truthy


class EncodedFormulas:
    """The formulas of one machine as terms.

    Args:
        definition: The machine.
        cases: The cases of its keys.
    """

    def __init__(self, definition: FSMDefinition, cases: ContextCases) -> None:
        self._definition = definition
        self._declared = frozenset(definition.context or ())
        self._cases = cases
        self._expressions: dict[str, Term] = {}

    def term(self, formula: Formula) -> Term:
        """Return a formula as a term.

        Raises:
            LimitReached: It is too large.
        """
        match formula:
            case Holds(condition):
                return all_of(self._of_condition(condition))
            case Truthy(expression):
                return self._truth(expression)
            case Present(path):
                return self._present(path)
            case Answered(path):
                return self._answered(path)
            case Absent(key):
                return _nowhere(self._cases.of_key(key))
            case Untouched(key):
                return self._untouched(key)
            case Not(inner):
                return negated(self.term(inner))
            case AllOf(formulas):
                return all_of(map(self.term, formulas))
            case AnyOf(formulas):
                return any_of(map(self.term, formulas))

    def _of_condition(self, condition: Condition) -> list[Term]:
        terms = [self._present(path) for path in condition.requires_context_keys]
        terms += [self._answered(path) for path in condition.answered_context_keys]
        return [*terms, self._truth(condition.logic)] if condition.logic is not None else terms

    def _truth(self, expression: JsonValue) -> Term:
        name = json.dumps(expression)
        if name not in self._expressions:
            self._expressions[name] = Encoding(self._cases, self._declared).truth(expression)
        return self._expressions[name]

    def _present(self, path: str) -> Term:
        is_declared = path in self._declared or path.partition(".")[0] in self._declared
        return any_of(
            all_of((term, is_given(shape, is_declared=is_declared)))
            for term, shape in self._value_at(path)
            if shape != Exact(NOWHERE)
        )

    def _value_at(self, path: str) -> Cases:
        """Return the cases of what `value_at` gives: a key that has the dots in its own name goes before the path."""
        if "." not in path or not has_literal(self._definition, path):
            return at_path(self._cases, path)
        literal = self._cases.of_key(path)
        there = [case for case in literal if case[1] != Exact(NOWHERE)]
        return gathered((*there, *under(_nowhere(literal), at_path(self._cases, path))))

    def _answered(self, path: str) -> Term:
        there = negated(_nowhere(self._value_at(path)))
        defaults = self._definition.defaults
        if not is_there(defaults, path):
            return there
        default = Exact(value_at(defaults, path))
        written = any_of(written_variable(key) for key in {path, path.partition(".")[0]})
        is_default = any_of(
            all_of((term, is_identical(self._cases, shape, default)))
            for term, shape in self._value_at(path)
            if shape != Exact(NOWHERE)
        )
        return all_of((there, any_of((written, negated(is_default)))))

    def _untouched(self, key: str) -> Term:
        default = self._definition.defaults.get(key)
        cases = self._cases.of_key(key)
        if default is None:
            return _nowhere(cases)
        is_default = any_of(
            all_of((term, is_identical(self._cases, shape, Exact(default))))
            for term, shape in cases
            if shape != Exact(NOWHERE)
        )
        return all_of((is_default, negated(written_variable(key))))


class JudgedFormulas:
    """The formulas of one machine as the evaluator judges them.

    Args:
        definition: The machine.
    """

    def __init__(self, definition: FSMDefinition) -> None:
        self._definition = definition
        self._declared = frozenset(definition.context or ())
        self._guards: dict[int, tuple[Condition, Guards]] = {}
        self._compiled: dict[str, Callable[[Any], Any]] = {}

    def holds(self, formula: Formula, context: Mapping[str, JsonValue], written: Set[str]) -> bool:
        """Say whether a formula holds in a context.

        Args:
            formula: The formula.
            context: The context.
            written: The keys that were written, of which those count that have their default's value.
        """
        match formula:
            case Holds(condition):
                return not self._of_condition(condition).shortcomings(context, written)
            case Truthy(expression):
                return truthy(self._of_expression(expression)(context))
            case Present(path):
                return has_key(context, path, self._declared)
            case Answered(path):
                return is_answered(context, path, self._definition.defaults, written)
            case Absent(key):
                return key not in context
            case Untouched(key):
                return self._is_untouched(key, context, written)
            case Not(inner):
                return not self.holds(inner, context, written)
            case AllOf(formulas):
                return all(self.holds(each, context, written) for each in formulas)
            case AnyOf(formulas):
                return any(self.holds(each, context, written) for each in formulas)

    def _is_untouched(self, key: str, context: Mapping[str, JsonValue], written: Set[str]) -> bool:
        defaults = self._definition.defaults
        if key not in defaults:
            return key not in context  # null is an answer
        return key in context and key not in written and same(context[key], defaults[key])

    def _of_condition(self, condition: Condition) -> Guards:
        if id(condition) not in self._guards:
            transition = Transition(target_state="", description="", conditions=(condition,))
            self._guards[id(condition)] = condition, Guards(self._definition, transition, "closures")
        return self._guards[id(condition)][1]

    def _of_expression(self, expression: JsonValue) -> Callable[[Any], Any]:
        name = json.dumps(expression)
        if name not in self._compiled:
            self._compiled[name] = compile_logic(expression, declared=self._declared)
        return self._compiled[name]


def written_variable(key: str) -> Term:
    """Return the variable that a key was written, with whatever value."""
    return Term("variable", name=f"{WRITTEN}{key}")


WRITTEN = "written "
"""The beginning of the names of variables that say that a key was written."""


def _nowhere(cases: Cases) -> Term:
    return any_of(term for term, shape in cases if shape == Exact(NOWHERE))


def keys_of(formula: Formula) -> frozenset[str]:
    """Name the keys of the context that a formula asks about; `""` among them where it may ask about any."""
    match formula:
        case Holds(condition):
            return condition.reads
        case Truthy(expression):
            from fsm_langgraph.logic import variables

            return frozenset(path.partition(".")[0] for path in variables(expression))
        case Present(path) | Answered(path):
            return frozenset((path.partition(".")[0],))
        case Absent(key) | Untouched(key):
            return frozenset((key,))
        case Not(inner):
            return keys_of(inner)
        case AllOf(formulas) | AnyOf(formulas):
            return frozenset().union(*map(keys_of, formulas))

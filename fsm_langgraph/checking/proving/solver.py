"""Terms decided by z3: one solver for a machine, which learns as it is asked.

Each term that is asked for gets a literal, which is assumed in one question and let go of in the next. A question ends
after so many steps of the solver, not after a time, so that its answer is the same on any machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from fsm_langgraph.checking.proving.context_cases import ContextCases
from fsm_langgraph.checking.proving.terms import FALSE, TRUE, Linear, Rational, Term, parts_first

MAX_STEPS = 400_000
"""How many of its own steps z3 may take for one question."""
_FEW = 6


@dataclass(frozen=True, slots=True)
class Assignment:
    """Values of the variables with which all terms are true; a variable that is missing may have any."""

    propositions: dict[str, bool] = field(default_factory=dict)
    """The variables that are true or false."""
    numbers: dict[str, Rational] = field(default_factory=dict)
    """The numeric ones."""


class OutOfSteps(Exception):  # noqa: N818  # it is no fault of anybody
    """The solver was stopped before it knew."""


class Solver:
    """Decides terms over the cases of one machine's keys.

    Args:
        cases: The cases.
    """

    def __init__(self, cases: ContextCases) -> None:
        import z3  # it takes a tenth of a second, and not every machine needs it

        self._z3: Any = z3
        self._cases = cases
        self._z3_context = z3.Context()
        self._solver = z3.SolverFor("QF_LIRA", ctx=self._z3_context)
        self._solver.set("rlimit", MAX_STEPS)
        self._propositions: dict[str, Any] = {}
        self._numbers: dict[str, Any] = {}
        self._written: dict[int, tuple[Term, Any]] = {}
        self._literals: dict[int, tuple[Term, Any]] = {}
        self._groups = 0
        self._constraints = 0

    def assignment(self, terms: Sequence[Term]) -> Assignment | None:
        """Return values of the variables with which all terms are true; `None` where there are none.

        Raises:
            OutOfSteps: It is not known.
        """
        if FALSE in terms:
            return None
        literals = [self._literal(term) for term in terms]
        self._add_constraints()
        answer = self._solver.check(*literals)
        if answer == self._z3.unsat:
            return None
        if answer != self._z3.sat:
            raise OutOfSteps
        return self._read(self._solver.model())

    def _literal(self, term: Term) -> Any:
        if id(term) not in self._literals:
            literal = self._z3.FreshBool("asked", self._z3_context)
            self._solver.add(self._z3.Implies(literal, self._write(term)))
            self._literals[id(term)] = term, literal
        return self._literals[id(term)][1]

    def _add_constraints(self) -> None:
        cases, z3 = self._cases, self._z3
        for group in cases.groups[self._groups :]:
            choices = [self._proposition(name) for name in group]
            self._solver.add(z3.Or(choices), z3.AtMost(*choices, 1))
        self._groups = len(cases.groups)
        for term in cases.constraints[self._constraints :]:
            self._solver.add(self._write(term))
        self._constraints = len(cases.constraints)

    def _write(self, term: Term) -> Any:
        for each in parts_first([term]):
            if id(each) not in self._written:
                self._written[id(each)] = each, self._written_of(each)
        return self._written[id(term)][1]

    def _written_of(self, term: Term) -> Any:
        z3 = self._z3
        parts = [self._written[id(part)][1] for part in term.of]
        match term.kind:
            case "constant":
                return z3.BoolVal(term is TRUE, self._z3_context)
            case "variable":
                return self._proposition(term.name)
            case "not":
                return z3.Not(parts[0])
            case "and":
                return z3.And(parts)
            case "or":
                return z3.Or(parts)
        total = self._sum(term.sum or Linear(()))
        return total < 0 if term.kind == "negative" else total == 0

    def _sum(self, total: Linear) -> Any:
        written = [self._number(name) * self._value(factor, name) for name, factor in total.summands]
        are_whole = all(self._cases.whole[name] for name, _ in total.summands)
        constant = self._constant(total.constant, is_whole=are_whole and isinstance(total.constant, int))
        return self._z3.Sum([*written, constant])

    def _value(self, factor: Rational, name: str) -> Any:
        return self._constant(factor, is_whole=self._cases.whole[name] and isinstance(factor, int))

    def _constant(self, value: Rational, *, is_whole: bool) -> Any:
        z3 = self._z3
        return z3.IntVal(value, self._z3_context) if is_whole else z3.RealVal(str(value), self._z3_context)

    def _proposition(self, name: str) -> Any:
        if name not in self._propositions:
            self._propositions[name] = self._z3.Bool(f"p{len(self._propositions)}", self._z3_context)
        return self._propositions[name]

    def _number(self, name: str) -> Any:
        if name not in self._numbers:
            make = self._z3.Int if self._cases.whole[name] else self._z3.Real
            self._numbers[name] = make(f"n{len(self._numbers)}", self._z3_context)
        return self._numbers[name]

    def _read(self, model: Any) -> Assignment:
        found = Assignment()
        for name, variable in self._propositions.items():
            value = model[variable]
            if value is not None:
                found.propositions[name] = self._z3.is_true(value)
        for name, variable in self._numbers.items():
            value = model[variable]
            if value is not None:
                is_whole = self._z3.is_int_value(value)
                found.numbers[name] = value.as_long() if is_whole else Fraction(value.as_fraction())
        return found

"""Terms decided by z3: for each question the terms asked, and what is said besides of the variables in them.

A question ends after so many steps of the solver, not after a time, so that its answer is the same on any machine.
What is written for z3 is kept, so that a machine's guards are written once. Texts that are made of others come in last:
what is impossible without them is impossible, and where z3 cannot decide with them the question is as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeVar

from fsm_langgraph.checking.proving.context_cases import ContextCases
from fsm_langgraph.checking.proving.solved_numbers import SolverNumbers
from fsm_langgraph.checking.proving.solved_texts import FactsByName, SolverTexts, read_text
from fsm_langgraph.checking.proving.term_names import TermNames
from fsm_langgraph.checking.proving.terms import FALSE, TRUE, Linear, Rational, Term, parts_first
from fsm_langgraph.checking.proving.text_terms import TextFact
from fsm_langgraph.portable import Portable

V = TypeVar("V")

MAX_STEPS = 400_000
"""How many of its own steps z3 may take for one question."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Values of the variables with which all terms are true; a variable that is missing may have any."""

    propositions: Mapping[str, bool]
    """The variables that are true or false."""
    numbers: Mapping[str, Rational]
    """The numeric ones."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The texts of which others are made."""


class OutOfSteps(Portable):
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
        self._propositions: dict[str, Any] = {}
        self._written: dict[int, tuple[Term, Any]] = {}
        self._written_groups: dict[tuple[str, ...], Any] = {}
        self._said: dict[str, list[Term | tuple[str, ...]]] = {}
        self._groups = 0
        self._constraints = 0
        # None of these knows this: the garbage collector frees a circle in any thread, and z3's context too early.
        self._names = TermNames()
        self._numbers = SolverNumbers(z3, self._z3_context, cases.whole)
        self._texts = SolverTexts(z3, self._z3_context, self._numbers.sum)
        self._facts = FactsByName(self._names.of)

    def assignment(self, terms: Sequence[Term]) -> Assignment | None:
        """Return values of the variables with which all terms are true; `None` where there are none.

        Raises:
            OutOfSteps: It is not known.
        """
        if FALSE in terms:
            return None
        names = frozenset[str]().union(*map(self._names.of, terms))
        found = self._found(terms, names, ())
        if found is None:
            return None
        # Most often nothing hangs on the texts themselves, which are more than z3 can always decide.
        facts = self._facts.about((*found.propositions, *found.numbers), self._cases.facts)
        try:
            return self._found(terms, names.union(*map(self._facts.names_of, facts)), facts) if facts else found
        except OutOfSteps:
            return found

    def _found(self, terms: Sequence[Term], names: Iterable[str], facts: Sequence[TextFact]) -> Assignment | None:
        """Return values of these variables, and of those that are concerned besides, where facts hold too."""
        z3, solver = self._z3, self._z3.SimpleSolver(ctx=self._z3_context)
        solver.set("rlimit", MAX_STEPS)
        solver.add([self._write(term) for term in terms])
        solver.add([self._texts.write(fact, self._write(fact.term)) for fact in facts])
        concerned = self._add_what_is_said(solver, names)
        answer = solver.check()
        if answer == z3.unsat:
            return None
        if answer != z3.sat:
            raise OutOfSteps
        return self._read(solver.model(), concerned)

    def _add_what_is_said(self, solver: Any, concerned: Iterable[str]) -> list[str]:
        """Add what constrains these variables, and return all variables that are concerned."""
        self._take_over()
        names = sorted(concerned)
        seen, said = set(names), set[int]()
        for name in names:  # it grows while it is walked
            for each in self._said.get(name, ()):
                if id(each) in said:
                    continue
                said.add(id(each))
                solver.add(self._write_group(each) if isinstance(each, tuple) else self._write(each))
                more = set(each) if isinstance(each, tuple) else self._names.of(each)
                names += sorted(more - seen)
                seen |= more
        return names

    def _take_over(self) -> None:
        """Note by its variables what has been said since the last question."""
        groups, constraints = self._cases.groups[self._groups :], self._cases.constraints[self._constraints :]
        for group in groups:
            for name in group:
                self._said.setdefault(name, []).append(group)
        for term in constraints:
            for name in self._names.of(term):
                self._said.setdefault(name, []).append(term)
        self._groups += len(groups)
        self._constraints += len(constraints)

    def _write_group(self, group: tuple[str, ...]) -> Any:
        """Write that exactly one of these is true."""
        if group not in self._written_groups:
            choices = [self._proposition(name) for name in group]
            self._written_groups[group] = self._z3.And(self._z3.Or(choices), self._z3.AtMost(*choices, 1))
        return self._written_groups[group]

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
        total = self._numbers.sum(term.sum or Linear(()))
        return total < 0 if term.kind == "negative" else total == 0

    def _proposition(self, name: str) -> Any:
        if name not in self._propositions:
            self._propositions[name] = self._z3.Bool(f"p{len(self._propositions)}", self._z3_context)
        return self._propositions[name]

    def _read(self, model: Any, names: Sequence[str]) -> Assignment:
        def number(name: str) -> Rational:
            value = model.eval(self._numbers.variable(name), model_completion=True)
            return value.as_long() if self._z3.is_int_value(value) else Fraction(value.as_fraction())

        def truth(name: str) -> bool:
            return bool(self._z3.is_true(model.eval(self._proposition(name))))

        def text(name: str) -> str:
            return read_text(model.eval(self._texts.variables[name], model_completion=True))

        numeric = dict.fromkeys(name for name in names if name in self._cases.whole)
        texts = dict.fromkeys(name for name in names if name in self._texts.variables)
        others = dict.fromkeys(name for name in names if name not in numeric and name not in texts)
        return Assignment(_Values(others, truth), _Values(numeric, number), _Values(texts, text))


class _Values(Mapping[str, V]):
    """Values of a model, each read where somebody asks for it."""

    def __init__(self, names: dict[str, None], read: Callable[[str], V]) -> None:
        self._names = names
        self._read = read

    def __getitem__(self, name: str) -> V:
        if name not in self._names:
            raise KeyError(name)
        return self._read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

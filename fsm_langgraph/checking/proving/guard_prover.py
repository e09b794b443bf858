"""The prover of one machine: encode, decide, make a witness, have the evaluator confirm it.

the terms exclude each other                  Impossible
a context is found, the evaluator agrees      Possible
it does not agree, or there are no terms      a search among plain contexts, then Undecided
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from pydantic import JsonValue

from fsm_langgraph.checking.finding import Witness
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.placed_transitions import placed_transitions
from fsm_langgraph.checking.proving.asked_formulas import WRITTEN, EncodedFormulas, JudgedFormulas, keys_of
from fsm_langgraph.checking.proving.context_cases import ContextCases
from fsm_langgraph.checking.proving.domains import Domains
from fsm_langgraph.checking.proving.encoded_comparisons import UNCLEAR
from fsm_langgraph.checking.proving.formulas import Answer, Formula, Impossible, Possible, Undecided
from fsm_langgraph.checking.proving.relevant_values import constants_by_key
from fsm_langgraph.checking.proving.solver import Assignment, OutOfSteps, Solver
from fsm_langgraph.checking.proving.terms import TRUE, Term, parts_first
from fsm_langgraph.checking.proving.witnesses import WitnessMaker
from fsm_langgraph.context.machine_keys import MACHINE_KEYS
from fsm_langgraph.definition import EVERYTHING, FSMDefinition
from fsm_langgraph.logic.limits import LimitReached

MAX_TRIED_FIRST = 24
"""How many plain contexts are tried before the solver is asked."""
MAX_TRIED = 200
"""How many are tried where the encoding does not say enough."""
_SEED = 19


class GuardProver:
    """Answers for one machine.

    Args:
        view: The machine.
    """

    def __init__(self, view: MachineView) -> None:
        definition = view.definition
        self._defaults = definition.defaults
        domains = Domains(view)
        self._cases = ContextCases(domains.of_key, constants_by_key(_expressions(definition)))
        self._encoded = EncodedFormulas(definition, self._cases)
        self._judged = JudgedFormulas(definition)
        self._makes = WitnessMaker(self._cases)
        self._solver: Solver | None = None
        self.solved = 0
        """How many questions the solver was asked; the others were answered by a context that was tried."""
        self.unconfirmed = 0
        """How many contexts that the solver has found were not what the evaluator says."""

    def find(self, formulas: Sequence[Formula]) -> Answer:
        """Look for a context in which all of these hold."""
        quick = self._try(formulas, MAX_TRIED_FIRST)
        if quick is not None:
            return Possible(quick)
        try:
            terms = [self._encoded.term(formula) for formula in formulas]
        except LimitReached:
            return self._search(formulas, "its size")
        self.solved += 1
        try:
            found = self._solve(terms)
            if found is None:
                return Impossible(self._core(terms))
            witness = self._confirmed(formulas, found) or self._plainly(formulas, terms)
        except OutOfSteps:
            return self._search(formulas, "no answer in time")
        if witness is not None:
            return Possible(witness)
        reason = _reason(terms)
        if reason is None:
            self.unconfirmed += 1
        return self._search(formulas, reason or "a value that could not be made up")

    def _plainly(self, formulas: Sequence[Formula], terms: Sequence[Term]) -> Witness | None:
        """Look for a context without lists and objects, which there are least terms for."""
        plain = self._cases.plain()
        found = self._solve([*terms, plain]) if plain is not TRUE else None
        return self._confirmed(formulas, found) if found is not None else None

    def _solve(self, terms: Sequence[Term]) -> Assignment | None:
        if self._solver is None:
            self._solver = Solver(self._cases)
        return self._solver.assignment(terms)

    def _core(self, terms: Sequence[Term]) -> tuple[int, ...]:
        """Return the positions of terms that exclude each other, none of which can be left out."""
        left = [*range(len(terms))]
        for position in [*left]:
            without = [each for each in left if each != position]
            try:
                if without and self._solve([terms[each] for each in without]) is None:
                    left = without
            except OutOfSteps:
                continue
        return tuple(left)

    def _keys(self, formulas: Iterable[Formula]) -> list[str]:
        """Name the keys that the formulas ask about; those of the machine last."""
        asked = frozenset().union(*map(keys_of, formulas))
        for key in asked - {EVERYTHING}:
            self._cases.of_key(key)
        known = {key for key in self._cases.keys if key in asked or key.partition(".")[0] in asked}
        return sorted(known, key=lambda key: (key in MACHINE_KEYS, key))

    def _confirmed(self, formulas: Sequence[Formula], found: Assignment) -> Witness | None:
        written = frozenset(
            name.removeprefix(WRITTEN)
            for name in found.propositions
            if name.startswith(WRITTEN) and found.propositions[name]
        )
        return self._simplest(formulas, self._makes.context(found, self._keys(formulas)), written)

    def _simplest(
        self, formulas: Sequence[Formula], context: dict[str, JsonValue], written: frozenset[str]
    ) -> Witness | None:
        def agrees(other: dict[str, JsonValue]) -> bool:
            return all(self._judged.holds(formula, other, written) for formula in formulas)

        if not self._is_storable(context) or not agrees(context):
            return None
        context = self._makes.simplest(context, agrees)
        return Witness(context, frozenset(key for key in written if key in context and key in self._defaults))

    def _is_storable(self, context: dict[str, JsonValue]) -> bool:
        return all(
            domain.may_be_null if value is None else domain.holds(value)
            for domain, value in ((self._cases.keys[key].domain, value) for key, value in context.items())
        )

    def _search(self, formulas: Sequence[Formula], reason: str) -> Answer:
        witness = self._try(formulas, MAX_TRIED)
        return Undecided(reason) if witness is None else Possible(witness)

    def _try(self, formulas: Sequence[Formula], most: int) -> Witness | None:
        """Try plain contexts, at first those that have as little as can be."""
        keys = self._keys(formulas)
        defaulted = frozenset(keys) & self._defaults.keys()
        for context in islice(self._plain_contexts(keys), most):
            for written in (frozenset[str](), defaulted) if defaulted else (defaulted,):
                witness = self._simplest(formulas, context, written)
                if witness is not None:
                    return witness
        return None

    def _plain_contexts(self, keys: list[str]) -> Iterator[dict[str, JsonValue]]:
        chosen = random.Random(_SEED)  # noqa: S311  # the same contexts every time
        absent = {key for key in keys if self._cases.keys[key].domain.may_be_absent}
        needed = {key: next(iter(self._makes.candidates(key)), None) for key in keys if key not in absent}
        yield {key: value for key, value in needed.items() if value is not None}
        pools = {key: self._makes.candidates(key) for key in keys}
        while any(pools.values()):
            yield {
                key: chosen.choice(pool)
                for key, pool in pools.items()
                if pool and not (key in absent and chosen.random() < _SELDOM)
            }


_SELDOM = 0.2


def _expressions(definition: FSMDefinition) -> Iterator[JsonValue]:
    for placed in placed_transitions(definition):
        for condition in placed.transition.conditions:
            if condition.logic is not None:
                yield condition.logic


def _reason(terms: Iterable[Term]) -> str | None:
    """Name the operator that is not expressed in terms, if there is one."""
    for term in parts_first(terms):
        if term.kind == "variable" and term.name.startswith(UNCLEAR):
            return f"`{term.name[1:].partition(chr(0))[0]}`"
    return None

"""Guards as terms beside guards as the evaluator has them, in contexts of which every variable is known."""

from __future__ import annotations

from typing import Any

from pinned_contexts import is_true_of_texts, pinned
from pydantic import JsonValue

from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.proving.asked_formulas import EncodedFormulas
from fsm_langgraph.checking.proving.context_cases import ContextCases
from fsm_langgraph.checking.proving.domains import Domains
from fsm_langgraph.checking.proving.prover import Truthy
from fsm_langgraph.checking.proving.relevant_values import constants_by_key
from fsm_langgraph.checking.proving.solver import Assignment
from fsm_langgraph.checking.proving.terms import truth_in
from fsm_langgraph.checking.proving.text_terms import TextFact
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.logic import compile_logic, truthy
from fsm_langgraph.logic.limits import LimitReached


def compared(
    definition: FSMDefinition, guards: list[JsonValue], contexts: list[dict[str, JsonValue]]
) -> tuple[int, list[tuple[JsonValue, dict[str, JsonValue]]]]:
    """Return how many pairs the terms say nothing of, and those of which they say something else."""
    cases = ContextCases(Domains(MachineView(definition)).of_key, constants_by_key(guards))
    encoded = EncodedFormulas(definition, cases)
    terms = []
    for each in guards:
        try:
            terms.append((each, encoded.term(Truthy(each)), compiled(definition, each)))
        except LimitReached:
            continue
    undecided, wrong = 0, []
    for context in contexts:
        found = pinned(cases, context)
        assert [fact for fact in cases.facts if not _is_so(fact, found)] == []
        for each, term, evaluate in terms:
            told = truth_in(term, found.propositions, found.numbers)
            undecided += told is None
            if told is not None and told is not truthy(evaluate(context)):
                wrong.append((each, context))
    return undecided, wrong


def _is_so(fact: TextFact, found: Assignment) -> bool:
    """Say whether a fact's term is as true as what it says of texts, as far as both are known."""
    told, truth = truth_in(fact.term, found.propositions, found.numbers), is_true_of_texts(fact, found)
    return None in (told, truth) or told is truth


def compiled(definition: FSMDefinition, expression: JsonValue) -> Any:
    return compile_logic(expression, declared=frozenset(definition.context or ()))

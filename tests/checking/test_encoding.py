"""The encoding against the evaluator: random guards and contexts, 50,000 pairs of them.

No guard that holds in a context may be called impossible, and what the terms say of a context is what the evaluator
says. Where the terms say nothing (`Unclear`), nothing is claimed.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from compared_encoding import compared, compiled
from pydantic import JsonValue
from random_guards import COMMON, KEYS, declarations, guard, machine_with, stored

from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.proving.domains import Domains
from fsm_langgraph.checking.proving.prover import Impossible, Not, Truthy, Undecided, make_prover
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.logic import truthy
from fsm_langgraph.logic.operators import OPERATORS

GUARDS, CONTEXTS = 25, 50
"""For each of the machines."""
MACHINES = 40
ALL = sorted(OPERATORS)


@pytest.mark.parametrize("seed", range(MACHINES))
def test_the_terms_say_what_the_evaluator_says(seed: int) -> None:
    rng = Random(seed)  # noqa: S311  # nothing secret
    definition, guards, contexts = _drawn(rng, COMMON if seed % 4 == 0 else ALL)
    undecided, wrong = compared(definition, guards, contexts)

    assert wrong == []
    assert undecided < (0.15 if seed % 4 == 0 else 0.45) * len(guards) * len(contexts)


@pytest.mark.parametrize("seed", range(10))
def test_nothing_that_holds_is_impossible(seed: int) -> None:
    rng = Random(1_000 + seed)  # noqa: S311  # nothing secret
    definition, guards, contexts = _drawn(rng, ALL)
    prover = make_prover(MachineView(definition))
    assert prover is not None

    for each in guards:
        judged = {truthy(compiled(definition, each)(context)) for context in contexts}
        assert not (True in judged and isinstance(prover.find([Truthy(each)]), Impossible)), each
        assert not (False in judged and isinstance(prover.find([Not(Truthy(each))]), Impossible)), each


@pytest.mark.parametrize("seed", range(5))
def test_guards_that_compare_keys_with_constants_are_all_decided(seed: int) -> None:
    rng = Random(2_000 + seed)  # noqa: S311  # nothing secret
    context = {key: rng.choice(_SCALARS) for key in KEYS}
    guards = [_plain_guard(rng, 3) for _ in range(40)]
    prover = make_prover(MachineView(machine_with(guards, context, KEYS[:2])))
    assert prover is not None

    asked = [formula for each in guards for formula in (Truthy(each), Not(Truthy(each)))]
    assert [formula for formula in asked if isinstance(prover.find([formula]), Undecided)] == []


_SCALARS: list[dict[str, Any]] = [
    {"type": "integer", "minimum": 1, "maximum": 10},
    {"type": "number"},
    {"type": "boolean"},
    {"enum": ["red", "blue", "3"]},
    {"type": "string"},
    {"type": "string", "format": "date"},
    {"type": "array", "items": {"enum": ["red", "blue"]}},
]


def _plain_guard(rng: Random, depth: int) -> JsonValue:
    key: JsonValue = {"var": rng.choice(KEYS)}
    constant = rng.choice(("red", "blue", "3", "2026-03-05", 3, 2.5, 7, True, None, ""))
    if depth == 0 or rng.random() < 0.3:
        leaves: list[JsonValue] = [
            {rng.choice(("==", "!=", "===", "!==")): [key, constant]},
            {rng.choice(("<", "<=", ">", ">=")): [key, rng.choice((3, 2.5, 7))]},
            {"in": [key, ["red", "3", 3, 7]]},
            {"!": {"missing": [rng.choice(KEYS), rng.choice(KEYS)]}},
            key,
        ]
        return rng.choice(leaves)
    parts: list[JsonValue] = [_plain_guard(rng, depth - 1) for _ in range(3)]
    operator = rng.choice(("and", "or", "if", "!", "!!"))
    return {operator: parts if operator in ("and", "or", "if") else parts[:1]}


def _drawn(rng: Random, operators: Any) -> tuple[FSMDefinition, list[JsonValue], list[dict[str, JsonValue]]]:
    """Return a machine, its guards, and contexts that it can have."""
    context = declarations(rng)
    guards = [guard(rng, rng.randrange(1, 4 if operators is COMMON else 3), operators) for _ in range(GUARDS)]
    definition = machine_with(guards, context, [key for key in KEYS if rng.random() < 0.5])
    domains = Domains(MachineView(definition))
    names = (*KEYS, "_stays", "_now")
    contexts = [{key: each for key in names for each in stored(rng, domains.of_key(key))} for _ in range(CONTEXTS)]
    return definition, guards, contexts

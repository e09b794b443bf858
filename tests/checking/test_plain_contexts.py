"""Plain contexts show at once that a guard can hold; where none does nothing is claimed."""

from __future__ import annotations

import pytest
from guarded import HOTEL, machine, to, var

from fsm_langgraph.checking.guards.plain_contexts import PlainContexts
from fsm_langgraph.checking.proving.formulas import AllOf, AnyOf, Formula, Not, Present, Truthy

LONG, SUITE = Truthy({">": [var("nights"), 7]}), Truthy({"==": [var("size"), "suite"]})


@pytest.mark.parametrize(
    ("formulas", "context"),
    [
        ((SUITE,), {"size": "suite"}),
        ((Present("size"), Not(SUITE)), {"size": "single"}),
        ((Not(LONG),), {}),
        ((AllOf((SUITE, Not(LONG))), AnyOf((LONG, Present("nights")))), {"size": "suite", "nights": 1}),
        ((Present("day"),), {"day": "2026-06-15"}),
        ((LONG, Truthy({"<": [var("nights"), 3]})), None),
        ((Truthy({"==": [var("unheard of"), 1]}),), None),
        ((Truthy({">": [var("_stays"), 1]}),), None),
    ],
)
def test_a_context_in_which_formulas_hold(formulas: tuple[Formula, ...], context: dict[str, object] | None) -> None:
    witness = PlainContexts(machine(to("a"), context=HOTEL)).find(formulas)

    assert (None if witness is None else witness.context) == context

"""Who opens a transition, where no prover is there: what follows from the keys, and from an untouched context."""

from __future__ import annotations

from typing import Any

import pytest
from machines import machine, state, to

from fsm_langgraph import load_definition
from fsm_langgraph.checking.access.machine_access import MachineAccess
from fsm_langgraph.checking.access.openings import Openings
from fsm_langgraph.checking.machine_view import MachineView

KEYS = {
    "wish": {"type": "string"},
    "verified": {"type": "boolean", "written_by": "handler"},
    "role": {"type": "string", "written_by": "caller"},
    "blocked": {"type": "boolean", "written_by": "handler", "default": False},
}


@pytest.mark.parametrize(
    ("requires", "logic", "by"),
    [
        ([], None, "model"),
        (["wish"], None, "model"),
        (["wish", "verified"], None, "others"),
        ([], {"!": [{"var": "blocked"}]}, "model"),
        ([], {"===": [{"var": "role"}, "clerk"]}, "unknown"),
        ([], {"var": {"var": "wish"}}, "unknown"),
    ],
    ids=["no conditions", "the model's", "a handler's", "it fails open", "it is not known", "any key"],
)
def test_without_a_prover_it_says_what_is_certain(requires: list[str], logic: Any, by: str) -> None:
    view = MachineView(load_definition(machine(state("a", to("b", *requires, logic=logic)), state("b"), context=KEYS)))
    [transition] = view.definition.states["a"].transitions

    opening = Openings(view, MachineAccess(view).may_write, lambda _: None).of(transition, view.definition.states["a"])

    assert opening.by == by


def test_what_stands_below_an_open_one_is_never_taken() -> None:
    sort = state("sort", to("no"), to("yes", "wish", priority=200), silent=True)
    view = MachineView(load_definition(machine(sort, state("no"), state("yes"), context=KEYS)))
    state_, access = view.definition.states["sort"], MachineAccess(view)

    assert [access.opening(each, state_).by for each in state_.transitions] == ["model", "others"]

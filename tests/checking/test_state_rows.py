"""The table of states tells of each what a turn does there, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from checking.machine_of_states import KNOWN, made, raw, to, way
from machines import Talk

from fsm_langgraph.checking.state_rows import StateRow, state_rows

INNER = raw({"x": to("y"), "y": {}})


def row(state: Any, **fields: Any) -> StateRow:
    """Return the row of the state `a` of a machine."""
    return state_rows(made({"a": state, "b": {}}, **fields))[0]


@pytest.mark.parametrize(
    ("state", "kind", "calls"),
    [
        pytest.param(to("b"), "asks", (1, 2), id="asks"),
        pytest.param(to("b", calls="two"), "asks", (2, 2), id="in two calls"),
        pytest.param(to("b", tools=["search", "book"], max_tool_calls=3), "asks", (1, 5), id="with tools"),
        pytest.param(to("b", decision="logic"), "logic", (1, 2), id="logic"),
        pytest.param(to("b", listens=False), "thought", (1, 1), id="thought"),
        pytest.param(to("b", listens=False, tools=["search"]), "thought", (1, 6), id="thought with tools"),
        pytest.param(to("b", silent=True), "silent", (0, 0), id="silent"),
        pytest.param(to("b", silent=True, say="Well."), "says", (0, 0), id="says"),
        pytest.param({}, "final", (0, 1), id="final"),
        pytest.param(to("b", subflow="inner"), "sub-machine", (0, 0), id="a sub-machine"),
        pytest.param(
            {"transitions": [way("b", **KNOWN)], "subflow": "inner"}, "sub-machine", (0, 1), id="one that may rest"
        ),
    ],
)
def test_a_state_has_a_kind_and_a_number_of_calls(state: Any, kind: str, calls: tuple[int, int]) -> None:
    found = row(state, subflows={"inner": INNER})

    assert (found.kind, (found.least_calls, found.most_calls)) == (kind, calls)
    assert (found.prompt_tokens is None) == (found.most_calls == 0)


@pytest.mark.parametrize(
    ("state", "calls"),
    [pytest.param(to("b"), 1, id="one"), pytest.param(to("b", calls="two"), 2, id="two")],
)
def test_the_least_calls_are_those_that_a_turn_makes(state: Any, calls: int) -> None:
    definition = made({"a": state, "b": {}})
    reply = {"target_state": "a", "updates": [], "message": "Well?"}
    talk = Talk(definition, ["Hello.", reply, "Well?"])
    talk.say()

    talk.say("hi")

    assert len(talk.record["model_calls"]) == row(state).least_calls == calls


def test_keys_are_told_by_who_collects_and_who_reads_them() -> None:
    state = {
        "transitions": [way("b", **KNOWN)],
        "required_context_keys": ["size"],
        "optional_context_keys": ["colour"],
        "instructions": "Ask {{guest}}",
    }

    found = row(state)

    assert (found.collects, found.reads) == (("size", "colour"), ("guest", "size"))


def test_states_of_sub_machines_are_told_by_their_paths_and_places() -> None:
    rows = state_rows(made({"a": to("b", subflow="inner"), "b": {}}, subflows={"inner": INNER}))

    assert [(each.state, each.place) for each in rows] == [
        ("a", "states.a"),
        ("a/x", "subflows.inner.states.x"),
        ("a/y", "subflows.inner.states.y"),
        ("b", "states.b"),
    ]
    assert [each.kind for each in rows] == ["sub-machine", "asks", "final", "final"]
    assert [each.most_calls for each in rows] == [0, 2, 0, 1]

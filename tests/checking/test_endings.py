"""A machine with an end is one that each state can bring to it; one without any is meant so."""

from __future__ import annotations

from typing import Any

import pytest
from checking.machine_of_states import KNOWN, made, raw, to, told, way

CODES = ("no-way-to-an-end", "trap", "endless-sub-machine", "unreachable-state")
BACK = {"return": True}


@pytest.mark.parametrize(
    ("states", "fields", "found"),
    [
        pytest.param({"a": to("b"), "b": to("a"), "end": {}}, {}, ["no-way-to-an-end initial_state"], id="no way"),
        pytest.param(
            {"a": to("a"), "b": to("end"), "end": {}}, {}, ["no-way-to-an-end initial_state"], id="nor before the end"
        ),
        pytest.param({"a": to("b", "end"), "b": to("c"), "c": to("b"), "end": {}}, {}, ["trap states.b"], id="a ring"),
        pytest.param({"a": to("b", "end"), "b": to("b"), "end": {}}, {}, ["trap states.b"], id="a state of itself"),
        pytest.param(
            {"a": to("b", "c", "end"), "b": to("b"), "c": to("c"), "end": {}},
            {},
            ["trap states.b", "trap states.c"],
            id="two of them",
        ),
        pytest.param(
            {"a": to("end"), "help": to("more"), "more": to("help"), "end": {}},
            {"global_transitions": [way("help", **BACK)]},
            ["trap states.help"],
            id="a digression that never comes back",
        ),
        pytest.param(
            {"a": to("b", "end"), "b": to("b", global_transitions=False), "end": {}},
            {"global_transitions": [way("end")]},
            ["trap states.b"],
            id="a state that opts out of the way out",
        ),
        pytest.param({"a": to("b"), "b": to("a")}, {}, [], id="an assistant that talks for ever"),
        pytest.param({"a": to("b", "end"), "b": to("a"), "end": {}}, {}, [], id="a round with a way out"),
        pytest.param(
            {"a": to("end"), "hours": {}, "end": {}}, {"global_transitions": [way("hours", **BACK)]}, [], id="hours"
        ),
        pytest.param(
            {"a": to("b"), "b": to("a"), "hours": {}},
            {"global_transitions": [way("hours", **BACK)]},
            [],
            id="for ever, with a digression that ends",
        ),
        pytest.param(
            {"a": to("b"), "b": to("b"), "end": {}}, {"global_transitions": [way("end")]}, [], id="a global goodbye"
        ),
        pytest.param(
            {"a": to("b"), "b": to("b"), "end": {}},
            {"global_transitions": [way("end", **KNOWN)]},
            [],
            id="by a trigger",
        ),
        pytest.param(
            {"a": to("b", "end"), "b": {"transitions": [way("b", handoff="human")]}, "end": {}}, {}, [], id="a handoff"
        ),
        pytest.param(
            {"a": to("b", "end"), "b": to("b", tools=["transfer"]), "end": {}}, {}, [], id="a tool that may hand over"
        ),
    ],
)
def test_where_no_end_can_be_reached_it_is_told(states: Any, fields: Any, found: list[str]) -> None:
    assert told(made(states, **fields), *CODES) == found


RUN = {**to("end"), "subflow": "inner"}
ENDLESS = raw({"x": to("y"), "y": to("x")})


@pytest.mark.parametrize(
    ("inner", "fields", "found"),
    [
        pytest.param(ENDLESS, {}, ["endless-sub-machine subflows.inner"], id="no end"),
        pytest.param(
            raw({"x": to("y"), "y": to("x"), "end": {}}),
            {},
            ["no-way-to-an-end subflows.inner.initial_state"],
            id="no way to it",
        ),
        pytest.param(
            raw({"x": to("x"), "hours": {}}, global_transitions=[way("hours", **BACK)]),
            {},
            ["endless-sub-machine subflows.inner"],
            id="an end of digressions alone",
        ),
        pytest.param(ENDLESS, {"global_transitions": [way("bye")]}, [], id="left by a global transition"),
        pytest.param(
            ENDLESS,
            {"global_transitions": [way("bye", **BACK)]},
            ["endless-sub-machine subflows.inner"],
            id="left by a digression, which comes back",
        ),
        pytest.param(raw({"x": {"transitions": [way("x", handoff="human")]}}), {}, [], id="left by a handoff"),
        pytest.param(raw({"x": to("y"), "y": {}}), {}, [], id="an end"),
    ],
)
def test_a_sub_machine_has_to_end(inner: Any, fields: Any, found: list[str]) -> None:
    states = {"run": RUN, "end": {}, **({"bye": {}} if fields else {})}

    assert told(made(states, subflows={"inner": inner}, **fields), *CODES) == found


def test_a_state_inside_that_a_global_transition_around_leads_out_of_is_no_trap() -> None:
    inner = raw({"x": to("y", "z"), "y": to("y"), "z": {}})
    states = {"run": RUN, "end": {}, "bye": {}}

    assert told(made(states, subflows={"inner": inner}), "trap") == ["trap subflows.inner.states.y"]
    assert told(made(states, subflows={"inner": inner}, global_transitions=[way("bye")]), "trap") == []

"""What nothing leads to is told, and what follows it with it."""

from __future__ import annotations

from typing import Any

import pytest
from checking.machine_of_states import KNOWN, SILENT, made, raw, to, told, way

from fsm_langgraph.checking import findings

CODES = ("unreachable-state", "unused-sub-machine")


@pytest.mark.parametrize(
    ("states", "fields", "found"),
    [
        pytest.param({"a": to("b"), "b": {}, "c": {}}, {}, ["c"], id="a forgotten transition"),
        pytest.param({"a": {}, "b": to("c"), "c": {}}, {}, ["b"], id="what follows comes with it"),
        pytest.param({"a": {}, "b": to("d"), "c": to("d"), "d": {}}, {}, ["b", "c"], id="two that lead to a third"),
        pytest.param({"a": {}, "b": to("c"), "c": to("b")}, {}, ["b"], id="two that lead to each other"),
        pytest.param(
            {"a": to("c", global_transitions=False), "b": {}, "c": {}},
            {"global_transitions": [way("b")]},
            ["b"],
            id="a global transition that is open nowhere",
        ),
        pytest.param(
            {"a": to("c", **SILENT), "b": {}, "c": {}},
            {"global_transitions": [way("b")]},
            ["b"],
            id="a global transition that nobody can propose",
        ),
        pytest.param({"a": to("b"), "b": {}}, {}, [], id="a chain"),
        pytest.param({"a": to("b"), "b": to("a")}, {}, [], id="a loop"),
        pytest.param({"a": to("a"), "b": to("c"), "c": {}}, {"global_transitions": [way("b")]}, [], id="a global one"),
        pytest.param(
            {"a": to("c", **SILENT), "b": {}, "c": {}},
            {"global_transitions": [way("b", **KNOWN)]},
            [],
            id="a conditional global one, watched in silence",
        ),
        pytest.param(
            {"a": to("a"), "b": {}}, {"global_transitions": [way("b", **{"return": True})]}, [], id="a digression"
        ),
    ],
)
def test_a_state_that_nothing_leads_to_is_told(states: Any, fields: Any, found: list[str]) -> None:
    assert told(made(states, **fields), *CODES) == [f"unreachable-state states.{name}" for name in found]


def test_the_message_names_what_follows_and_the_advice_where_the_conversation_ends() -> None:
    [finding] = findings(made({"a": to("b"), "b": {}, "pay": to("paid"), "paid": {}}))

    assert finding.message == (
        "no transition leads to 'pay' from the initial state 'a', so nothing comes to 'paid' by it either."
    )
    assert "Final, as they have no transitions: 'b'." in finding.advice


CARD = raw({"number": to("done"), "done": {}})
PAY = {**to("end"), "subflow": "card"}


@pytest.mark.parametrize(
    ("states", "subflows", "found"),
    [
        pytest.param({"a": to("end"), "end": {}}, {"card": CARD}, ["unused-sub-machine subflows.card"], id="unused"),
        pytest.param({"pay": PAY, "end": {}}, {"card": CARD}, [], id="run by a state"),
        pytest.param(
            {"pay": {**PAY, "subflow": "around"}, "end": {}},
            {"card": CARD, "around": raw({"pay": PAY, "end": {}})},
            [],
            id="run by a machine inside",
        ),
        pytest.param(
            {"pay": PAY, "end": {}},
            {"card": raw({"number": {}, "lost": {}})},
            ["unreachable-state subflows.card.states.lost"],
            id="a lost state inside",
        ),
    ],
)
def test_sub_machines_are_looked_at_too(states: Any, subflows: Any, found: list[str]) -> None:
    assert told(made(states, subflows=subflows), *CODES) == found

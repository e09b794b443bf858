"""A condition that waits for what nobody is asked for is told of; one whose key somebody may write is not."""

from __future__ import annotations

from typing import Any

import pytest
from checking.machine_of_states import Json
from checking.machine_with_keys import BOOLEAN, BY_HANDLER, TEXT, asks, found, on

ROOM = asks("nights", to=[on("end", "nights", "paid")])
HERE = "states.room.transitions[0].conditions[0]"


@pytest.mark.parametrize(
    ("state", "context", "told"),
    [
        pytest.param(
            ROOM,
            {"nights": TEXT, "paid": TEXT},
            f"never-collected {HERE}.requires_context_keys[1]",
            id="a declared key",
        ),
        pytest.param(
            asks("nights", to=[on("end", logic={"==": [{"var": "paid"}, True]})]),
            {"nights": TEXT, "paid": BOOLEAN},
            f"never-collected {HERE}.logic",
            id="by logic",
        ),
        pytest.param(
            asks("nights", to=[on("end", "guest.name")]),
            {"nights": TEXT, "guest": {"type": "object"}},
            f"never-collected {HERE}.requires_context_keys[0]",
            id="a path",
        ),
        pytest.param(
            asks("nights", to=[on("end", answered_context_keys=["paid"])]),
            {"nights": TEXT, "paid": {**TEXT, "default": "no"}},
            f"never-collected {HERE}.answered_context_keys[0]",
            id="a default is no answer",
        ),
        pytest.param(
            asks("nights", to=[on("end", "nigths")]),
            None,
            f"misspelt-key {HERE}.requires_context_keys[0]",
            id="a slip, where nothing is declared",
        ),
        pytest.param(
            asks("guest", to=[on("end", logic={"var": "gest.name"})]),
            None,
            f"misspelt-key {HERE}.logic",
            id="a slip in a path",
        ),
        pytest.param(
            asks("guest", to=[on("end", "guest")], forget=["gest"]),
            None,
            "misspelt-key states.room.forget[0]",
            id="a slip in forget",
        ),
        pytest.param(
            asks("guest", to=[on("end", "guest")], visible_context_keys=["geust"]),
            None,
            "misspelt-key states.room.visible_context_keys[0]",
            id="a slip in what is shown",
        ),
        pytest.param(
            asks("guest", "ok", to=[on("end", "ok", confirms=["gest"])]),
            None,
            f"misspelt-key {HERE}.confirms[0]",
            id="a slip in what is confirmed",
        ),
    ],
)
def test_a_key_that_nobody_is_asked_for_is_told(state: Json, context: Json | None, told: str) -> None:
    assert [each for each in found({"room": state}, context) if "one-way" not in each] == [told]


@pytest.mark.parametrize(
    ("state", "context"),
    [
        pytest.param(ROOM, {"nights": TEXT, "paid": BY_HANDLER}, id="a handler's"),
        pytest.param(ROOM, {"nights": TEXT, "paid": {**TEXT, "written_by": "caller"}}, id="the caller's"),
        pytest.param(ROOM, None, id="anybody's, where nothing is declared"),
        pytest.param({**ROOM, "optional_context_keys": ["paid"]}, {"nights": TEXT, "paid": TEXT}, id="collected here"),
        pytest.param(
            {**ROOM, "extraction_instructions": "Note paid, as yes or no."},
            {"nights": TEXT, "paid": TEXT},
            id="asked for in words",
        ),
        pytest.param(
            {**ROOM, "instructions": "Set `paid` when they have."},
            {"nights": TEXT, "paid": TEXT},
            id="named by the instructions",
        ),
        pytest.param(asks("item", to=[on("end", "items")]), None, id="a plural"),
        pytest.param(asks("line1", to=[on("end", "line2")]), None, id="a number"),
        pytest.param(asks("height", to=[on("end", "weight")]), None, id="another word"),
        pytest.param(asks("room_date", to=[on("end", "room_rate")]), None, id="another word within"),
        pytest.param(asks("nights", to=[on("end", logic={">": [{"var": "_stays"}, 2]})]), None, id="the machine's own"),
        pytest.param(asks("nights", to=[on("end", logic={"var": ""})]), None, id="the whole context"),
        pytest.param(asks("guest", to=[on("end", "guest.name")]), None, id="a path into what is collected"),
        pytest.param(asks("guest.name", to=[on("end", "guest.name")]), None, id="a key with a dot"),
    ],
)
def test_a_key_that_somebody_may_write_is_not(state: Json, context: Json | None) -> None:
    assert found({"room": state}, context) == []


def test_a_key_that_a_global_transition_waits_for_is_noted_by_the_model_anywhere() -> None:
    states = {"room": asks("nights", to=[on("end", "nights")]), "help": {}}

    assert found(states, {"nights": TEXT, "danger": BOOLEAN}, global_transitions=[on("help", "danger")]) == []


def test_a_key_is_told_once_where_it_is_read_first() -> None:
    states = {"one": asks(to=[on("two", "paid"), on("end")]), "two": asks(to=[on("one", "paid"), on("end")])}

    told = found(states, {"paid": TEXT})

    assert told == ["never-collected states.one.transitions[0].conditions[0].requires_context_keys[0]"]


def test_an_undeclared_key_of_unknown_origin_is_noted() -> None:
    told = found({"room": ROOM}, notes=True)

    assert f"unknown-writer {HERE}.requires_context_keys[1]" in told


def test_a_misspelt_key_that_is_collected_is_told_where_the_right_one_is_wanted() -> None:
    states = {
        "room": asks("nights", to=[on("more", "nights")]),
        "more": asks("nigths", to=[on("end", "nights"), on("room")]),
    }

    assert found(states) == ["misspelt-key states.more.required_context_keys[0]"]


CARD: dict[str, Any] = {
    "name": "Card",
    "description": "d",
    "initial_state": "number",
    "states": {
        "number": {"id": "number", "description": "d", "purpose": "p", **asks("number", to=[on("done", "number")])},
        "done": {"id": "done", "description": "d", "purpose": "p"},
    },
}


@pytest.mark.parametrize(
    ("pay", "told"),
    [
        pytest.param(
            {"subflow": "card", "transitions": [on("end", "number")]},
            ["not-handed-over states.pay.transitions[0].conditions[0].requires_context_keys[0]"],
            id="it stays inside",
        ),
        pytest.param({"subflow": "card", "outputs": ["number"], "transitions": [on("end", "number")]}, [], id="output"),
        pytest.param({"subflow": "card", "transitions": [on("end", "receipt")]}, [], id="a handler may write it"),
    ],
)
def test_a_key_that_a_sub_machine_collects_comes_back_as_an_output(pay: Json, told: list[str]) -> None:
    assert found({"pay": pay}, subflows={"card": CARD}) == told


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        pytest.param([], ["not-handed-over subflows.card.states.number.transitions[0].conditions[0].logic"], id="none"),
        pytest.param(["total"], [], id="handed in"),
    ],
)
def test_a_key_that_the_machine_around_collects_goes_in_as_an_input(inputs: list[str], told: list[str]) -> None:
    number = {**CARD["states"]["number"], "transitions": [on("done", "number", logic={">": [{"var": "total"}, 1]})]}
    card = {**CARD, "states": {**CARD["states"], "number": number}}
    states = {
        "ask": asks("total", to=[on("pay", "total")]),
        "pay": {"subflow": "card", "inputs": inputs, "transitions": [on("end")]},
    }

    assert found(states, subflows={"card": card}) == told

"""A key that is needed where it cannot be there is told of; one that may come in any way is not."""

from __future__ import annotations

import pytest
from checking.machine_of_states import Json, made
from checking.machine_with_keys import BOOLEAN, BY_HANDLER, TEXT, asks, found, on

from fsm_langgraph.checking import findings

ROOM = asks("size", to=[on("sum", "size")])
SIZE: Json = {"size": TEXT, "right": BY_HANDLER, "note": TEXT}


@pytest.mark.parametrize(
    ("states", "told"),
    [
        pytest.param(
            {"room": ROOM, "sum": asks("note", to=[on("end", "size")], forget=["size"])},
            ["forgotten-key states.sum.forget[0]"],
            id="by the state itself",
        ),
        pytest.param(
            {"room": ROOM, "sum": asks("note", to=[on("end", "size"), on("room")], forget=["note", "size"])},
            ["forgotten-key states.sum.forget[1]"],
            id="for one of two transitions",
        ),
        pytest.param(
            {"room": ROOM, "sum": asks(to=[on("end", logic={"==": [{"var": "size"}, "s"]})], forget=["size"])},
            ["forgotten-key states.sum.forget[0]"],
            id="by logic",
        ),
        pytest.param(
            {"room": ROOM, "sum": {"silent": True, "forget": ["size"], "transitions": [on("end", "size")]}},
            ["forgotten-key states.sum.forget[0]"],
            id="by a silent state",
        ),
        pytest.param(
            {"room": ROOM, "sum": asks(to=[on("last")], forget=["size"]), "last": asks(to=[on("end", "size")])},
            ["forgotten-key states.last.transitions"],
            id="by a state before it",
        ),
        pytest.param(
            {"room": ROOM, "sum": asks("note", to=[on("end", "note", "size", confirms=["right"])])},
            ["forgotten-key states.sum.transitions[0]"],
            id="as a confirmation",
        ),
        pytest.param(
            {"hello": asks(to=[on("room", "size")]), "room": asks("size", to=[on("end", "size")])},
            ["key-too-late states.hello.transitions"],
            id="asked for only later",
        ),
    ],
)
@pytest.mark.parametrize("context", [SIZE, None], ids=["declared", "undeclared"])
def test_a_key_that_cannot_be_there_is_told(states: Json, context: Json | None, told: list[str]) -> None:
    assert found(states, context) == told


@pytest.mark.parametrize(
    "states",
    [
        pytest.param({"room": ROOM, "sum": asks("size", to=[on("end", "size")], forget=["size"])}, id="asked again"),
        pytest.param({"room": ROOM, "sum": asks("note", to=[on("end", "size")])}, id="not forgotten"),
        pytest.param({"room": ROOM, "sum": asks("note", to=[on("end", "note")], forget=["size"])}, id="not needed"),
        pytest.param({"room": ROOM, "sum": asks(to=[on("room"), on("end")], forget=["size"])}, id="asked for anew"),
        pytest.param(
            {"room": ROOM, "sum": asks(to=[on("end", logic={"!": {"var": "size"}})], forget=["size"])}, id="absence"
        ),
        pytest.param({"room": ROOM, "sum": asks(to=[on("end", "right")], forget=["right"])}, id="a handler's"),
        pytest.param(
            {
                "hello": asks(to=[on("room"), on("end", "size")]),
                "room": asks("size", to=[on("hello", "size")]),
            },
            id="a menu that is come back to",
        ),
        pytest.param(
            {"hello": asks(to=[on("sum", "size"), on("room")]), "room": ROOM, "sum": asks(to=[on("end")])},
            id="passed where it is known already",
        ),
        pytest.param(
            {
                "room": ROOM,
                "sum": asks(to=[on("a"), on("b")]),
                "a": asks(to=[on("b")], forget=["size"]),
                "b": asks(to=[on("end", "size")]),
            },
            id="forgotten on one way of two",
        ),
        pytest.param(
            {"hello": asks(to=[on("room", "size")], instructions="Set 'size'."), "room": ROOM, "sum": {}},
            id="asked for in words",
        ),
        pytest.param(
            {"room": ROOM, "sum": asks("note", to=[on("end", "note", confirms=["size"])])},
            id="a confirmation asked for",
        ),
    ],
)
@pytest.mark.parametrize("context", [SIZE, None], ids=["declared", "undeclared"])
def test_a_key_that_may_be_there_is_not(states: Json, context: Json | None) -> None:
    assert found(states, context) == []


def test_a_digression_may_ask_for_what_is_needed() -> None:
    states = {
        "hello": asks(to=[on("end", "size")]),
        "sizes": asks("size", to=[on("told", "size")]),
        "told": {},
    }
    back = {**on("sizes"), "return": True}

    assert found(states, SIZE, global_transitions=[back]) == []
    assert found({**states, "hello": asks(to=[on("sizes", "size")])}, SIZE) == ["key-too-late states.hello.transitions"]


TRIGGER: Json = {**on("help", "note"), "description": "the user is lost"}


def test_a_conditional_global_transition_brings_keys_out_of_a_silent_state() -> None:
    states = {
        "hello": asks("note", to=[on("size", "note")], global_transitions=False),
        "size": asks("size", to=[on("sort", "size")], global_transitions=False),
        "sort": {"silent": True, "transitions": [on("menu")]},
        "menu": asks(to=[on("end")], forget=["size"]),
        "help": asks(to=[on("end", "size")]),
    }
    opted_out = {**states, "sort": {**states["sort"], "global_transitions": False}}

    assert found(states, SIZE, global_transitions=[TRIGGER]) == []
    assert found(opted_out, SIZE, global_transitions=[TRIGGER]) == ["forgotten-key states.help.transitions"]


def test_a_digression_out_of_a_silent_state_may_ask_for_what_is_needed() -> None:
    states = {
        "hello": asks("note", to=[on("sort", "note")], global_transitions=False),
        "sort": {"silent": True, "transitions": [on("sum", "note")]},
        "sum": asks(to=[on("end", "size")], global_transitions=False),
        "help": asks("size", to=[on("told", "size")]),
        "told": {},
    }

    assert found(states, SIZE, global_transitions=[{**TRIGGER, "return": True}]) == []
    assert found(states, SIZE, global_transitions=[]) == ["key-too-late states.sum.transitions"]


def test_what_confirms_in_a_global_transition_is_forgotten_in_every_state() -> None:
    states = {"hello": asks("ok", to=[on("sum", "ok")]), "sum": asks("note", to=[on("end", "ok")])}
    leaving = on("end", "ok", confirms=["note"])

    assert found(states, {"ok": BOOLEAN, "note": TEXT}, global_transitions=[leaving]) == [
        "forgotten-key states.sum.transitions[0]",
        "one-way-answer states.hello.transitions",
    ]


def test_what_depends_on_a_confirmation_is_told_to_go_with_it() -> None:
    to_end = on("end", "ok", confirms=["size"])
    to_end["conditions"] += on("end", "note")["conditions"]
    states = {"ask": asks("size", "ok", "note", to=[on("sum", "size", "note")]), "sum": asks("ok", to=[to_end])}
    context = {"size": TEXT, "ok": BOOLEAN, "note": {**TEXT, "depends_on": ["ok"]}}

    told = [each for each in findings(made({**states, "end": {}}, context=context)) if each.code == "forgotten-key"]
    assert [each.path for each in told] == ["states.sum.transitions[0]"]
    assert "forgets 'ok' as it is entered, and 'note', which depends on it, goes with it" in told[0].message
    assert told[0].advice == "List 'note' in the state's 'required_context_keys'."


def test_tools_may_write_any_key_where_nothing_is_declared() -> None:
    states = {"hello": asks(to=[on("room", "size")], tools=["guess"]), "room": asks("size", to=[on("end", "size")])}

    assert found(states) == []


HOTEL: Json = {"hotel": {**TEXT, "depends_on": ["city"]}, "city": TEXT, "ok": BOOLEAN}


@pytest.mark.parametrize(
    ("states", "told"),
    [
        pytest.param(
            {"hotel": asks("hotel", to=[on("city", "hotel")]), "city": asks("city", to=[on("end", "city")])},
            ["stale-answer context.hotel.depends_on"],
            id="the hotel first",
        ),
        pytest.param(
            {"city": asks("city", to=[on("hotel", "city")]), "hotel": asks("hotel", to=[on("end", "hotel")])},
            [],
            id="the city first",
        ),
        pytest.param({"both": asks("city", "hotel", to=[on("end", "city", "hotel")])}, [], id="both at once"),
        pytest.param(
            {
                "hotel": asks("hotel", to=[on("city", "hotel")]),
                "city": asks("city", to=[on("hotel", "city"), on("end", "city")]),
            },
            [],
            id="the hotel again",
        ),
        pytest.param(
            {"hotel": asks("hotel", to=[on("city", "hotel")]), "city": asks("city", to=[on("end", "city"), on("end")])},
            [],
            id="the city only if they like",
        ),
    ],
)
def test_what_others_depend_on_is_asked_for_first(states: Json, told: list[str]) -> None:
    assert found(states, HOTEL) == told


def test_what_an_answer_makes_stale_is_missed_where_it_is_needed() -> None:
    states = {
        "hotel": asks("hotel", to=[on("city", "hotel")]),
        "city": asks("city", to=[on("pay", "city"), on("other", "city")]),
        "other": asks("hotel", to=[on("end", "hotel")]),
        "pay": asks(to=[on("end", "hotel")]),
    }

    assert found(states, HOTEL) == ["forgotten-key states.pay.transitions"]

"""What a model writes where it was told nothing is no value, and opens nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from machines import CONFIG, Talk
from telling import CLOSED, MACHINE, NAMED, PLACEHOLDERS, definition, edge, told

from fsm_langgraph.definition import FSMDefinition


@pytest.mark.parametrize("value", PLACEHOLDERS)
@pytest.mark.parametrize("machine", [CLOSED, definition(None)], ids=["declared", "not declared"])
def test_a_placeholder_is_no_value(machine: FSMDefinition, value: str) -> None:
    assert told(machine, ("name", value), said="hello") == ({}, [("name", "placeholder")])


@pytest.mark.parametrize(
    "value",
    [
        *("Ann", "No", "Nan Goldin", "Null Island", "Unknown Pleasures", "1", "-1", "x", "not a morning person", "👍"),
        *("none of these", "[1]", "<3", "a - b", "The Unknown", "N", "no", "a name", "given", "data entry"),
    ],
)
def test_a_text_that_says_something_is_a_value(value: str) -> None:
    assert told(CLOSED, ("name", value)) == ({"name": value}, [])


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("My name is Null, Peter Null", "Null"),
        ("call me [name]", "[name]"),
        ("UNKNOWN", "unknown"),
        ("-", "-"),
    ],
)
def test_what_the_user_wrote_is_no_placeholder(said: str, value: str) -> None:
    assert told(CLOSED, ("name", value), said=said) == ({"name": value}, [])


def test_a_part_of_a_word_is_not_what_the_user_wrote() -> None:
    assert told(CLOSED, ("name", "unknown"), said="the unknowns") == ({}, [("name", "placeholder")])
    assert told(CLOSED, ("name", "-"), said="well - hello") == ({}, [("name", "placeholder")])


@pytest.mark.parametrize(
    ("declaration", "value", "kept"),
    [
        pytest.param({"enum": ["unknown", "late"]}, "Unknown", "unknown", id="a choice"),
        pytest.param(
            {"type": "array", "items": {"enum": ["none", "nuts"]}}, ["none"], ["none"], id="a choice in a list"
        ),
        pytest.param({"type": "array"}, ["ham", "…", "n/a"], ["ham"], id="a list keeps what says something"),
        pytest.param({"type": "array"}, [], [], id="an empty list is an answer"),
        pytest.param({"type": "object"}, {"a": "Bonn", "b": "unknown"}, {"a": "Bonn"}, id="so does an object"),
        pytest.param({"type": "object"}, '{"a": "Bonn", "b": "unknown"}', {"a": "Bonn"}, id="written as a text"),
        pytest.param({"type": "array"}, '["ham", "…"]', ["ham"], id="a list written as a text"),
        pytest.param({"type": "array"}, ["…"], None, id="a list of nothing"),
        pytest.param({"type": "array"}, '["…"]', None, id="a list of nothing as a text"),
        pytest.param({"type": "array"}, "unknown", None, id="nothing in place of a list"),
        pytest.param({"type": "object"}, {"a": {"b": ["-"]}}, None, id="an object of nothing"),
        pytest.param({"type": "integer"}, "unknown", None, id="nothing in place of a number"),
        pytest.param({"format": "email"}, "an e-mail address", None, id="the words for the format"),
        pytest.param({"format": "email"}, "email", None, id="the format"),
        pytest.param({"description": "Who travels."}, "who travels", None, id="the description"),
    ],
)
def test_choices_are_values_and_what_is_left_of_a_list_is(declaration: Any, value: Any, kept: Any) -> None:
    accepted, rejected = told(definition({"name": {}, "ticket": {}, "x": declaration}), ("x", value))

    assert accepted == ({} if kept is None else {"x": kept})
    assert rejected == ([("x", "placeholder")] if kept is None else [])


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(PLACEHOLDERS) | st.sampled_from(["Zoe", 12, ["Zoe"], True]), st.sampled_from(["start", "end"]))
def test_a_value_that_was_refused_opens_nothing(value: Any, target: str) -> None:
    start = {"id": "start", **NAMED, "required_context_keys": ["x"], "transitions": [edge("end", "x")]}
    machine = {
        **MACHINE,
        "context": {"x": {"grounded": True}},
        "states": {"start": start, "end": {"id": "end", **NAMED, "transitions": []}},
    }
    talk = Talk(machine, [{"target_state": target, "updates": [{"x": value}], "message": "m"}, "What is it?"])

    talk.say("hello there")

    state = talk.graph.get_state(CONFIG).values
    assert state["current_state"] == "start"
    assert state["context"] == {}
    assert [each["key"] for each in state["last_turn"]["rejected"]] == ["x"]


@pytest.mark.parametrize(
    ("target", "reads", "calls"),
    [
        pytest.param("start", "", 1, id="the state asks, and its question is shown"),
        pytest.param("end", "", 2, id="a message for a state that is not reached is refused"),
        pytest.param("free", "", 1, id="a message that reads nothing of it is shown"),
        pytest.param("free", "Greet {{x}}", 2, id="one for a state that reads the key is not"),
    ],
)
def test_a_placeholder_is_no_mistake_of_the_users(target: str, reads: str, calls: int) -> None:
    start = {
        "id": "start",
        **NAMED,
        "required_context_keys": ["x"],
        "transitions": [edge("end", "x"), edge("free")],
    }
    free = {"id": "free", **NAMED, "instructions": reads, "transitions": [edge("free")]}
    machine = {**MACHINE, "states": {"start": start, "free": free, "end": {"id": "end", **NAMED, "transitions": []}}}
    talk = Talk(machine, [{"target_state": target, "updates": [{"x": "<x>"}], "message": "What is it?"}, "Again?"])

    talk.say("hello")

    assert len(talk.model.calls) == calls
    assert "placeholder" not in str(talk.model.calls[-1])
    assert "says nothing" not in str(talk.model.calls[-1])

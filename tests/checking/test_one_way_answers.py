"""A question to which a no leads nowhere is told of, with the no; one that any answer answers is not."""

from __future__ import annotations

from typing import Any

import pytest
from checking.machine_of_states import Json, made
from checking.machine_with_keys import BOOLEAN, TEXT, asks, found, on

from fsm_langgraph.checking import findings

X: Json = {"x": BOOLEAN, "y": BOOLEAN}
WHETHER = {"purpose": "Learn whether they want breakfast"}


@pytest.mark.parametrize(
    ("context", "state"),
    [
        pytest.param(X, asks("x", to=[on("end", "x")]), id="a truth value"),
        pytest.param({"x": {"type": "array"}}, asks("x", to=[on("end", "x")]), id="a list"),
        pytest.param({"x": {"enum": [False, "later"]}}, asks("x", to=[on("end", "x")]), id="a choice that is false"),
        pytest.param(X, asks("x", "y", to=[on("end", "x", "y"), on("other", "x")]), id="all transitions ask for one"),
        pytest.param(X, asks("x", to=[on("end", logic={"var": "x"})]), id="by logic"),
        pytest.param(X, asks("x", to=[on("end", logic={"!!": [{"var": ["x"]}]})]), id="by logic in other words"),
        pytest.param(X, asks("x", to=[on("end", logic={"==": [{"var": "x"}, True]})]), id="by a comparison"),
        pytest.param(
            X,
            asks("x", "y", to=[on("end", logic={"and": [{"var": "x"}, {"!": {"var": "y"}}]})]),
            id="by a part of logic",
        ),
        pytest.param(
            {"x": {"description": "Whether they agree"}}, asks("x", to=[on("end", "x")]), id="a key of no type"
        ),
        pytest.param({"x": {"type": "object"}}, asks("x", to=[on("end", "x.is_paid")]), id="a member of an object"),
        pytest.param(None, asks("x", to=[on("end", "x")], **WHETHER), id="by the purpose"),
        pytest.param(None, asks("wants_breakfast", to=[on("end", "wants_breakfast")]), id="by the key's first word"),
        pytest.param(None, asks("orderConfirmed", to=[on("end", "orderConfirmed")]), id="by the key's last word"),
        pytest.param(None, asks("special_requests", to=[on("end", "special_requests")]), id="a none"),
        pytest.param(None, asks("allergies", "name", to=[on("end", "allergies", "name")]), id="a none beside a name"),
        pytest.param(None, asks("breakfast", to=[on("end", "breakfast")]), id="by what is offered"),
        pytest.param(None, asks("allergies", "has_pets", to=[on("end", "allergies", "has_pets")]), id="two at once"),
    ],
)
def test_a_state_that_only_a_yes_leads_out_of_is_told(context: Json | None, state: Json) -> None:
    assert found({"start": state, "other": {}}, context) == ["one-way-answer states.start.transitions"]


@pytest.mark.parametrize(
    ("context", "state"),
    [
        pytest.param({"x": TEXT}, asks("x", to=[on("end", "x")]), id="a text"),
        pytest.param({"x": {"enum": ["yes", "no"]}}, asks("x", to=[on("end", "x")]), id="a word that says no"),
        pytest.param({"x": {"type": "object"}}, asks("x", to=[on("end", "x")]), id="an object"),
        pytest.param({"x": {"type": "integer"}}, asks("x", to=[on("end", "x")], **WHETHER), id="a number"),
        pytest.param({"x": {"description": "The name"}}, asks("x", to=[on("end", "x")]), id="of no type, no question"),
        pytest.param(X, asks("x", to=[on("end", "x"), on("other")]), id="another transition is free"),
        pytest.param(X, asks("x", "y", to=[on("end", "x"), on("end", "y")]), id="another asks for another"),
        pytest.param(X, asks("x", to=[on("end", answered_context_keys=["x"])]), id="any answer will do"),
        pytest.param(X, asks("x", to=[on("end", "x"), on("other", logic={"!": {"var": "x"}})]), id="a way for the no"),
        pytest.param(
            X,
            asks("x", to=[on("end", "x"), on("other", logic={"==": [{"var": "x"}, False]})]),
            id="a way by comparison",
        ),
        pytest.param(
            X, asks("x", "y", to=[on("end", "x", confirms=["y"])]), id="a confirmation, which waits for a yes"
        ),
        pytest.param(X, asks("x", "y"), id="a final state"),
        pytest.param(
            {"x": {**BOOLEAN, "written_by": "handler"}}, asks(to=[on("end", "x")]), id="a handler's, asked of nobody"
        ),
        pytest.param(None, asks("name", "email", to=[on("end", "name", "email")]), id="a name"),
        pytest.param(None, asks("x", "y", to=[on("end", "x", "y")], **WHETHER), id="of two keys nobody knows which"),
        pytest.param(
            None, asks("x", to=[on("end", "x")], purpose="Learn whether they buy or sell"), id="a choice of two"
        ),
        pytest.param(None, asks("island", to=[on("end", "island")]), id="a word that begins with another"),
        pytest.param(None, asks("wants", to=[on("end", "wants")]), id="a word that may be a text"),
    ],
)
def test_a_state_that_any_answer_leads_out_of_is_not(context: Json | None, state: Json) -> None:
    assert found({"start": state, "other": {}}, context) == []


@pytest.mark.parametrize(
    ("context", "required", "witness"),
    [
        pytest.param({"x": BOOLEAN}, "x", {"x": False}, id="false"),
        pytest.param({"x": {"type": "array"}}, "x", {"x": []}, id="an empty list"),
        pytest.param({"x": {"type": "object"}}, "x.a.is_paid", {"x": {"a": {"is_paid": False}}}, id="a member"),
        pytest.param(None, "is_new", {"is_new": "no"}, id="a word"),
        pytest.param(None, "extras", {"extras": None}, id="none"),
    ],
)
def test_the_witness_is_the_no(context: Json | None, required: str, witness: dict[str, Any]) -> None:
    declared = {} if context is None else {"context": context}
    definition = made({"start": asks(required.split(".")[0], to=[on("end", required)]), "end": {}}, **declared)

    [shown] = [each.witness for each in findings(definition) if each.code == "one-way-answer"]

    assert shown is not None
    assert shown.context == witness
    assert shown.written == witness.keys()


def test_the_keys_of_a_state_that_a_no_answers_are_told_together() -> None:
    definition = made({"start": asks("allergies", "has_pets", to=[on("end", "allergies", "has_pets")]), "end": {}})

    [told] = [each for each in findings(definition) if each.code == "one-way-answer"]

    assert "requires 'allergies' and 'has_pets' to be present" in told.message
    assert '"answered_context_keys": ["allergies", "has_pets"]' in told.advice
    assert told.witness is not None
    assert told.witness.context == {"allergies": None, "has_pets": "no"}


def test_undeclared_keys_of_which_nobody_knows_whether_no_answers_them_are_noted_together() -> None:
    states = {"start": asks("wish", "opinion", to=[on("end", "wish", "opinion")])}

    assert found(states, notes=True) == ["one-way-word states.start.transitions"]


@pytest.mark.parametrize(
    "key", ["name", "customerName", "e-mail", "user_age", "zip", "arrival_date", "number_of_guests", "device_type"]
)
def test_nothing_is_noted_of_what_everybody_has_or_chooses(key: str) -> None:
    assert found({"start": asks(key, to=[on("end", key)])}, notes=True) == []


def test_a_sub_machine_that_two_machines_run_is_told_of_where_it_is_written() -> None:
    start = {"id": "start", "description": "d", "purpose": "p", **asks("x", to=[on("done", "x")])}
    done = {"id": "done", "description": "d", "purpose": "p"}
    named = {"name": "n", "description": "d"}
    seats = {**named, "initial_state": "start", "context": X, "states": {"start": start, "done": done}}
    run = {"id": "run", "description": "d", "purpose": "p", "subflow": "seats", "transitions": [on("done")]}
    hall = {**named, "initial_state": "run", "states": {"run": run, "done": done}}
    states = {"one": {"subflow": "hall", "transitions": [on("end")]}}

    told = found(states, subflows={"hall": hall, "seats": seats})

    assert told == ["one-way-answer subflows.seats.states.start.transitions"]


@pytest.mark.parametrize(
    ("declared", "given"),
    [
        pytest.param(TEXT, "x", id="a text"),
        pytest.param({"type": "string", "format": "email"}, "ann@example.com", id="a text of a format"),
        pytest.param({"enum": ["", "b"]}, "b", id="a choice"),
        pytest.param({"type": "integer", "minimum": 3}, 3, id="a number"),
        pytest.param({"type": "number"}, 1, id="any number"),
    ],
)
def test_the_other_questions_are_answered_where_a_no_is_shown(declared: Json, given: Any) -> None:
    context = {"x": BOOLEAN, "other": declared}
    machine = made({"start": asks("x", "other", to=[on("end", "x", "other")]), "end": {}}, context=context)

    [told] = [each for each in findings(machine) if each.code == "one-way-answer" and "'x'" in each.message]

    assert told.witness is not None
    assert told.witness.context == {"x": False, "other": given}

"""Keys that are read in vain, or not at all: paths that lead nowhere, declarations that nobody uses, empty tags."""

from __future__ import annotations

from typing import Any

import pytest
from checking.machine_of_states import Json, made
from checking.machine_with_keys import BY_HANDLER, TEXT, asks, found, on

from fsm_langgraph.checking import findings


def read_by(path: str, key: str = "x") -> Json:
    return {"start": asks(key, to=[on("end", path)])}


@pytest.mark.parametrize(
    ("declared", "path"),
    [
        ({"type": "string"}, "x.name"),
        ({"type": "boolean"}, "x.name"),
        ({"type": "number"}, "x.0"),
        ({"type": "array"}, "x.name"),
        ({"enum": ["a", 1]}, "x.name"),
    ],
)
def test_a_path_into_a_value_that_has_nothing_inside_is_told(declared: Json, path: str) -> None:
    told = found(read_by(path), {"x": declared})

    assert told == ["broken-path states.start.transitions[0].conditions[0].requires_context_keys[0]"]


@pytest.mark.parametrize(
    ("declared", "path"),
    [
        ({"type": "object"}, "x.name"),
        ({}, "x.name"),
        ({"type": "array"}, "x.0.name"),
        ({"type": "array"}, "x.length"),
        ({"type": "string"}, "x.0"),
        ({"enum": ["a", {"name": "b"}]}, "x.name"),
        ({"type": "string"}, "x"),
    ],
)
def test_a_path_that_may_lead_somewhere_is_not(declared: Json, path: str) -> None:
    assert "broken-path" not in "".join(found(read_by(path), {"x": declared}))


def test_a_key_with_dots_in_its_name_is_no_path() -> None:
    assert found(read_by("x.name", key="x.name"), {"x.name": TEXT, "x": TEXT}) == []


START: Json = {"start": asks("x", to=[on("end", "x")])}


def noted(states: Json, context: Json | None = None, **fields: Any) -> list[str]:
    return [each for each in found(states, context, notes=True, **fields) if not each.startswith("one-way")]


def test_a_declared_key_that_nobody_uses_is_noted() -> None:
    assert noted(START, {"x": TEXT, "y": TEXT}) == ["unused-key context.y"]


@pytest.mark.parametrize(
    ("states", "fields"),
    [
        pytest.param({"start": asks("x", to=[on("end", "x")], optional_context_keys=["y"])}, {}, id="collected"),
        pytest.param({"start": asks("x", to=[on("end", "x")], instructions="{{y}}")}, {}, id="shown by a text"),
        pytest.param({"start": asks("x", to=[on("end", "x")], visible_context_keys=["y"])}, {}, id="visible"),
        pytest.param(START, {"persona": "{{#y}}Loud.{{/y}}"}, id="read by the persona"),
        pytest.param(START, {"store": {"s": {"namespace": ["{{y}}"], "key": "k"}}}, id="read by a lookup"),
        pytest.param(START, {"live_instructions": True}, id="perhaps read by instructions of the store"),
        pytest.param(START, {"global_transitions": [on("end", "y")]}, id="read by a global transition"),
    ],
)
def test_a_declared_key_that_is_read_or_collected_is_used(states: Json, fields: Json) -> None:
    assert "unused-key context.y" not in noted(states, {"x": TEXT, "y": TEXT}, **fields)


def test_a_key_that_code_writes_may_be_for_code() -> None:
    assert noted(START, {"x": TEXT, "y": BY_HANDLER}) == []


def test_a_tag_of_a_key_that_may_be_absent_is_noted_with_the_states_that_lead_there() -> None:
    states = {
        "start": asks("x", to=[on("middle", "x"), on("other")]),
        "middle": asks(to=[on("last")], purpose="Say {{x}}"),
        "other": asks(to=[on("last")]),
        "last": asks(to=[on("end")], say="So: {{x}}"),
    }
    definition = made({**states, "end": {}}, context={"x": TEXT})

    told = [each for each in findings(definition, notes=True) if each.code == "perhaps-absent"]

    assert [each.path for each in told] == ["states.last.say"]
    assert "'start' -> 'other' -> 'last'" in told[0].message


@pytest.mark.parametrize(
    ("last", "context"),
    [
        pytest.param({"say": "So{{#x}}: {{x}}{{/x}}"}, {"x": TEXT}, id="in a section"),
        pytest.param({"say": "So: {{x}}"}, {"x": {**TEXT, "default": "none"}}, id="with a default"),
        pytest.param({"say": "So: {{y}}"}, {"x": TEXT, "y": BY_HANDLER}, id="a handler's"),
        pytest.param(asks("x", to=[on("end", "x")], say="So: {{x}}"), {"x": TEXT}, id="the state's own"),
        pytest.param({"say": "So: {{y}}"}, None, id="of an unknown writer"),
    ],
)
def test_a_tag_that_may_be_filled_is_not_noted(last: Json, context: Json | None) -> None:
    states = {"start": asks("x", to=[on("last", "x"), on("last")]), "last": last}

    assert "perhaps-absent" not in "".join(noted(states, context))


def test_what_a_state_forgets_is_absent_where_it_leads() -> None:
    states = {
        "start": asks("x", to=[on("drop", "x")]),
        "drop": asks(to=[on("last")], forget=["x"]),
        "last": {"say": "So: {{x}}"},
    }

    assert noted(states, {"x": TEXT}) == ["perhaps-absent states.last.say"]


UNEQUAL: Json = {"!=": [{"var": "x"}, "big"]}


@pytest.mark.parametrize(
    ("transition", "told"),
    [
        pytest.param(on("end", logic=UNEQUAL), True, id="another value"),
        pytest.param(on("end", logic={"and": [UNEQUAL, {"!": {"var": "y"}}]}), True, id="a part"),
        pytest.param(on("end", "x", logic=UNEQUAL), False, id="required too"),
        pytest.param(on("end", logic={"and": [{"var": "x"}, UNEQUAL]}), False, id="needed by another part"),
        pytest.param(on("end", logic={"!=": [{"var": "x"}, None]}), False, id="compared with null"),
        pytest.param(on("end", logic={"!": {"var": "x"}}), False, id="absence is asked for"),
        pytest.param(on("end", logic={"!=": [{"var": "y"}, "big"]}), False, id="a handler's"),
    ],
)
def test_a_condition_that_holds_without_its_key_is_noted(transition: Json, told: bool) -> None:
    states = {"start": asks("x", to=[on("end", "x"), transition])}

    found_here = noted(states, {"x": TEXT, "y": BY_HANDLER})

    assert found_here == (["holds-without-key states.start.transitions[1].conditions[0].logic"] if told else [])

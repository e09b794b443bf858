"""What changes nothing is a note, and a transition that does not wait for what its state requires is a warning."""

from __future__ import annotations

from typing import Any

import pytest
from checking.machine_of_states import KNOWN, SILENT, THOUGHT, made, to, told, way

from fsm_langgraph.checking import findings

CODES = ("idle-self-transition", "lone-transition", "idle-thought")
ASKS = {"required_context_keys": ["size"]}


@pytest.mark.parametrize(
    ("state", "found"),
    [
        pytest.param(to("a", "b"), ["idle-self-transition states.a.transitions[0]"], id="round for nothing"),
        pytest.param(to("a", "b", forget=["size"]), [], id="round to ask anew"),
        pytest.param(to("a"), [], id="round for ever, which is not the end"),
        pytest.param(to("a", "b", **ASKS), [], id="the other one of two choices"),
        pytest.param(to("a", "b", say="Well."), [], id="round to say it again"),
        pytest.param({"transitions": [way("a", **KNOWN), way("b")]}, [], id="round under a condition"),
        pytest.param(to("b", **ASKS), ["lone-transition states.a.transitions[0]"], id="keys that nothing waits for"),
        pytest.param({"transitions": [way("b", **KNOWN)], **ASKS}, [], id="keys that it waits for"),
        pytest.param(to("b", optional_context_keys=["size"]), [], id="keys that are optional"),
        pytest.param(to("b", decision="logic", **ASKS), [], id="on after each message"),
        pytest.param(to("b"), [], id="led on in doubt"),
        pytest.param(to("b", **THOUGHT), ["idle-thought states.a"], id="nothing to think about"),
        pytest.param(to("b", **THOUGHT, **ASKS), [], id="a key to think about"),
        pytest.param(to("b", **THOUGHT, tools=["search"]), [], id="a tool to use"),
        pytest.param(to("b", "c", **THOUGHT), [], id="a choice"),
        pytest.param(to("b", **SILENT), [], id="silent"),
    ],
)
def test_what_is_idle_is_found(state: Any, found: list[str]) -> None:
    definition = made({"a": state, "b": {}, "c": {}})

    assert told(definition, *CODES) == found


def test_what_a_model_may_choose_for_nothing_or_stay_in_is_more_than_a_note() -> None:
    definition = made({"a": to("b", **ASKS), "b": to("b", "c"), "c": to("d", **THOUGHT), "d": {}})

    assert [each.code for each in findings(definition)] == ["lone-transition", "idle-self-transition"]


ASKED = {"description": "right", "requires_context_keys": ["is_right"], "confirms": ["size"]}
CONFIRM = {"transitions": [way("b", conditions=[ASKED]), way("c")]}


@pytest.mark.parametrize(
    ("kind", "writer", "found"),
    [
        pytest.param(SILENT, "model", [], id="a silent state forgets it"),
        pytest.param(
            {**THOUGHT, "required_context_keys": ["is_right"]},
            "model",
            ["unheard-confirmation states.a.transitions[0].conditions[0]"],
            id="thought",
        ),
        pytest.param(SILENT, "handler", [], id="a handler confirms"),
        pytest.param({}, "model", [], id="the user is heard"),
    ],
)
def test_a_confirmation_that_nobody_can_give_is_told(kind: Any, writer: str, found: list[str]) -> None:
    context = {"is_right": {"type": "boolean", "written_by": writer}, "size": {"type": "string"}}
    definition = made({"a": {**CONFIRM, **kind}, "b": {}, "c": {}}, context=context)

    assert told(definition, "unheard-confirmation") == found

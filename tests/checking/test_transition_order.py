"""What is never looked at is told; what only looks alike is not."""

from __future__ import annotations

from typing import Any

import pytest
from checking.machine_of_states import IN_WORDS, KNOWN, SILENT, made, raw, to, told, way

from fsm_langgraph.checking import findings

CODES = ("hidden-transition", "duplicate-transition")
OTHER = {"conditions": [{"description": "large", "logic": {"==": [{"var": "size"}, "large"]}}]}
LOGIC = {"decision": "logic"}


@pytest.mark.parametrize(
    ("transitions", "kind", "found"),
    [
        pytest.param([way("b"), way("c", **KNOWN)], SILENT, ["hidden-transition 1"], id="silent"),
        pytest.param([way("b"), way("c", **KNOWN)], LOGIC, ["hidden-transition 1"], id="logic"),
        pytest.param([way("c", **KNOWN, priority=200), way("b")], SILENT, ["hidden-transition 0"], id="by priority"),
        pytest.param([way("b"), way("c"), way("c")], SILENT, ["hidden-transition 1", "duplicate-transition 2"], id="2"),
        pytest.param([way("b", **IN_WORDS), way("c", **KNOWN)], SILENT, ["hidden-transition 1"], id="in words"),
        pytest.param([way("b", **KNOWN), way("c")], SILENT, [], id="a default"),
        pytest.param([way("b", priority=200), way("c", **KNOWN)], LOGIC, [], id="a default by priority"),
        pytest.param([way("b"), way("c", **KNOWN)], {}, [], id="a model chooses"),
        pytest.param([way("b"), way("c", **KNOWN)], {"listens": False}, [], id="a model chooses in thought"),
        pytest.param([way("b"), way("c"), way("b")], {}, ["duplicate-transition 2"], id="the same"),
        pytest.param([way("b", **KNOWN), way("b", **KNOWN)], {}, ["duplicate-transition 1"], id="with conditions"),
        pytest.param(
            [way("b", **KNOWN), way("b", **{**KNOWN, "description": "again"}), way("c")],
            SILENT,
            ["duplicate-transition 1"],
            id="nobody reads the words",
        ),
        pytest.param(
            [way("b", **IN_WORDS), way("b")], SILENT, ["duplicate-transition 1"], id="nobody reads conditions in words"
        ),
        pytest.param([way("b"), way("b", description="the user gives up"), way("c")], {}, [], id="two occasions"),
        pytest.param([way("b", **KNOWN), way("b", **OTHER), way("c")], SILENT, [], id="two conditions"),
        pytest.param([way("b"), way("b", handoff="human"), way("c")], {}, [], id="one hands over"),
        pytest.param([way("b", **IN_WORDS), way("b"), way("c")], {}, [], id="one has a condition in words"),
    ],
)
def test_a_transition_that_is_never_taken_is_told(transitions: Any, kind: Any, found: list[str]) -> None:
    definition = made({"a": {"transitions": transitions, **kind}, "b": {}, "c": {}})

    assert told(definition, *CODES) == [
        f"{code} states.a.transitions[{index}]" for code, index in map(str.split, found)
    ]


def test_of_a_duplicate_the_first_is_named_by_its_path() -> None:
    definition = made({"a": {"transitions": [way("c"), way("b"), way("b")]}, "b": {}, "c": {}})

    [finding] = [each for each in findings(definition) if each.code == "duplicate-transition"]

    assert "the same as transitions[1]," in finding.message


def test_after_a_sub_machine_the_first_open_transition_is_taken() -> None:
    run = {"transitions": [way("b"), way("c", **KNOWN)], "subflow": "inner"}
    definition = made({"a": run, "b": {}, "c": {}}, subflows={"inner": raw({"x": {}})})

    assert told(definition, *CODES) == ["hidden-transition states.a.transitions[1]"]


def test_a_global_transition_that_is_there_twice_is_told() -> None:
    twice = [way("b"), way("b", **{"return": True}), way("b")]

    assert told(made({"a": to("a"), "b": {}}, global_transitions=twice), *CODES) == [
        "duplicate-transition global_transitions[2]"
    ]

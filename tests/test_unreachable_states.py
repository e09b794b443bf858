"""A state that no transition leads to is warned of, and the definition loads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import call
from random_definitions import definition

from fsm_langgraph.loading import find_unreachable_states


def to(*targets: str) -> dict[str, Any]:
    return {"transitions": [{"target_state": target, "description": "d"} for target in targets]}


@pytest.mark.parametrize(
    ("states", "warned"),
    [
        pytest.param({"a": to("b"), "b": to("c"), "c": {}}, [], id="a chain"),
        pytest.param({"a": to("b"), "b": {}, "c": {}}, ["c"], id="a forgotten transition"),
        pytest.param({"a": {}, "b": to("c"), "c": {}}, ["b", "c"], id="what follows it as well"),
        pytest.param({"a": {}, "b": to("c"), "c": to("b")}, ["b", "c"], id="two that lead to each other"),
        pytest.param({"a": to("b"), "b": to("a")}, [], id="a loop"),
    ],
)
def test_a_state_that_no_transition_leads_to_is_warned_of(states: dict[str, Any], warned: list[str]) -> None:
    found = [*find_unreachable_states(definition({}, **states))]

    assert [problem.path for problem in found] == [f"states.{name}" for name in warned]
    assert {(problem.code, problem.severity) for problem in found} <= {("unreachable-state", "warning")}


def test_a_global_transition_leads_to_its_target_and_on() -> None:
    machine = definition({}, a={}, b=to("c"), c={})
    anywhere = machine.model_validate(
        {**machine.model_dump(), "global_transitions": [{"target_state": "b", "description": "d"}]}
    )

    assert [*find_unreachable_states(anywhere)] == []


def test_sub_machines_are_looked_at_too() -> None:
    outer = definition({}, a={}).model_copy(update={"subflows": {"seats": definition({}, a={}, b={})}})

    assert [problem.path for problem in find_unreachable_states(outer)] == ["subflows.seats.states.b"]


def test_check_tells_where_the_conversation_ends_instead(tmp_path: Path) -> None:
    file = tmp_path / "seats.json"
    machine = definition({}, ask={}, end={})
    file.write_text(machine.model_dump_json(exclude_defaults=True), encoding="utf-8")

    told, listed = call("check", file), call("check", "--json", file)

    assert (told.exit_code, listed.exit_code) == (0, 0)
    assert "Final, as they have no transitions: 'ask'." in told.stdout
    assert [each["code"] for each in json.loads(listed.stdout)[0]["warnings"]] == ["unreachable-state"]

"""A question to which a no leads nowhere is warned of, and the definition loads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import call
from random_definitions import definition

from fsm_langgraph.loading import find_one_way_answers


def to(target: str, *required: str, logic: Any = None, answered: tuple[str, ...] = ()) -> dict[str, Any]:
    condition = {
        "description": "c",
        "requires_context_keys": [*required],
        "answered_context_keys": [*answered],
        "logic": logic,
    }
    has_condition = bool(required or answered or logic is not None)
    return {"target_state": target, "description": "d", "conditions": [condition] if has_condition else []}


BOOLEAN = {"x": {"type": "boolean"}, "y": {"type": "boolean"}}


@pytest.mark.parametrize(
    ("context", "transitions", "warned"),
    [
        pytest.param(BOOLEAN, [to("end", "x")], ["x"], id="a truth value"),
        pytest.param({"x": {"type": "array"}}, [to("end", "x")], ["x"], id="a list"),
        pytest.param({"x": {"enum": [False, "later"]}}, [to("end", "x")], ["x"], id="a choice that is false"),
        pytest.param(None, [to("end", "x")], ["x"], id="a key that is not declared"),
        pytest.param({"x": {"type": "string"}}, [to("end", "x")], [], id="a text"),
        pytest.param({"x": {"type": "boolean", "written_by": "handler"}}, [to("end", "x")], [], id="a handler's"),
        pytest.param(BOOLEAN, [to("end", "x"), to("end")], [], id="another transition is free"),
        pytest.param(BOOLEAN, [to("end", "x"), to("end", "y")], [], id="another transition asks for another"),
        pytest.param(BOOLEAN, [to("end", "x", "y"), to("end", "y")], ["y"], id="all transitions ask for one"),
        pytest.param(BOOLEAN, [to("end", answered=("x",))], [], id="any answer will do"),
        pytest.param(BOOLEAN, [to("end", logic={"var": "x"})], ["x"], id="by logic"),
        pytest.param(BOOLEAN, [to("end", logic={"!!": [{"var": ["x"]}]})], ["x"], id="by logic in other words"),
        pytest.param(BOOLEAN, [to("end", logic={"!": {"var": "x"}}), to("end", "x")], [], id="a transition for the no"),
        pytest.param(BOOLEAN, [], [], id="a final state"),
    ],
)
def test_a_state_that_only_a_yes_leads_out_of_is_warned_of(
    context: dict[str, Any] | None, transitions: list[Any], warned: list[str]
) -> None:
    machine = definition(context, start={"transitions": transitions}, end={})

    found = [*find_one_way_answers(machine)]

    assert [problem.message.split("'")[1] for problem in found] == warned
    assert {(problem.code, problem.severity, problem.path) for problem in found} <= {
        ("one-way-answer", "warning", "states.start.transitions")
    }


def test_sub_machines_are_looked_at_too() -> None:
    inner = definition(BOOLEAN, start={"transitions": [to("end", "x")]}, end={})
    outer = definition({}, start={}).model_copy(update={"subflows": {"seats": inner}})

    assert [problem.path for problem in find_one_way_answers(outer)] == ["subflows.seats.states.start.transitions"]


def test_a_sub_machine_that_two_machines_run_is_warned_of_where_it_is_written() -> None:
    seats = definition(BOOLEAN, start={"transitions": [to("end", "x")]}, end={})
    hall = definition({}, start={}).model_copy(update={"subflows": {"seats": seats}})
    outer = definition({}, start={}).model_copy(update={"subflows": {"hall": hall, "seats": seats}})

    assert [problem.path for problem in find_one_way_answers(outer)] == ["subflows.seats.states.start.transitions"]


def test_check_tells_warnings_and_exits_with_0(tmp_path: Path) -> None:
    machine = definition(BOOLEAN, start={"transitions": [to("end", "x")]}, end={})
    file = tmp_path / "seats.json"
    file.write_text(machine.model_dump_json(exclude_defaults=True), encoding="utf-8")

    told, listed = call("check", file), call("check", "--json", file)

    assert (told.exit_code, listed.exit_code) == (0, 0)
    assert "ok, 2 states, 1 transition, 1 warning" in told.stdout
    assert '"answered_context_keys": ["x"]' in told.stdout
    [result] = json.loads(listed.stdout)
    assert (result["problems"], [each["code"] for each in result["warnings"]]) == ([], ["one-way-answer"])

"""The JSON Schema of scenarios: whatever is read is valid, and editors are told of what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from test_expectations import HOLDS
from test_scenario_file import MISTAKES

from fsm_langgraph.scenarios.scenario_schema import scenario_schema

SCHEMA = scenario_schema()
VALID = Draft202012Validator(SCHEMA)
FILES = sorted((Path(__file__).parent.parent / "graphs").glob("*/scenarios.yaml"))
OF_SHAPE = (
    "a field of a turn",
    "a field of a reply",
    "a field of the file",
    "no name",
    "no turns",
    "a number",
    "a reason",
)


def _loaded(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_the_scenarios_of_the_examples_are_valid(path: Path) -> None:
    assert [*VALID.iter_errors(_loaded(path.read_text("utf-8")))] == []


@pytest.mark.parametrize(("written", "expectation"), HOLDS.values(), ids=HOLDS)
def test_every_form_of_an_expectation_is_valid(written: str, expectation: str) -> None:
    assert [*VALID.iter_errors([{"name": "one", "turns": [_loaded(written % expectation)]}])] == []


@pytest.mark.parametrize("written", ["sure", "/sure/", "{amount: 50}", "[1]", "5", "true"])
def test_any_question_and_any_answer_are_valid(written: str) -> None:
    turns = _loaded(f"[{{user: a, asks: {written}}}, {{answer: {written}, reply: []}}]")
    assert [*VALID.iter_errors([{"name": "one", "turns": turns}])] == []


@pytest.mark.parametrize("name", OF_SHAPE)
def test_a_fault_of_shape_is_found(name: str) -> None:
    assert not VALID.is_valid(_loaded(MISTAKES[name][0]))


def test_every_field_is_described() -> None:
    fields = {
        f"{part}.{name}": field.get("description")
        for part, schema in SCHEMA["$defs"].items()
        for name, field in schema.get("properties", {}).items()
    }
    assert [name for name, described in fields.items() if not described] == []

"""Mutants are made of each part of a guard, and it is told right which of them scenarios miss."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mutants as hunting
import pytest
from mutants import SCENARIO_FILES, alike, fate, main, mutants

from fsm_langgraph.scenarios import ScenarioFile, read_scenarios

GUARD = {
    "description": "Two lamps and a price",
    "requires_context_keys": ["lamp", "price"],
    "logic": {"or": [{"and": [{">": [{"var": "count"}, 1]}, {"var": "lamp"}]}, {"==": [{"var": "count"}, 1]}]},
}
DEFINITION: dict[str, Any] = {
    "name": "Lamps",
    "description": "Sells lamps.",
    "initial_state": "ask",
    "version": "3.0",
    "context": {"lamp": {"type": "string"}, "price": {"type": "number"}, "count": {"type": "integer"}},
    "states": {
        "ask": {
            "id": "ask",
            "description": "Ask",
            "purpose": "Learn which lamp",
            "required_context_keys": ["lamp", "price", "count"],
            "transitions": [{"target_state": "sold", "description": "All is known", "conditions": [GUARD]}],
        },
        "sold": {"id": "sold", "description": "Sold", "purpose": "Thank the user", "transitions": []},
    },
}
NAMES = [
    "requires lamp",
    "requires price",
    '{">": [{"var": "count"}, 1]}',
    '{"var": "lamp"}',
    '{"or": [{"and": [{">": [{"var": "count"}, 1]}, {"var": "lamp"}]}, {"==": [{"var": "count"}, 1]}]}',
]
PRICE_IS_MISSING = {
    "name": "no price, no lamp",
    "turns": [
        {
            "user": "a desk lamp",
            "reply": [{"target": "sold", "updates": {"lamp": "desk", "count": 1}}, "What does it cost?"],
            "state": "ask",
        }
    ],
}


@pytest.fixture
def file(tmp_path: Path) -> ScenarioFile:
    (tmp_path / "fsm.json").write_text(json.dumps(DEFINITION))
    (tmp_path / "scenarios.json").write_text(json.dumps([PRICE_IS_MISSING]))
    return read_scenarios(tmp_path / "scenarios.json")


def test_a_mutant_is_made_of_each_part_of_a_guard(file: ScenarioFile) -> None:
    made = [*mutants(file.definition_path)]

    assert [(each.leads, each.dropped) for each in made] == [
        *(("ask -> sold", name) for name in [*NAMES[:2], NAMES[4], *NAMES[2:4]])
    ]


def test_a_mutant_lacks_what_is_dropped_and_the_machine_does_not(file: ScenarioFile) -> None:
    first, *_ = mutants(file.definition_path)

    [guard] = first.documents["fsm.json"]["states"]["ask"]["transitions"][0]["conditions"]
    assert guard == {**GUARD, "requires_context_keys": ["price"]}
    assert file.definition.states["ask"].transitions[0].conditions[0].requires_context_keys == ("lamp", "price")


def test_a_scenario_kills_the_mutant_whose_guard_it_needs(file: ScenarioFile) -> None:
    fates = {each.dropped: fate(file, each) for each in mutants(file.definition_path)}

    assert fates == {**dict.fromkeys(NAMES, "survived"), "requires price": "killed"}


def test_where_too_few_are_killed_it_fails_and_tells_the_survivors(
    file: ScenarioFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hunting, "SCENARIO_FILES", [file.path])

    assert main([]) == 1
    told = capsys.readouterr().out
    assert "survived  ask -> sold  ask.transitions[0].conditions[0]: requires lamp" in told
    assert "1 of 5 were killed" in told


@pytest.mark.parametrize("path", SCENARIO_FILES, ids=lambda path: path.parent.name)
def test_what_is_said_to_be_alike_is_a_mutant_and_has_a_reason(path: Path) -> None:
    known = alike().get(path.parent.name, {})

    assert known.keys() <= {each.name for each in mutants(read_scenarios(path).definition_path)}
    assert all(known.values())


def test_the_mutants_of_a_sub_machine_are_made_too() -> None:
    [desk] = [path for path in SCENARIO_FILES if path.parent.name == "order_desk"]

    made = [each.name for each in mutants(desk.parent / "fsm.json")]

    assert "payment.json: card.transitions[0].conditions[0]: requires card_number" in made
    assert len({*made}) == len(made)

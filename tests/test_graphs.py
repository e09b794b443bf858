"""Every example in `graphs/` is sound, holds the conversations written beside it, and keeps its prompts.

`scenarios.yaml` tells conversations as data: what the user writes, and what must be true after each turn. They run
with the offline model, by user messages alone; an empty message lets the machine speak first.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML
from syrupy.assertion import SnapshotAssertion

from fsm_langgraph import LLM_FSM, FSMDefinition, load_definition
from fsm_langgraph.loading import find_problems
from fsm_langgraph.prompts.prompt import Prompts

GRAPHS = Path(__file__).parent.parent / "graphs"
FOLDERS = sorted(path.parent for path in GRAPHS.glob("*/fsm.*"))


class Scenario(NamedTuple):
    """One conversation with an example."""

    folder: Path
    name: str
    context: dict[str, Any]
    turns: list[dict[str, Any]]
    ended: bool


def _scenarios() -> list[Scenario]:
    return [
        Scenario(folder, case["name"], case.get("context", {}), case["turns"], case.get("ended", True))
        for folder in FOLDERS
        for case in YAML(typ="safe", pure=True).load(folder / "scenarios.yaml")
    ]


def _definition_file(folder: Path) -> Path:
    return next(folder.glob("fsm.*"))


def _code(folder: Path) -> dict[str, Any]:
    """Name the code of an example, and make the store that it reads, if it has any."""
    code: dict[str, Any] = {"handlers": "beside"} if (folder / "handlers.py").is_file() else {}
    if (folder / "database.py").is_file():
        code["store"] = import_module(f"graphs.{folder.name}.database").make_store()
    return code


def _machines(name: str, definition: FSMDefinition) -> Iterator[tuple[str, FSMDefinition]]:
    """Give a definition and its sub-machines, each with the start of its states' names."""
    yield name, definition
    for state in definition.states.values():
        if state.subflow is not None:
            yield from _machines(f"{name}{state.id}/", definition.subflows[state.subflow])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_example_has_no_problems(folder: Path) -> None:
    assert find_problems(_definition_file(folder)) == []


@pytest.mark.parametrize("scenario", _scenarios(), ids=lambda s: f"{s.folder.name}: {s.name}")
def test_a_scenario_goes_as_it_is_written(scenario: Scenario) -> None:
    fsm = LLM_FSM.from_file(_definition_file(scenario.folder), "offline", **_code(scenario.folder))
    conversation_id = scenario.name

    for turn in scenario.turns:
        _, message = fsm.converse(turn["user"], conversation_id, scenario.context)
        data = fsm.get_data(conversation_id)

        assert fsm.get_current_state(conversation_id) == turn["state"], message
        assert {key: data.get(key) for key in turn.get("data", {})} == turn.get("data", {})
        assert [text for text in turn.get("says", []) if text.casefold() not in message.casefold()] == [], message
        assert message.strip()

    assert fsm.is_conversation_ended(conversation_id) is scenario.ended


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_prompts_are_the_stored_ones(folder: Path, snapshot: SnapshotAssertion) -> None:
    prompts = {
        f"{place}{state.id}": str(Prompts(machine, state).build("understand", machine.defaults, [])[0].content)
        for place, machine in _machines("", load_definition(_definition_file(folder)))
        for state in machine.states.values()
    }

    assert prompts == snapshot

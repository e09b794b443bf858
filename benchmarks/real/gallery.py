"""The conversations that are played: the first turns of the gallery's scenarios."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.examples import GRAPHS
from fsm_langgraph.scenarios import Scenario, ScenarioFile, read_scenarios

EXAMPLES = tuple(sorted(path.parent.name for path in GRAPHS.glob("*/fsm.*")))


def scenario_file(example: str) -> ScenarioFile:
    """Read the scenarios of an example."""
    return read_scenarios(GRAPHS / example / "scenarios.yaml")


def scenarios(file: ScenarioFile, turns: int) -> Iterator[Scenario]:
    """Go through the scenarios of a file, until so many turns are told."""
    for scenario in file.scenarios:
        if turns <= 0:
            return
        yield scenario.model_copy(update={"turns": scenario.turns[:turns]})
        turns -= len(scenario.turns)

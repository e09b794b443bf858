"""Plays scenarios with a model, turn by turn, whatever came of the turn before; notes what came of each."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableConfig

from benchmarks.real.gallery import scenario_file, scenarios
from benchmarks.real.promises import broken
from fsm_langgraph import FSMInput, Graph
from fsm_langgraph.scenarios import Scenario, ScenarioTurn, Stage


@dataclass(slots=True)
class Played:
    """What came of one turn."""

    scenario: str
    said: str
    landing: str = ""
    error: str = ""
    broken: list[str] = field(default_factory=list)
    """The promises that it broke."""
    is_reached: bool = False
    """Whether it led to the state that the scenario tells."""
    wanted: int = 0
    """How many values the scenario tells."""
    right: int = 0
    """How many of these are known."""
    calls: list[dict[str, Any]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def read(self) -> int:
        """The tokens that the model has read, as far as the engine has told."""
        return sum(call["input_tokens"] or 0 for call in self.calls)

    @property
    def written(self) -> int:
        """The tokens that it has written, as far as the engine has told."""
        return sum(call["output_tokens"] or 0 for call in self.calls)


def play(example: str, model: BaseChatModel, turns: int, **options: Any) -> Iterator[Played]:
    """Play the first turns of an example's scenarios.

    Args:
        example: The name of the example.
        model: The model that answers.
        turns: How many turns.
        options: Further options of the graph.
    """
    file = scenario_file(example)
    stage = Stage(file.definition_path, file.path.parent, model)
    for scenario in scenarios(file, turns):
        yield from _play(stage, scenario.model_copy(update={"options": {**scenario.options, **options}}))


def _play(stage: Stage, scenario: Scenario) -> Iterator[Played]:
    stage.new_store(scenario)
    graph, config = stage.graph(scenario, scripted=False), stage.new_thread(scenario.name)
    for number, turn in enumerate(scenario.turns):
        given = FSMInput(messages=[HumanMessage(turn.user)] if turn.user else [])
        if number == 0:
            given["context"] = dict(scenario.context)
        yield _play_turn(graph, config, given, Played(scenario.name, turn.user), turn)


def _play_turn(graph: Graph, config: RunnableConfig, given: FSMInput, played: Played, turn: ScenarioTurn) -> Played:
    before, shown = dict(graph.get_state(config).values), defaultdict[str, str](str)
    error: Exception | None = None
    started = time.perf_counter()
    try:
        stream: Any = graph.stream(given, config, stream_mode="messages", subgraphs=True)
        for _, (piece, _) in stream:
            if isinstance(piece, AIMessage):  # its chunks are of this class too
                shown[str(piece.id)] += piece.text
    except Exception as raised:  # noqa: BLE001 - whatever it is: that it is one of ours is what is judged
        error = raised
        played.error = f"{type(error).__name__}: {error}"
    played.seconds, after = time.perf_counter() - started, graph.get_state(config).values
    played.shown = [*shown.values()]
    before["context"] = {**before.get("context", {}), **given.get("context", {})}
    played.broken = [*broken(before, after, shown, error)]
    if error is None:
        record = after["last_turn"]
        played.landing, played.data, played.calls = record["landing"], after["context"], record["model_calls"]
    wanted = {key: value for key, value in turn.data.items() if value is not None}
    played.is_reached = played.landing == turn.state
    played.wanted, played.right = len(wanted), sum(played.data.get(key) == value for key, value in wanted.items())
    return played

"""The outcome of a scenario, turn by turn, as data: for the report of a failure, for coverage, for whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import JsonValue

from fsm_langgraph.errors import FSMError
from fsm_langgraph.scenarios.scenario import Scenario, ScenarioTurn
from fsm_langgraph.turn.record import TurnRecord


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the scenario says."""

    what: str
    """The expectation: `state`, `data.email`, `says`, `closed.refund`; `reply` where replies and calls do not match."""
    expected: str
    """The scenario's own word on it."""
    found: str
    """The thing found, in words."""
    advice: str = ""
    """The next thing to do, where it is not plain."""


@dataclass(frozen=True, slots=True)
class ScenarioStanding:
    """How a conversation stands."""

    state: str | None
    """The path of its state; `None` before it has begun."""
    data: Mapping[str, JsonValue]
    """Its context, and that of sub-machines under way by the paths of their keys; tokens stand for secrets."""
    ended: bool = False
    """Whether it is over."""
    secrets: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue], repr=False, compare=False)
    """The values of its secrets, which are compared and told to nobody."""
    question: str | None = None
    """LangGraph's id of the question that the next answer is to; `None` where it waits for none."""


@dataclass(frozen=True, slots=True)
class TurnOutcome:
    """The outcome of one turn."""

    scenario: str
    """The name of the scenario that the turn stands in."""
    number: int
    """Its number there, from 1 on."""
    turn: ScenarioTurn
    """The turn as it is written."""
    message: str
    """The messages to the user; a blank line divides several messages."""
    before: ScenarioStanding
    after: ScenarioStanding
    record: TurnRecord | None = None
    """The turn record; `None` where the turn failed, or waits for an answer."""
    error: FSMError | None = None
    """The error that the turn failed with."""
    asked: tuple[JsonValue, ...] = ()
    """The questions of `interrupt()` that the turn waits with, as JSON data."""
    differences: tuple[Difference, ...] = ()
    """Everything that is not as the scenario says."""
    place: str = ""
    """The file and line where it stands, where it is not as it is written."""
    replies: tuple[JsonValue, ...] | None = None
    """The model's replies as a scenario writes them; `None` where they were not recorded."""


@dataclass(frozen=True)
class ScenarioOutcome:
    """The outcome of a scenario. It ends with the first turn that is not as it is written."""

    scenario: Scenario
    given: tuple[TurnOutcome, ...]
    """The turns of the scenarios that it goes on from."""
    turns: tuple[TurnOutcome, ...]
    """Its own turns, as far as it came."""
    differences: tuple[Difference, ...] = ()
    """The differences from what it says of itself as a whole."""
    seconds: float = 0.0
    """How long it took."""
    place: str = field(default="", compare=False)
    """The file and line where it stands."""

    @cached_property
    def passed(self) -> bool:
        """Whether everything is as it is written."""
        return not self.differences and not any(turn.differences for turn in (*self.given, *self.turns))

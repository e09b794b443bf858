"""Holds the scenarios of a file: through the real compiled graph, turn by turn, until one is not as it is written.

Whatever is not as it is written is data in the outcome. What keeps the machine from being built at all is raised.
A scenario that goes on from another one's end is held on a copy of that end, which is kept for all that do; where there
can be none, the other one is held again, with the same replies.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Literal

from langchain_core.runnables import Runnable
from pydantic import JsonValue

from fsm_langgraph.scenarios.expectations import ending
from fsm_langgraph.scenarios.outcome import Difference, ScenarioOutcome, TurnOutcome
from fsm_langgraph.scenarios.rehearsal import KeptEnd, Rehearsal
from fsm_langgraph.scenarios.reply_recorder import ReplyRecorder
from fsm_langgraph.scenarios.scenario import Scenario, ScenarioTurn
from fsm_langgraph.scenarios.scenario_fault import Steps
from fsm_langgraph.scenarios.scenario_file import ScenarioFile
from fsm_langgraph.scenarios.stage import Stage

Recording = Literal["missing", "all"]
"""The turns whose replies are recorded."""


class ScenarioRunner:
    """Holds the scenarios of one file, one after the other; it is for one thread.

    Args:
        file: The file.
        model: The model of turns without replies, or its name; the offline one where it is left out.
        recording: Whether the replies of the model are noted, of turns without replies or of all turns, which are all
            held with it then.
    """

    def __init__(
        self,
        file: ScenarioFile,
        model: Runnable[Any, Any] | str | None = None,
        *,
        recording: Recording | None = None,
    ) -> None:
        self.file = file
        self._recording = recording
        self.stage = Stage(file.definition_path, file.path.parent, model)
        """The graphs that they are held with."""
        self._by_name = {scenario.name: scenario for scenario in file.scenarios}
        self._gone_on_from = {scenario.given for scenario in file.scenarios}
        self._held: dict[str, tuple[ScenarioOutcome, KeptEnd | None]] = {}
        """Those that others go on from, with their ends, where these can be copied."""

    def run(self, scenario: Scenario) -> ScenarioOutcome:
        """Hold a scenario.

        Raises:
            SetupError: The machine cannot be built with what the scenario is held with.
        """
        if scenario.name not in self._held:
            outcome, talk = self._hold(scenario, self._recording)
            if scenario.name not in self._gone_on_from:
                return outcome
            self._held[scenario.name] = outcome, talk.end()
        return self._held[scenario.name][0]

    def _hold(self, scenario: Scenario, recording: Recording | None = None) -> tuple[ScenarioOutcome, Rehearsal]:
        """Hold a scenario; return the conversation too."""
        began = time.perf_counter()
        talk, before = self._begin(scenario)
        given = (*before.given, *before.turns) if before is not None else ()
        turns: list[TurnOutcome] = []
        found: tuple[Difference, ...] = ()
        if before is not None and not before.passed:
            expected = f"{scenario.given!r} goes as it is written"
            found = (Difference("given", expected, "it does not", "Mend that one first."),)
        else:
            turns += self._held_until_one_fails(talk, scenario, recording)
            if scenario.ended is not None and not turns[-1].differences:
                found = tuple(ending(scenario.ended, talk.standing))
        place = f"{self.file.path}:{self.file.line_of(scenario)}"
        return ScenarioOutcome(scenario, given, tuple(turns), found, time.perf_counter() - began, place), talk

    def _begin(self, scenario: Scenario) -> tuple[Rehearsal, ScenarioOutcome | None]:
        """Begin a scenario: a new conversation, a copy of the one that is given, or that one, held again.

        Returns:
            The conversation, and what came of the scenario that is given.
        """
        if scenario.given is None:
            return Rehearsal(self.stage, scenario), None
        before = self._by_name[scenario.given]
        outcome = self.run(before)
        end = self._held[before.name][1]
        if end is None and outcome.passed:  # it cannot be copied
            outcome, talk = self._hold(_with_replies(before, outcome))
            talk.go_on_as(scenario)
            return talk, outcome
        talk = Rehearsal(self.stage, scenario)
        if end is not None:
            talk.go_on_from(end)
        return talk, outcome

    def _held_until_one_fails(
        self, talk: Rehearsal, scenario: Scenario, recording: Recording | None
    ) -> Iterator[TurnOutcome]:
        is_noted = recording is not None or scenario.name in self._gone_on_from
        for index, turn in enumerate(scenario.turns):
            asked = turn if recording != "all" else turn.model_copy(update={"reply": None})
            outcome = talk.turn(asked, ReplyRecorder() if is_noted and asked.reply is None else None)
            if outcome.differences:
                line, _ = self.file.positions.of_name((*self.file.steps_of(scenario), "turns", index))
                yield replace(outcome, place=f"{self.file.path}:{line}")
                return
            yield outcome


def _with_replies(scenario: Scenario, outcome: ScenarioOutcome) -> Scenario:
    """Give the turns of a scenario the replies that they had, so that it goes again as it went."""
    turns = [
        held.turn.model_copy(update={"reply": ScenarioTurn.model_validate({"reply": [*held.replies]}).reply})
        if held.replies is not None and held.error is None
        else held.turn
        for held in outcome.turns
    ]
    return scenario.model_copy(update={"turns": tuple(turns)})


def recorded(file: ScenarioFile, outcomes: Iterable[ScenarioOutcome]) -> dict[Steps, tuple[JsonValue, ...]]:
    """Return the replies that were recorded, by the ways to their turns; of scenarios that went as they are written."""
    return {
        (*file.steps_of(outcome.scenario), "turns", index): turn.replies
        for outcome in outcomes
        if outcome.passed
        for index, turn in enumerate(outcome.turns)
        # A turn that pauses, or goes on, often calls no model, and then it is to need none.
        if turn.replies or (turn.replies is not None and (turn.asked or turn.turn.answer is not None))
    }

"""One conversation, held turn by turn as a scenario writes it, and held against what that says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.store.base import Item
from langgraph.types import Command
from pydantic import JsonValue
from pydantic_core import to_jsonable_python

from fsm_langgraph.context.writes import MACHINE_PREFIX
from fsm_langgraph.conversation.caller_input import turn_input
from fsm_langgraph.conversation.pauses import questions_of
from fsm_langgraph.conversation.pieces import read_pieces
from fsm_langgraph.errors import FSMError, TurnError
from fsm_langgraph.graph.channels import FSMInput
from fsm_langgraph.graph.graph import Graph
from fsm_langgraph.graph.standing import all_data, current_path, has_ended
from fsm_langgraph.scenarios.expectations import differences, is_asked, quoted
from fsm_langgraph.scenarios.outcome import Difference, ScenarioStanding, TurnOutcome
from fsm_langgraph.scenarios.reply_recorder import ReplyRecorder, flow
from fsm_langgraph.scenarios.scenario import Scenario, ScenarioTurn
from fsm_langgraph.scenarios.scenario_store import items_of, put_items
from fsm_langgraph.scenarios.stage import Stage
from fsm_langgraph.turn.clock import stopped_at


@dataclass(frozen=True, slots=True)
class KeptEnd:
    """The end of a conversation, from which others may go on."""

    standing: ScenarioStanding
    stored: tuple[CheckpointTuple, ...]
    items: tuple[Item, ...]
    """All that its store holds."""


class Rehearsal:
    """A conversation that is held turn by turn.

    Args:
        stage: What it is held with.
        scenario: The scenario; of it the turns are left to the caller.
    """

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        self.standing = ScenarioStanding(None, {})
        """How it stands."""
        self._stage = stage
        self._config = stage.new_thread(scenario.name)
        stage.new_store(scenario)
        self._begin(scenario)

    def go_on_as(self, scenario: Scenario) -> None:
        """Go on with another scenario."""
        self._stage.put_stored(scenario)
        self._begin(scenario)

    def _begin(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._context = scenario.context
        self._number = 0

    def turn(self, turn: ScenarioTurn, recorder: ReplyRecorder | None = None) -> TurnOutcome:
        """Hold a turn.

        Args:
            turn: The turn.
            recorder: Notes the replies of the model, where somebody wants them.

        Raises:
            SetupError: The machine cannot be built with what the conversation is held with.
        """
        self._number += 1
        is_answer = turn.answer is not None
        if is_answer and self.standing.question is None:
            return self._unasked(turn)
        graph, script = self._stage.graph(self._scenario, scripted=turn.reply is not None), self._stage.script
        script.begin(turn.reply or ())
        before, error, message = self.standing, None, ""
        context = {**self._context, **turn.context} if not is_answer else {}
        try:
            given: FSMInput | Command[Any]
            if is_answer:  # by the question's id, since a mapping is one of ids to LangGraph
                given = Command(resume={before.question: turn.answer})
            else:
                given = turn_input(self._stage.definition, turn.user, context)
            with stopped_at(self._scenario.now):
                message = _held(graph, given, self._config | ({"callbacks": [recorder]} if recorder else {}))
        except FSMError as failure:
            error = failure
            message = "\n\n".join(failure.shown) if isinstance(failure, TurnError) else ""
        snapshot = graph.get_state(self._config)
        values = snapshot.values
        secrets = graph.secrets(self._config) if self._stage.definition.secret_paths and values else {}
        questions = questions_of(snapshot)
        asked = tuple(_as_json(each.value) for each in questions)
        # Where several are asked at once, the next answer is to the one that the turn expects.
        expected = [each.id for each, value in zip(questions, asked, strict=True) if is_asked(turn.asks, value)]
        question = next(iter(expected or [each.id for each in questions]), None)
        self.standing = replace(self._standing(values, secrets), question=question)
        if error is None and not is_answer:
            self._context = {}
        record = values.get("last_turn") if error is None and not asked else None  # else it is that of the turn before
        found = script.misfits(waits=bool(asked)) if turn.reply is not None else []
        if asked and turn.asks is None:
            told = f"it waits for an answer to {', '.join(map(quoted, asked))}"
            found = [Difference("turn", "a turn that comes to its end", told, _EXPECTED.format(flow(asked[0])))]
        elif error is None or not found or script.has_left_over:  # else the error says only that none was left
            secret = self._stage.definition.secret_paths
            others = differences(turn, message, self.standing, record, error, asked, secret)
            wrong = [each for each in others if not (script.stood_in and each.what in _OF_WORDS)]
            # A turn that fails before its time leaves replies over, and that is not what is wrong with it.
            found = wrong if error is not None and wrong else [*found, *wrong]
        if error is not None and not found and before.state is not None and not context:
            found += _changes(before, self.standing)
        return TurnOutcome(
            self._scenario.name,
            self._number,
            turn,
            message,
            before,
            self.standing,
            record,
            error,
            asked,
            tuple(found),
            replies=tuple(recorder.replies) if recorder is not None else None,
        )

    def _unasked(self, turn: ScenarioTurn) -> TurnOutcome:
        """Tell of an answer that nothing waits for; no turn is held."""
        found = Difference("answer", "a turn that waits for an answer", "nothing is asked", _UNASKED)
        outcome = TurnOutcome(self._scenario.name, self._number, turn, "", self.standing, self.standing)
        return replace(outcome, differences=(found,))

    def end(self) -> KeptEnd | None:
        """Keep the end of the conversation; `None` where it cannot be copied, or nothing is stored yet.

        A store may not let itself be copied, and the journal of a turn that waits is of this conversation alone.
        """
        if self.standing.question is not None:
            return None
        stored, items = self._stage.checkpoints(self._config), items_of(self._stage.store)
        return KeptEnd(self.standing, stored, tuple(items)) if stored and items is not None else None

    def go_on_from(self, end: KeptEnd) -> None:
        """Begin where another conversation has ended."""
        self._stage.put_checkpoints(self._config, end.stored)
        put_items(self._stage.store, end.items)
        self._stage.put_stored(self._scenario)
        self.standing = end.standing

    def _standing(self, values: Mapping[str, object], secrets: Mapping[str, JsonValue]) -> ScenarioStanding:
        if "current_state" not in values:
            return ScenarioStanding(None, {})
        definition = self._stage.definition
        data = {key: value for key, value in all_data(values).items() if not key.startswith(MACHINE_PREFIX)}
        return ScenarioStanding(current_path(definition, values), data, has_ended(definition, values), secrets)


_EXPECTED = """Write its question into this turn, and the answer in the place of a message into the next one:
  asks: {}
  answer: …"""
_UNASKED = "Write a message, user: …, or have the turn before ask something."
_OF_WORDS = ("says", "says_not", "calls")
"""The expectations that words of nobody's cannot meet."""


def _as_json(question: Any) -> JsonValue:
    """Write what a turn asks as JSON data; objects are written by their fields, where they have any."""
    plain: JsonValue = to_jsonable_python(question, serialize_unknown=True)
    return plain


def _held(graph: Graph, given: FSMInput | Command[Any], config: RunnableConfig) -> str:
    """Hold a turn; return what the user was shown."""
    shown, told = "", ""
    for chunk, _ in graph.stream(given, config, stream_mode="messages", durability="exit"):
        for piece in read_pieces(chunk, shown):
            told += piece
            shown = piece.message_id or shown
    return told


def _changes(before: ScenarioStanding, after: ScenarioStanding) -> Iterator[Difference]:
    """Find what a turn that failed has changed."""
    if before.state != after.state:
        yield Difference("error", f"the conversation as it was, in {before.state!r}", f"it is in {after.state!r}")
    for key in dict.fromkeys([*before.data, *after.data]):
        if before.data.get(key) != after.data.get(key):
            yield Difference("error", "the conversation as it was", f"{key!r} has changed")

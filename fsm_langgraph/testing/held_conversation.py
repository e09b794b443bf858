"""A conversation that is held in a test: what the user says, and what must hold then, one after the other.

    def test_a_refund_needs_a_reason(conversation):
        (
            conversation("fsm.json")
            .with_context(customer_id="7")
            .says("I want my money back")
            .lands_in("refund")
            .is_told("why")
            .is_closed("claimed", "reason")
            .says("it was broken", reply={"target": "claimed", "updates": {"reason": "broken"}, "message": "Noted."})
            .lands_in("claimed")
            .has(reason="broken")
        )

It is what a scenario says in a file, word by word, and a failure is told in the same way. `says` holds a turn; the
methods that follow look at that turn. A turn without a reply asks the model: the offline one, or the one that is given.
What is misspelt, or is not in the definition, raises `ScenarioError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from langchain_core.runnables import Runnable
from pydantic import JsonValue

from fsm_langgraph.context.secret_tokens import MASK, is_token
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.scenarios import Rehearsal, Scenario, ScenarioOutcome, ScenarioTurn, Stage, TurnOutcome
from fsm_langgraph.scenarios.expectations import differences
from fsm_langgraph.scenarios.idle_expectations import check_expected
from fsm_langgraph.scenarios.scenario_fault import ScenarioFault
from fsm_langgraph.scenarios.scenario_faults import check_turn
from fsm_langgraph.testing.failure_text import failure_text
from fsm_langgraph.testing.written_in_tests import made, mistakes
from fsm_langgraph.turn.record import TurnRecord

Reply = Mapping[str, Any] | str | Sequence[Mapping[str, Any] | str]
"""The answers of the model to the calls of a turn, as in a file of scenarios."""


class ConversationFixture:
    """Begins conversations in a test; it is what the fixture `conversation` gives.

    Args:
        name: The name of the test.
        folder: The folder from which definitions and code are named.
        model: The model of turns without replies, or its name; the offline one where it is left out.
        seen: Is told of each definition and its file, for coverage.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        model: Runnable[Any, Any] | str | None = None,
        seen: Callable[[Path, FSMDefinition], object] | None = None,
    ) -> None:
        self._name = name
        self._folder = folder
        self._model = model
        self._seen = seen

    def __call__(
        self, definition: str | Path, *, model: Runnable[Any, Any] | str | None = None, **settings: Any
    ) -> HeldConversation:
        """Begin a conversation.

        Args:
            definition: The definition's file, from the folder of the test.
            model: The model of turns without replies, or its name.
            **settings: `handlers`, `tools`, `store`, `stored`, `now` and `options`, as a scenario in a file has them.

        Raises:
            DefinitionError: The definition has problems.
            ScenarioError: There is no such setting.
        """
        stage = Stage(self._folder / definition, self._folder, model if model is not None else self._model)
        if self._seen is not None:
            self._seen(stage.path, stage.definition)
        scenario = made(Scenario, {"name": self._name, "turns": [{}], **settings})
        return HeldConversation(stage, scenario)


class HeldConversation:
    """A conversation that is held in a test. Each method gives it back, so that the next one can follow.

    Args:
        stage: What it is held with.
        scenario: Its name and settings.
    """

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        self._stage = stage
        self._scenario = scenario
        self._talk: Rehearsal | None = None
        self._turns: list[TurnOutcome] = []
        self._told: dict[str, Any] = {}

    @property
    def message(self) -> str:
        """The text that the user was shown in the last turn."""
        return self._last.message

    @property
    def state(self) -> str | None:
        """The path of the state that the conversation is in."""
        return self._last.after.state

    @property
    def data(self) -> Mapping[str, JsonValue]:
        """The context, and that of sub-machines under way by the paths of their keys; secrets are masked.

        `has` compares their values.
        """
        return {key: MASK if is_token(value) else value for key, value in self._last.after.data.items()}

    @property
    def record(self) -> TurnRecord | None:
        """The record of the last turn; `None` where that failed."""
        return self._last.record

    def with_context(self, known: Mapping[str, JsonValue] | None = None, **more: JsonValue) -> Self:
        """Give what the caller knows, with the next message; keys that are no names of Python's in a mapping."""
        self._told = {**self._told, **(known or {}), **more}
        return self

    def says(self, user: str, *, reply: Reply | None = None, error: str | None = None, asks: JsonValue = None) -> Self:
        """Hold a turn: the user writes something.

        Args:
            user: What the user writes.
            reply: What the model answers, as a scenario in a file has it; the model is asked where it is left out.
            error: The error that the turn fails with: the name of its class, a part of its text, or both.
            asks: The question of `interrupt()` that the turn waits with, or a part of it, as a file has it.
        """
        __tracebackhide__ = True
        told, self._told = self._told, {}
        return self._hold({"user": user, "context": told}, reply=reply, error=error, asks=asks)

    def answers(
        self, answer: JsonValue, *, reply: Reply | None = None, error: str | None = None, asks: JsonValue = None
    ) -> Self:
        """Go on with the turn that waits: a person answers what it asks.

        Args:
            answer: The value that `interrupt()` returns in the handler or the tool.
            reply: What the model answers to the calls that follow.
            error: The error that the turn fails with.
            asks: The next question, where the turn waits again.
        """
        __tracebackhide__ = True
        return self._hold({"answer": answer}, reply=reply, error=error, asks=asks)

    def begins(self, *, reply: Reply | None = None) -> Self:
        """Hold a turn without a message: the machine speaks first."""
        __tracebackhide__ = True
        return self.says("", reply=reply)

    def lands_in(self, state: str) -> Self:
        """Expect the turn to have ended in a state, by its path: `payment/card`."""
        __tracebackhide__ = True
        return self._expect(state=state)

    def goes_through(self, *path: str) -> Self:
        """Expect the turn to have gone through these states, the first and the last of them included."""
        __tracebackhide__ = True
        return self._expect(path=path)

    def goes_because(self, why: str) -> Self:
        """Expect the turn's first step to have gone as it did for this reason: `proposed`, `fired`, `stayed`."""
        __tracebackhide__ = True
        return self._expect(why=why)

    def has(self, data: Mapping[str, JsonValue] | None = None, **more: JsonValue) -> Self:
        """Expect keys of the context to have these values, among others; `None` for one that has none."""
        __tracebackhide__ = True
        return self._expect(data={**(data or {}), **more})

    def has_only(self, data: Mapping[str, JsonValue] | None = None, **more: JsonValue) -> Self:
        """Expect these keys of the context to have a value, and no others."""
        __tracebackhide__ = True
        return self._expect(all_data={**(data or {}), **more})

    def is_told(self, *texts: str) -> Self:
        """Expect the user to be told each of these, whatever the case; `/…/` is a regular expression."""
        __tracebackhide__ = True
        return self._expect(says=texts)

    def is_not_told(self, *texts: str) -> Self:
        """Expect the user to be told none of these."""
        __tracebackhide__ = True
        return self._expect(says_not=texts)

    def is_closed(self, target: str, reason: str | None = None) -> Self:
        """Expect a transition to this state not to have been open, for a reason of which this is a part."""
        __tracebackhide__ = True
        return self._expect(closed={target: reason})

    def rejects(self, key: str, reason: str | None = None) -> Self:
        """Expect the value of this key, and of no other, to have been refused."""
        __tracebackhide__ = True
        return self._expect(rejected={key: reason})

    def calls_model(self, times: int) -> Self:
        """Expect the model to have been called so often."""
        __tracebackhide__ = True
        return self._expect(calls=times)

    def ended(self) -> Self:
        """Expect the conversation to be over."""
        __tracebackhide__ = True
        return self._expect(ended=True)

    def not_ended(self) -> Self:
        """Expect the conversation to go on."""
        __tracebackhide__ = True
        return self._expect(ended=False)

    @property
    def _last(self) -> TurnOutcome:
        if not self._turns:
            advice = "Begin with .says(…), or with .begins() for the machine to speak."
            raise mistakes([ScenarioFault((), "no-turn", "nobody has said anything yet.", advice)])
        return self._turns[-1]

    def _hold(self, said: Mapping[str, Any], **more: Any) -> Self:
        __tracebackhide__ = True
        turn = self._turn({**said, **{name: value for name, value in more.items() if value is not None}})
        if self._talk is None:
            self._talk = Rehearsal(self._stage, self._scenario)
        self._turns.append(self._talk.turn(turn))
        self._fail_if(self._turns[-1])
        return self

    def _expect(self, **expected: Any) -> Self:
        __tracebackhide__ = True
        turn, last = self._turn(expected), self._last
        together = _together(last.turn, expected, turn)
        if faults := [*check_turn(together, self._stage.definition, ())]:  # a turn that waits or failed has no record
            raise mistakes(faults)
        secret = self._stage.definition.secret_paths
        found = tuple(differences(turn, last.message, last.after, last.record, None, last.asked, secret))
        self._fail_if(replace(last, turn=together, differences=found))
        return self

    def _fail_if(self, last: TurnOutcome) -> None:
        """Fail the test where a turn is not as it is expected."""
        __tracebackhide__ = True
        if last.differences:
            raise AssertionError(failure_text(ScenarioOutcome(self._scenario, (), (*self._turns[:-1], last))))

    def _turn(self, written: Mapping[str, Any]) -> ScenarioTurn:
        """Make a turn of what is written; what the definition does not have is the author's mistake."""
        __tracebackhide__ = True
        turn = made(ScenarioTurn, written)
        if faults := [*check_expected(written, ()), *check_turn(turn, self._stage.definition, ())]:
            raise mistakes(faults)
        return turn


def _together(held: ScenarioTurn, expected: Mapping[str, Any], turn: ScenarioTurn) -> ScenarioTurn:
    """Return the turn that was held with what is expected of it now."""
    return held.model_copy(update={name: getattr(turn, name) for name in expected})

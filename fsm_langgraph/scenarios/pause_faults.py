"""Faults of turns that wait for an answer, and of answers: what contradicts them, and answers to nothing.

- user: refund my order         a turn that pauses at `interrupt()` says what it asks
  asks: {amount: 50}
- answer: true                  the turn after it answers, and the paused turn goes on
  state: refunded
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from fsm_langgraph.scenarios.scenario import Scenario, ScenarioTurn
from fsm_langgraph.scenarios.scenario_fault import ScenarioFault, Steps
from fsm_langgraph.scenarios.text_pattern import pattern_fault

OF_RECORD = ("path", "why", "calls", "rejected", "told", "changed", "closed")
"""The expectations of a turn's record, which a turn has that came to its end."""


def check_pause(turn: ScenarioTurn, steps: Steps) -> Iterator[ScenarioFault]:
    """Find what cannot stand in one turn with a question, or with an answer."""
    for field in ("user", "context"):
        if turn.answer is not None and getattr(turn, field):
            message = f"an answer goes on with the turn before, and {field!r} begins a new one."
            yield ScenarioFault((*steps, field), "contradiction", message, "Write it in a turn of its own.")
    if turn.asks is None:
        return
    for where, text in _texts(turn.asks, (*steps, "asks")):
        if fault := pattern_fault(text):
            yield ScenarioFault(where, "bad-pattern", f"{text!r} is no regular expression: {fault}.")
    if turn.error is not None:
        message = "a turn that waits for an answer has not failed."
        yield ScenarioFault((*steps, "error"), "contradiction", message, "Expect the one or the other.")
        return
    for field in OF_RECORD:
        if getattr(turn, field) not in (None, {}):
            message = f"a turn that waits for an answer has no record yet, so that {field!r} cannot be told."
            advice = "Expect it of the turn with the answer, which has that of the whole turn."
            yield ScenarioFault((*steps, field), "contradiction", message, advice)


def check_answers(named: Sequence[tuple[Steps, Scenario]]) -> Iterator[ScenarioFault]:
    """Find answers before which nothing is asked.

    Args:
        named: The scenarios, with the ways to them.
    """
    by_name = {scenario.name: scenario for _, scenario in named}
    for steps, scenario in named:
        before = by_name.get(scenario.given) if scenario.given is not None else None
        waits = scenario.given is not None and (before is None or before.turns[-1].asks is not None)
        for index, turn in enumerate(scenario.turns):
            if turn.answer is not None and not waits:
                message = "the turn before it asks nothing, so that nothing waits for an answer."
                yield ScenarioFault((*steps, "turns", index, "answer"), "no-question", message, _HOW)
            waits = turn.asks is not None


_HOW = "Write what the turn before asks, 'asks: …', or write a message, 'user: …'."


def _texts(expected: JsonValue, steps: Steps) -> Iterator[tuple[Steps, str]]:
    """Yield the texts of a question that are parts of what is asked, with the ways to them."""
    if isinstance(expected, str):
        yield steps, expected
    elif isinstance(expected, dict):
        for key, value in expected.items():
            yield from _texts(value, (*steps, key))

"""The turns on a conversation's main line: each run that ended with an answer, and each that broke off.

A turn has landed where the turn record is a new one. A run has not landed if the next checkpoint is another run's
input, or if there is none: it failed, was stopped or still goes on, and has changed nothing. A run that was resumed and
then landed is one turn. With durability `exit` LangGraph keeps only the end of a run: such a turn has no beginning and
no duration, and a run that failed looks like one that was resumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from pydantic import JsonValue

from fsm_langgraph.context.secret_tokens import masked
from fsm_langgraph.context.writes import difference
from fsm_langgraph.conversation.pieces import BLANK_LINE
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.exploring.stored import Line, Mark
from fsm_langgraph.graph.standing import rests_at_end
from fsm_langgraph.turn.record import TurnRecord

Ending = Literal["landed", "failed", "paused", "given up", "in flight"]
"""Whether a turn has landed, as one has that an `ERROR` handler or the `fallback_message` answered for, or broke off:
it failed, or waits for a person who was asked by `interrupt()`, or was given up for another message while it did. `in
flight` where it runs, or was cut off."""


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One turn of a stored conversation."""

    number: int
    """Which turn of its conversation it is, from 1 on."""
    time: datetime
    """When it ended, or came to where it broke off."""
    seconds: float | None
    """How long it took; `None` where its beginning is not stored."""
    user: str
    """The user's message; empty where the machine spoke first."""
    answer: str
    """The answer, a blank line between its messages; empty where the turn broke off."""
    state: str
    """The path of the state that the conversation was in before; empty where it was in none."""
    outcome: Ending
    record: TurnRecord | None
    """The turn record; `None` for a turn that broke off, which has decided nothing."""
    changes: Mapping[str, tuple[JsonValue, JsonValue]]
    """The value before and after, for each changed key. Secret values are masked; sub-machines' keys have paths."""
    error: str
    """Why it broke off; empty where it did not."""


def find_turns(line: Line, definition: FSMDefinition | None = None) -> Iterator[StoredTurn]:
    """Find the turns of a conversation.

    Args:
        line: Its checkpoints.
        definition: The definition that it follows: it says which keys are secret, and has their defaults.
    """
    secret: Set[str] = definition.secret_paths if definition is not None else frozenset()
    data: Mapping[str, JsonValue] = definition.defaults if definition is not None else {}
    number, landed = 0, None
    heard: Set[str] = frozenset()
    runs: list[Mark] = []
    for mark in line.marks:
        if mark.is_input and runs:
            number += 1
            yield _given_up(_broken_off(number, runs, heard, "it was cut off"))
            runs = []
        runs.append(mark)
        if mark.record is not None and mark.version != landed:
            number += 1
            yield _landed(number, runs, heard, mark.record, _changes(data, mark.data, secret))
            data, landed, heard, runs = mark.data, mark.version, mark.answers.keys(), []
        elif not (runs[0].is_input or mark.error):
            runs = []  # no run: somebody has changed the conversation by `update_state`
    if runs:
        yield _broken_off(number + 1, runs, heard, "it is not over")


def has_ended(line: Line) -> bool:
    """Say whether a conversation has come to a final state, or was closed."""
    newest = line.marks[-1]
    if newest.is_closed or newest.is_away:
        return newest.is_closed
    records = (mark.record for mark in reversed(line.marks) if mark.record is not None)
    record = next((record for record in records if record["why"] != "failed"), None)
    return rests_at_end(record, newest.path)


def _landed(
    number: int,
    run: list[Mark],
    heard: Set[str],
    record: TurnRecord,
    changes: dict[str, tuple[JsonValue, JsonValue]],
) -> StoredTurn:
    end = run[-1]
    answer = BLANK_LINE.join(text for message_id, text in end.answers.items() if message_id not in heard)
    return StoredTurn(
        number, end.time, _seconds(run), _said(end, heard), answer, record["state"], "landed", record, changes, ""
    )


def _said(end: Mark, heard: Set[str]) -> str:
    """Return what the user wrote in a turn: nothing, where the last words have had an answer before."""
    return end.said if heard.isdisjoint(end.answers) else ""


def _broken_off(number: int, run: list[Mark], heard: Set[str], otherwise: str) -> StoredTurn:
    end = run[-1]
    outcome: Ending = end.broke_off or "in flight"
    return StoredTurn(
        number,
        end.time,
        _seconds(run),
        _said(end, heard),
        "",
        end.path or "",
        outcome,
        None,
        {},
        end.error or otherwise,
    )


def _given_up(turn: StoredTurn) -> StoredTurn:
    """Return a turn that broke off as it stands since another message came."""
    if turn.outcome != "paused":
        return turn
    return replace(turn, outcome="given up", error=f"{turn.error}; given up for another message")


def _changes(
    before: Mapping[str, JsonValue], after: Mapping[str, JsonValue], secret: Set[str]
) -> dict[str, tuple[JsonValue, JsonValue]]:
    def shown(key: str, value: Any) -> JsonValue:
        return masked(value, is_secret=key in secret)

    return {key: (shown(key, before.get(key)), shown(key, value)) for key, value in difference(before, after).items()}


def _seconds(run: list[Mark]) -> float | None:
    return (run[-1].time - run[0].time).total_seconds() if run[0].is_input else None

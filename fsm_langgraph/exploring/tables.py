"""The tables: stored conversations as DataFrames of pandas, which is imported when the first one is made.

Each takes anything that holds conversations: the SQLite file that `LLM_FSM` was given as `db`, an `LLM_FSM`, a
compiled graph, or any of LangGraph's checkpointers that answers sync calls. One that belongs to an event loop does so
from another thread: `await asyncio.to_thread(turns, saver)`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.exploring.data_frames import Row, frame
from fsm_langgraph.exploring.history import StoredTurn, find_turns, has_ended
from fsm_langgraph.exploring.source import ExploringError, opened
from fsm_langgraph.exploring.stored import Line, read_lines
from fsm_langgraph.loading import Source, load_definition
from fsm_langgraph.models.token_count import TokenCount
from fsm_langgraph.turn.definition_change import told_change
from fsm_langgraph.turn.record import JudgedTransition, Step, TurnRecord, hindrances, tokens_used

if TYPE_CHECKING:
    import pandas as pd

    from fsm_langgraph.exploring.source import Stored

Told = tuple[Line, list[StoredTurn]]
"""A conversation and its turns."""


def conversations(
    db: Stored, *, allow_types: Collection[type] = (), encryption_key: bytes | str | None = None
) -> pd.DataFrame:
    """List the conversations, the oldest first.

    Its columns: `conversation` (its id), `definition` (its name, where it is known), the `revision` that its last turn
    followed (empty where it has none), `turns`, of these the `failed` ones, the `state` that it is in, whether it has
    `ended`, when it `began` and was `last` active, the `states` that it has entered, the `model_calls`, `input_tokens`
    and `output_tokens` that it took, and whether it took more tokens than that (`at_least`), as a provider has not told
    all of them; where it has told none they are unknown.

    Args:
        db: What holds them; see the module.
        allow_types: As `LLM_FSM` takes it, for a file.
        encryption_key: The key that a file was stored with.

    Raises:
        ExploringError: pandas is not installed, or there is nothing to read.
        StoredDataError: What a file holds is no conversation, or is encrypted with another key.
    """
    return frame(_CONVERSATION, (_conversation(line, found) for line, found in _told(db, allow_types, encryption_key)))


def turns(
    db: Stored,
    conversation_id: str | None = None,
    *,
    definition: FSMDefinition | Source | None = None,
    allow_types: Collection[type] = (),
    encryption_key: bytes | str | None = None,
) -> pd.DataFrame:
    """List the turns of all conversations, or of one.

    Its columns: `conversation`, `turn` (its number), `time` (when it ended), the `seconds` that it took, what the
    `user` wrote and the `answer`, the `state` before and the `landing` one, the `path` between them, `why` it went so,
    the `proposed` state, the agent of the graph around that got the user by `handoff` (empty where none did), the
    `changed` keys and their `changes` (from, to), the keys that replies have `told`, the
    states whose own words were `said`, the `news` that transitions could fire on and where it came from, what was
    `rejected` and why, what has changed in the definition since the turn before (`definition_change`), the
    `model_calls`, `input_tokens`, `output_tokens` and `at_least` as in `conversations`, the `tool_calls`, and the
    `error` of a turn that broke off. Such a turn has decided and moved nothing: it lands where it was, and `why` tells
    that it has `failed`, is `paused` at an `interrupt()`, was `given up` while it was, or is `in flight`.

    Args:
        db: What holds them; see the module.
        conversation_id: The conversation; all of them where it is left out.
        definition: The definition, or where it is: the values of its secret keys are masked, also those that an
            older release has stored. An `LLM_FSM` and its graph know it themselves. What users wrote is never masked.
        allow_types: As `LLM_FSM` takes it, for a file.
        encryption_key: The key that a file was stored with.

    Raises:
        ExploringError: pandas is not installed, or there is nothing to read.
        StoredDataError: What a file holds is no conversation, or is encrypted with another key.
    """
    told = _told(db, allow_types, encryption_key, conversation_id, definition)
    return frame(_TURN, (_turn(line, turn) for line, found in told for turn in found))


def timeline(
    db: Stored,
    conversation_id: str,
    *,
    allow_types: Collection[type] = (),
    encryption_key: bytes | str | None = None,
) -> pd.DataFrame:
    """List the steps of one conversation: what each state did in each turn.

    Its columns: `turn`, `time`, `step` (its number in the turn), the `state`, the `target` that it led to (none where
    the turn stayed), `why`, the agent that got the user by a `handoff` after the turn's last step, and why other
    transitions were `closed`, by their target states.

    Args:
        db: What holds it; see the module.
        conversation_id: The conversation.
        allow_types: As `LLM_FSM` takes it, for a file.
        encryption_key: The key that a file was stored with.

    Raises:
        ExploringError: pandas is not installed, or there is nothing to read.
        StoredDataError: What a file holds is no conversation, or is encrypted with another key.
    """
    rows = (
        {
            "turn": turn.number,
            "time": turn.time,
            "step": number,
            "state": step["state"],
            "target": step["target_state"],
            "why": step["why"],
            "handoff": record.get("handoff", "") if step is record["steps"][-1] else "",
            "closed": {
                weighed["target_state"]: "; ".join(hindrances(weighed))
                for weighed in step["candidates"]
                if not weighed["enabled"]
            },
        }
        for _, turn, record, number, step in _steps(_told(db, allow_types, encryption_key, conversation_id))
    )
    return frame(_STEP, rows)


def decisions(
    db: Stored,
    conversation_id: str | None = None,
    *,
    allow_types: Collection[type] = (),
    encryption_key: bytes | str | None = None,
) -> pd.DataFrame:
    """List the transitions that were judged in all conversations, or in one: why each was or was not taken.

    Its columns: `conversation`, `turn`, `step`, the `state`, the `target`, the `transition` (its description), whether
    it was `open` and whether it was `taken`, and what was against it: `closed_by` where it was closed, and
    `passed_over` where it was open and news did not take it; and the agent that it hands the user over to (`handoff`,
    empty where it does not).

    Args:
        db: What holds them; see the module.
        conversation_id: The conversation; all of them where it is left out.
        allow_types: As `LLM_FSM` takes it, for a file.
        encryption_key: The key that a file was stored with.

    Raises:
        ExploringError: pandas is not installed, or there is nothing to read.
        StoredDataError: What a file holds is no conversation, or is encrypted with another key.
    """
    rows = (
        {
            "conversation": line.conversation,
            "turn": turn.number,
            "step": number,
            "state": step["state"],
            "target": weighed["target_state"],
            "transition": weighed["description"],
            "open": weighed["enabled"],
            "taken": weighed is _taken(step),
            "closed_by": "; ".join(hindrances(weighed)),
            "passed_over": weighed["passed_over"],
            "handoff": weighed.get("handoff", ""),
        }
        for line, turn, _, number, step in _steps(_told(db, allow_types, encryption_key, conversation_id))
        for weighed in step["candidates"]
    )
    return frame(_DECISION, rows)


_USAGE = ("model_calls", "input_tokens", "output_tokens", "at_least")
_CONVERSATION = (
    *("conversation", "definition", "revision", "turns", "failed", "state", "ended", "began", "last", "states"),
    *_USAGE,
)
_TURN = (
    *("conversation", "turn", "time", "seconds", "user", "answer", "state", "landing", "path", "why"),
    *("proposed", "handoff", "changed", "changes", "told", "said", "news", "rejected"),
    "definition_change",
    *(*_USAGE, "tool_calls", "error"),
)
_STEP = ("turn", "time", "step", "state", "target", "why", "handoff", "closed")
_DECISION = (
    *("conversation", "turn", "step", "state", "target", "transition"),
    *("open", "taken", "closed_by", "passed_over", "handoff"),
)


def _told(
    db: Stored,
    allow_types: Collection[type],
    encryption_key: bytes | str | None,
    conversation_id: str | None = None,
    definition: FSMDefinition | Source | None = None,
) -> list[Told]:
    given = load_definition(definition) if definition is not None else None
    with opened(db, allow_types=allow_types, encryption_key=encryption_key) as (saver, known):
        lines = read_lines(saver, conversation_id)
    if conversation_id is not None and not lines:
        raise ExploringError(
            f"there is no conversation {conversation_id!r}.\n  conversations(db) lists those there are."
        )
    return [(line, [*find_turns(line, given or known)]) for line in lines]


def _conversation(line: Line, found: Sequence[StoredTurn]) -> Row:
    records = [turn.record for turn in found if turn.record is not None]
    paths = [record["path"] for record in records]
    return {
        "conversation": line.conversation,
        "definition": line.machine,
        "revision": records[-1].get("revision", "") if records else "",
        "turns": len(found),
        "failed": sum(map(_has_failed, found)),
        "state": line.marks[-1].path,
        "ended": has_ended(line),
        "began": line.marks[0].time,
        "last": line.marks[-1].time,
        "states": bool(paths) + sum(len(path) - 1 for path in paths),
        **_usage(found),
    }


def _turn(line: Line, turn: StoredTurn) -> Row:
    return {
        "conversation": line.conversation,
        "turn": turn.number,
        "time": turn.time,
        "seconds": turn.seconds,
        "user": turn.user,
        "answer": turn.answer,
        **(_recorded(turn.record) if turn.record is not None else _undecided(turn)),
        "changes": turn.changes,
        **_usage([turn]),
        "error": turn.error,
    }


def _recorded(record: TurnRecord) -> Row:
    """Return the cells that a turn record tells of."""
    return {
        **{name: record[name] for name in ("state", "landing", "path", "why", "proposed", "changed")},
        "handoff": record.get("handoff", ""),
        "told": record["told"],
        "said": record.get("said", []),  # a record of an earlier release has none
        "news": record["news"],
        "rejected": [f"{write['key']} {write['reason']}" for write in record["rejected"]],
        "definition_change": "; ".join(told_change(change)) if (change := record.get("definition")) else "",
        "tool_calls": len(record["tool_calls"]),
    }


def _undecided(turn: StoredTurn) -> Row:
    """Return these cells for a turn that broke off."""
    return {
        "state": turn.state,
        "landing": turn.state,
        "path": [turn.state],
        "why": turn.outcome,
        "proposed": None,
        "changed": [],
        "handoff": "",
        "told": [],
        "said": [],
        "news": {},
        "rejected": [],
        "definition_change": "",
        "tool_calls": 0,
    }


def _has_failed(turn: StoredTurn) -> bool:
    """Say whether a turn has failed, be it that something answered for it."""
    return turn.outcome == "failed" or (turn.record is not None and turn.record["why"] == "failed")


def _usage(found: Sequence[StoredTurn]) -> Row:
    calls = [call for turn in found if turn.record is not None for call in turn.record["model_calls"]]
    # Of a turn that failed or broke off no call is stored, though it may have made some.
    is_broken = any(turn.record is None or turn.record["why"] == "failed" for turn in found)
    tokens = tokens_used(calls) if calls or not is_broken else TokenCount()
    return {
        "model_calls": len(calls),
        "input_tokens": tokens.read,
        "output_tokens": tokens.written,
        "at_least": is_broken or not tokens.is_all,
    }


def _steps(told: Sequence[Told]) -> Iterator[tuple[Line, StoredTurn, TurnRecord, int, Step]]:
    for line, found in told:
        for turn in found:
            record = turn.record
            if record is not None:
                for number, step in enumerate(record["steps"], start=1):
                    yield line, turn, record, number, step


def _taken(step: Step) -> JudgedTransition | None:
    """Return the transition that a step took."""
    # A step has its target's path, a transition the id that its own machine has for it.
    target = (step["target_state"] or "").rpartition("/")[2]
    return next((c for c in step["candidates"] if c["enabled"] and c["target_state"] == target), None)

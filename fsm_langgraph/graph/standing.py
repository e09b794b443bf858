"""Where a stored conversation stands: by the values of its graph's state, and in a picture by its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.serde.types import ERROR, INTERRUPT
from langgraph.types import StateSnapshot
from pydantic import JsonValue

from fsm_langgraph.context.writes import MACHINE_PREFIX
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.drawing import Picture
from fsm_langgraph.turn.frames import Frame, before_turn, path_of
from fsm_langgraph.turn.record import TurnRecord
from fsm_langgraph.turn.unread_messages import since_last_answer


def stored_state(definition: FSMDefinition, values: Mapping[str, Any]) -> str:
    """Return the id of the state that a stored conversation is in, also where the definition has it no more."""
    return str(values.get("current_state", definition.initial_state))


def current_path(definition: FSMDefinition, values: Mapping[str, Any]) -> str:
    """Return the path of the state that a stored conversation is in: `payment/card`."""
    return path_of(stored_state(definition, values), values.get("sub_machine"))


def all_data(values: Mapping[str, Any]) -> dict[str, JsonValue]:
    """Return a conversation's data, with that of sub-machines under way by the paths of their keys: `payment/card`.

    Args:
        values: What is stored of the conversation.
    """
    data, prefix = dict[str, JsonValue](values["context"]), ""
    state: str | None = values.get("current_state")
    frame: Frame | None = values.get("sub_machine")
    while frame is not None and frame["of"] == state:  # else somebody has moved the conversation, and left it behind
        prefix += f"{frame['of']}/"
        own = {key: value for key, value in frame["context"].items() if not key.startswith(MACHINE_PREFIX)}
        data |= {f"{prefix}{key}": value for key, value in own.items()}
        state, frame = frame["current_state"], frame["sub_machine"]
    return data


def has_ended(definition: FSMDefinition, values: Mapping[str, Any]) -> bool:
    """Say whether a stored conversation has reached a final state, or was closed."""
    state = definition.states.get(stored_state(definition, values))
    is_there = state is not None and state.is_final and "current_state" in values
    # A digression lands in a state without transitions too, but will return from it.
    is_digression = bool(before_turn(values.get("turn") or {})["left"])
    return is_closed(values) or (is_there and not is_digression)


def rests_at_end(record: TurnRecord | None, path: str | None) -> bool:
    """Say whether a conversation rests in a final state, by the record of its last turn that has not failed.

    The turn came to that state, and the state took no step of its own, as it has no transition to judge. The definition
    is not asked, since it may have changed meanwhile.

    Args:
        record: The record.
        path: The path of the state that the conversation is in.
    """
    if record is None or record["landing"] != path:
        return False
    last = record["steps"][-1] if record["steps"] else None
    return last is None or (last["target_state"] is not None and last["why"] != "returned")


def broken_off(saved: CheckpointTuple) -> Literal["", "failed", "paused"]:
    """Say whether the turn that is under way has failed, or waits for a person who was asked by `interrupt()`.

    LangGraph notes both in channels of its own. The graph of today may have no node of the name, and then its snapshot
    tells no task.
    """
    noted = {channel for _, channel, _ in saved.pending_writes or ()}
    # LangGraph keeps what a turn has asked that failed after the answer.
    return "failed" if ERROR in noted else "paused" if INTERRUPT in noted else ""


def is_closed(values: Mapping[str, Any]) -> bool:
    """Say whether a stored conversation was closed."""
    return bool((values.get("turn") or {}).get("closed"))


def last_words(messages: Sequence[AnyMessage]) -> list[AIMessage]:
    """Return the messages that the machine has said last, the oldest first."""
    said: list[AIMessage] = []
    for message in reversed(messages):
        if isinstance(message, AIMessage):
            said.append(message)
        elif said:  # before, it is a message that a turn which failed has left unread
            break
    return said[::-1]


def last_heard(messages: Sequence[AnyMessage]) -> list[str]:
    """Return the texts that the user has written since the machine last spoke, the oldest first."""
    return [message.text for message in since_last_answer(messages) if isinstance(message, HumanMessage)]


def draw_standing(definition: FSMDefinition, history: Iterable[StateSnapshot], xray: bool) -> Picture:
    """Draw the machine, with where a conversation is and has been; no history draws the machine alone."""
    line = _lineage(history)
    begun = bool(line) and "current_state" in line[-1].values
    current = current_path(definition, line[-1].values) if begun else None
    return Picture(definition, current=current, visits=_visits(line), xray=xray)


def _lineage(history: Iterable[StateSnapshot]) -> list[StateSnapshot]:
    """Return the snapshots that led to the newest one, oldest first: a history tells of branches too."""
    line: list[StateSnapshot] = []
    for snapshot in history:
        parent = line[-1].parent_config if line else snapshot.config
        if parent is not None and _id_of(snapshot.config) == _id_of(parent):
            line.append(snapshot)
    return line[::-1]


def _visits(line: Iterable[StateSnapshot]) -> dict[str, int]:
    """Count how often each state was entered, in the order in which they first were."""
    visits: Counter[str] = Counter()
    landing: str | None = None
    counted: str | None = None
    for snapshot in line:
        turn = snapshot.values.get("turn") or {}
        # A run may land several turns, between nodes of somebody's own. Of an older release a turn had no id.
        is_new = turn["id"] != counted if "id" in turn else not snapshot.next
        has_landed = "last_turn" in snapshot.values and "message_id" not in turn
        if (snapshot.metadata or {}).get("source") == "loop" and has_landed and is_new:
            counted = turn.get("id")
            path = snapshot.values["last_turn"]["path"]
            # A turn begins where the one before it has landed, unless somebody has moved the conversation.
            visits.update(path[1:] if path[0] == landing else path)
            landing = path[-1]
    return dict(visits)


def _id_of(config: RunnableConfig) -> str | None:
    checkpoint_id: str | None = config.get("configurable", {}).get("checkpoint_id")
    return checkpoint_id

"""How a stored conversation stands, read from its newest checkpoint alone.

Of that nothing is built: messages are counted and not made, so that ten thousand conversations are read in seconds and
nothing in them is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from fsm_langgraph.conversation.held_with import held_with, is_of
from fsm_langgraph.conversation.keeping.checkpoint_rows import Saver, ThreadEnds, database_of, time_of
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import StorageError
from fsm_langgraph.graph.standing import broken_off, has_ended, is_closed, rests_at_end
from fsm_langgraph.turn.frames import before_turn, path_of
from fsm_langgraph.turn.record import TurnRecord

Status = Literal["waiting", "ended", "closed", "paused", "failed", "in flight", "unreadable"]
"""Whether a conversation waits for its user, has come to a final state, was closed by `end_conversation`, waits for a
person who was asked by `interrupt()`, or its last turn broke off; `in flight` where one has begun, and runs or was cut
off by a crash; `unreadable` where its newest checkpoint is none, or is encrypted with another key."""


@dataclass(frozen=True, slots=True)
class ConversationOverview:
    """How a stored conversation stands."""

    conversation: str
    """Its id."""
    machine: str | None
    """The name of the machine that it follows, where it is known."""
    revision: str
    """The revision of the definition that it was last held with; empty where it has none."""
    fingerprint: str
    """The fingerprint of that definition; empty where an earlier release has stored it."""
    state: str | None
    """The path of the state that it is in; `None` where no turn has landed."""
    status: Status
    turns: int | None
    """How many turns have landed; `None` where an earlier release has begun it, and counted none."""
    messages: int
    """How many messages it has, those in the store too."""
    began: datetime | None
    """When its first turn began, or the first one of which anything is kept."""
    last: datetime
    """When it was last stored."""
    bytes: int | None = None
    """How many bytes its checkpoints take, where that was asked for."""

    @property
    def is_over(self) -> bool:
        """Whether it has ended or was closed."""
        return self.status in ("ended", "closed")


def read_overview(
    saver: Saver, ends: ThreadEnds, definition: FSMDefinition | None = None
) -> ConversationOverview | None:
    """Read how a conversation stands; return `None` where a thread is of no machine, or is gone.

    Args:
        saver: The checkpointer; best one by `outlined`.
        ends: The conversation's ends.
        definition: The definition that it follows, where it is known.
    """
    try:
        return _read(saver, ends, definition)
    except (TypeError, ValueError, LookupError, AttributeError, StorageError):  # somebody else's row may be anything
        began, last = time_of(ends.first), time_of(ends.newest) or datetime.fromtimestamp(0, UTC)
        return ConversationOverview(ends.thread_id, None, "", "", None, "unreadable", None, 0, began, last)


def outlined(saver: Saver) -> Saver:
    """Return a checkpointer of the same conversations that builds no object of what is stored, where that can be."""
    if database_of(saver) is None and not isinstance(saver, InMemorySaver):
        return saver
    reading = copy(saver)  # as LangGraph copies them; they share what they keep
    serde: SerializerProtocol = OutlineSerializer()
    # Beneath the cipher, if there is one, by which this checkpointer encrypts.
    given = saver.serde
    reading.serde = EncryptedSerializer(given.cipher, serde) if isinstance(given, EncryptedSerializer) else serde
    return reading


class OutlineSerializer(JsonPlusSerializer):
    """Reads plain data, and `None` for each object in it."""

    def __init__(self) -> None:
        super().__init__(__unpack_ext_hook__=lambda _code, _data: None)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Read plain data; nothing is read of a format that can hold anything else."""
        return super().loads_typed(data) if data[0] == "msgpack" else None


def _read(saver: Saver, ends: ThreadEnds, definition: FSMDefinition | None) -> ConversationOverview | None:
    saved = saver.get_tuple(_config(ends.thread_id))
    if saved is None:
        return None
    values: Mapping[str, Any] = saved.checkpoint["channel_values"]
    held = held_with(saved)
    if held is None:
        return None
    current: str | None = values.get("current_state")
    older = values.get("older_messages")
    return ConversationOverview(
        conversation=ends.thread_id,
        machine=held.name or None,
        revision=held.revision,
        fingerprint=held.fingerprint,
        state=path_of(current, values.get("sub_machine")) if current else None,
        status=_status(saver, saved, definition if definition is not None and is_of(definition, held.name) else None),
        turns=before_turn(values.get("turn") or {}).get("turns"),
        messages=len(values.get("messages") or ()) + (older["count"] if older else 0),
        began=time_of(ends.first),
        last=datetime.fromisoformat(saved.checkpoint["ts"]),
    )


def _status(saver: Saver, saved: CheckpointTuple, definition: FSMDefinition | None) -> Status:
    values: Mapping[str, Any] = saved.checkpoint["channel_values"]
    turn: Mapping[str, Any] = values.get("turn") or {}
    if is_closed(values):
        return "closed"
    if has_ended(definition, values) if definition is not None else _has_ended(saver, saved):
        return "ended"
    if how := broken_off(saved):
        return how
    is_begun = "message_id" in turn or saved.metadata.get("source") == "input"
    return "in flight" if is_begun else "waiting"


def _has_ended(saver: Saver, saved: CheckpointTuple) -> bool:
    """Say whether it rests in a final state, by its record, as its definition is not at hand."""
    values = saved.checkpoint["channel_values"]
    current = values.get("current_state")
    if not current or before_turn(values.get("turn") or {})["left"]:
        return False
    path = path_of(current, values.get("sub_machine"))
    found: CheckpointTuple | None = saved
    # A turn that failed, and was answered for all the same, has a record that says nothing of the state.
    while found is not None:
        record: TurnRecord | None = found.checkpoint["channel_values"].get("last_turn")
        if record is None or record["why"] != "failed":
            return rests_at_end(record, path)
        found = saver.get_tuple(found.parent_config) if found.parent_config is not None else None
    return False


def _config(thread_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}

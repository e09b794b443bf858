"""The checkpoints of every conversation that a checkpointer holds, each read once and reduced to a few facts.

LangGraph leaves a checkpoint for the input of a run and one for each of its steps, and each holds the whole
conversation. They are read as they come, the newest first; of each, only the facts that a turn may need are kept.

A conversation that was continued from an old checkpoint has branches. Only its main line is read: the checkpoints that
led to the newest one. The checkpoints of sub-machines lie beside it, in namespaces of their own, and are skipped: the
turn record says what they did.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.checkpoint.serde.types import ERROR, INTERRUPT
from langgraph.types import Interrupt
from pydantic import JsonValue

from fsm_langgraph.conversation.held_with import held_with
from fsm_langgraph.graph.standing import broken_off
from fsm_langgraph.locking import storage_errors_told
from fsm_langgraph.turn.frames import Frame, before_turn, path_of
from fsm_langgraph.turn.record import TurnRecord


@dataclass(frozen=True, slots=True)
class Mark:
    """The facts in one checkpoint of a conversation."""

    time: datetime
    """When it was made."""
    is_input: bool
    """Whether a run begins with it."""
    version: Any
    """The version of the turn record, another one for each turn; `None` before the first."""
    record: TurnRecord | None
    """The record of the last turn."""
    path: str | None
    """The path of the state that the conversation is in."""
    data: Mapping[str, JsonValue]
    """The context, and those of the sub-machines under way, whose keys are named by their paths: `payment/card`."""
    said: str
    """The user's words since the last answer, or before the answer that ends the conversation so far."""
    answers: Mapping[str, str]
    """The answers that end the conversation so far, by their ids; empty where there are none yet."""
    broke_off: Literal["", "failed", "paused"]
    """Whether the run failed here, or waits for a person; empty where it does neither."""
    error: str
    """Why the run broke off here; empty where it did not."""
    is_closed: bool
    """Whether the conversation was closed."""
    is_away: bool
    """Whether it is in a digression, which will come back."""


@dataclass(slots=True)
class Line:
    """The main line of a conversation's checkpoints."""

    conversation: str
    machine: str | None = None
    """The name of the machine that it was last held with, where it is known."""
    marks: list[Mark] = field(default_factory=list)
    """Its checkpoints, the oldest first."""


def read_lines(saver: BaseCheckpointSaver[Any], conversation_id: str | None = None) -> list[Line]:
    """Read the conversations that a checkpointer holds, or one of them, in the order in which they began."""
    config: RunnableConfig | None = None
    if conversation_id is not None:
        config = {"configurable": {"thread_id": conversation_id, "checkpoint_ns": ""}}
    lines: dict[str, Line] = {}
    awaited: dict[str, str | None] = {}
    # The newest checkpoint of a thread names its parent, that one names its own, and so on; all others are of branches.
    for stored in _list(saver, config):
        where = stored.config["configurable"]
        if where.get("checkpoint_ns"):
            continue
        thread, checkpoint_id = where["thread_id"], where["checkpoint_id"]
        if awaited.setdefault(thread, checkpoint_id) == checkpoint_id:
            line = lines.setdefault(thread, Line(thread))
            line.marks.append(_mark(stored))
            held = held_with(stored) if not line.machine else None
            line.machine = line.machine or (held.name if held is not None else None)
            parent = stored.parent_config
            awaited[thread] = parent["configurable"]["checkpoint_id"] if parent is not None else None
    for line in lines.values():
        line.marks.reverse()
    ours = (line for line in lines.values() if line.machine or any(mark.record for mark in line.marks))
    return sorted(ours, key=lambda line: line.marks[0].time)


def _list(saver: BaseCheckpointSaver[Any], config: RunnableConfig | None) -> Iterator[CheckpointTuple]:
    with storage_errors_told():
        yield from saver.list(config)


def _mark(stored: CheckpointTuple) -> Mark:
    checkpoint = stored.checkpoint
    values: dict[str, Any] = checkpoint["channel_values"]
    frame: Frame | None = values.get("sub_machine")
    current: str | None = values.get("current_state")
    turn: Mapping[str, Any] = values.get("turn") or {}
    left = before_turn(turn)["left"]
    said, answers = _last_words(values.get("messages", ()))
    return Mark(
        time=datetime.fromisoformat(checkpoint["ts"]),
        is_input=stored.metadata.get("source") == "input",
        version=checkpoint["channel_versions"].get("last_turn"),
        record=values.get("last_turn"),
        path=path_of(current, frame) if current else None,
        data=_flat(values.get("context") or {}, [frame, *(away["sub_machine"] for away in left)]),
        said=said,
        answers=answers,
        broke_off=broken_off(stored),
        error=_error(stored.pending_writes or ()),
        is_closed=bool(turn.get("closed")),
        is_away=bool(left),
    )


def _last_words(messages: Iterable[AnyMessage]) -> tuple[str, dict[str, str]]:
    """Return the user's last words, and the answers to them by their ids; empty where there are none."""
    said: list[str] = []
    answers: list[AIMessage] = []
    for message in reversed([*messages]):
        if isinstance(message, AIMessage):
            if said:
                break
            answers.insert(0, message)
        elif isinstance(message, HumanMessage):
            said.insert(0, message.text)
    return "\n".join(said), {str(message.id): message.text for message in answers}


def _flat(context: Mapping[str, JsonValue], frames: Iterable[Frame | None], path: str = "") -> dict[str, JsonValue]:
    """Name the keys of a context, and of those of the sub-machines in it, by their paths."""
    flat = {f"{path}{key}": value for key, value in context.items()}
    for frame in frames:
        if frame is not None:
            inner = [frame["sub_machine"], *(away["sub_machine"] for away in frame["left"])]
            flat |= _flat(frame["context"], inner, f"{path}{frame['of']}/")
    return flat


def _error(writes: Iterable[tuple[str, str, Any]]) -> str:
    """Say why a run broke off: LangGraph notes errors and interrupts under channels of its own."""
    noted = [(channel, value) for _, channel, value in writes if channel in (ERROR, INTERRUPT)]
    for channel, value in noted:
        if channel == ERROR:  # also after the answer to a question, which LangGraph keeps
            return _text_of(value)
    questions = [each for _, value in noted for each in (value if isinstance(value, list | tuple) else [value])]
    told = [str(each.value if isinstance(each, Interrupt) else each) for each in questions]
    return f"waits for a person: {'; '.join(told)}" if told else ""


def _text_of(error: Any) -> str:
    """Return an error's kind and its words; LangGraph's serializer stores an error as its `repr`."""
    if isinstance(error, BaseException):
        return f"{type(error).__name__}: {error}"
    found = _OF_ONE_TEXT.fullmatch(str(error))
    if found is None:
        return str(error)
    try:
        return f"{found[1]}: {ast.literal_eval(found[2])}"
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # its class writes itself in another way
        return str(error)


_OF_ONE_TEXT = re.compile(r"""(\w+)\((['"].*['"])\)""", re.DOTALL)
"""The `repr` of an exception with one text."""

"""A turn that is paused: what it asks a person by `interrupt()`, and the command by which it takes the answer.

LangGraph keeps the questions of a turn that has failed after its answer too. They are none any more: the message is
sent again, and only a handler that has not come to its end asks again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Checkpointer, Command, Interrupt, StateSnapshot

from fsm_langgraph.errors import ArgumentError, ConversationError


def questions_of(snapshot: StateSnapshot) -> list[Interrupt[Any]]:
    """Return the questions that a paused turn waits for, in the order in which they are answered."""
    return [question for task in snapshot.tasks if task.error is None for question in task.interrupts]


def resumed_by(value: Any, conversation_id: str, snapshot: StateSnapshot) -> Command[Any]:
    """Return the input by which a paused turn takes an answer.

    Args:
        value: The answer to the first question, or several answers by the ids of their questions.
        conversation_id: The conversation's id, for the error.
        snapshot: How the conversation stands.

    Raises:
        ConversationError: No question waits, or none of an id that is given.
    """
    waiting = [question.id for question in questions_of(snapshot)]
    if not waiting:
        raise ConversationError(conversation_id, f"no question waits for an answer. {_instead(snapshot)}")
    is_by_id = isinstance(value, Mapping) and bool(value) and all(_ID.fullmatch(str(key)) for key in value)
    if is_by_id and not value.keys() <= {*waiting}:  # taken for the answer itself, it would be a yes
        raise ConversationError(conversation_id, "a question of one of these ids waits no more. Nothing was answered.")
    # Always by ids: LangGraph takes neither `None` nor a mapping that looks like ids for the answer itself.
    return Command(resume=dict(value) if is_by_id else {waiting[0]: value})


def _instead(snapshot: StateSnapshot) -> str:
    """Say what to do where no question waits."""
    if any(task.error is not None for task in snapshot.tasks):
        return "Send its last message again."
    is_under_way = "message_id" in (snapshot.values.get("turn") or {})
    if is_under_way and not snapshot.tasks:
        return "The definition has no more the state that asked. Go on with a message: its own is read with it."
    return "Go on with a message."


def check_answer(value: Any, saver: Checkpointer) -> None:
    """See that an answer can be stored, and read again; LangGraph finds out when the turn has gone on.

    Args:
        value: The answer.
        saver: The checkpointer that is to store it.

    Raises:
        ArgumentError: It cannot.
    """
    if not isinstance(saver, BaseCheckpointSaver):
        return
    try:
        saver.serde.loads_typed(saver.serde.dumps_typed(value))
    except Exception as error:
        found = f"it cannot be stored: {type(error).__name__}: {error}."
        advice = "Answer with plain data, or name its class in allow_types."
        raise ArgumentError("value", value, advice, found=found) from error


_ID = re.compile("[0-9a-f]{32}")
"""The id of a question."""


def said_before(snapshot: StateSnapshot | None) -> frozenset[str]:
    """Return the ids of the messages that the turn had said on its way to the state in which it is paused.

    LangGraph streams them once more as the turn lands.

    Args:
        snapshot: How the conversation stands, with its sub-machines' graphs.
    """
    return frozenset(_said(snapshot))


def _said(snapshot: Any) -> Iterator[str]:
    if isinstance(snapshot, StateSnapshot):
        yield from (str(message.id) for message in (snapshot.values.get("turn") or {}).get("said", ()))
        for task in snapshot.tasks:
            yield from _said(task.state)

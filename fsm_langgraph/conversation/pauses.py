"""A turn that is paused: what it asks a person by `interrupt()`, and the command by which it takes the answer.

LangGraph keeps the questions of a turn that has failed after its answer too. They are none any more: the message is
sent again, and what was answered is not asked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from langgraph.types import Command, Interrupt, StateSnapshot

from fsm_langgraph.errors import ConversationError


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
        ConversationError: No question waits.
    """
    waiting = [question.id for question in questions_of(snapshot)]
    if not waiting:
        has_failed = any(task.error is not None for task in snapshot.tasks)
        advice = (
            "Send its last message again: what was answered is not asked again"
            if has_failed
            else "Go on with a message"
        )
        raise ConversationError(conversation_id, f"no question waits for an answer. {advice}.")
    is_by_id = isinstance(value, Mapping) and bool(value) and value.keys() <= {*waiting}
    # Always by ids: LangGraph takes neither `None` nor a mapping that looks like ids for the answer itself.
    return Command(resume=dict(value) if is_by_id else {waiting[0]: value})


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

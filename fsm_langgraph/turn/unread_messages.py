"""Which of the user's messages a turn reads: those that nobody has answered, and no turn has read.

When a turn fails LangGraph keeps its message, which is read with the next one. One that is sent again then stands in
the history twice, and counts once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, TypeVar

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage

from fsm_langgraph.turn.frames import before_turn
from fsm_langgraph.turn.turn import Turn

MessageT = TypeVar("MessageT", bound=BaseMessage)


def since_last_answer(history: Sequence[MessageT]) -> list[MessageT]:
    """Return the messages that came after the last answer by anybody; one that calls a tool is none."""
    at = len(history)
    while at and not _is_answer(history[at - 1]):
        at -= 1
    return [*history[at:]]


def waiting(history: Sequence[AnyMessage], read: str | None) -> list[HumanMessage]:
    """Return the user's messages since the last answer, without those that this machine has read.

    It has read some that nobody has answered where it has handed the user over, and gets the user back.
    """
    since = [message for message in since_last_answer(history) if isinstance(message, HumanMessage)]
    at = next((at for at, message in enumerate(since) if str(message.id) == read), -1)
    return since[at + 1 :]


def unread_of(history: Sequence[AnyMessage], read: str | None) -> list[HumanMessage]:
    """Return the messages of the user's that are to be read.

    They are all since the last answer; where these are none, the last one and those that came with it, unless this
    machine has read it: then another node of the graph around has remarked on it. The conversations of older releases
    do not tell what was read.
    """
    since = waiting(history, read)
    if since or read is None or (read and all(str(message.id) != read for message in history)):
        return since  # where somebody has removed what was read last, all before it was read too
    last = next((at for at in reversed(range(len(history))) if isinstance(history[at], HumanMessage)), -1)
    return [] if last < 0 or str(history[last].id) == read else waiting(history[: last + 1], read)


def repeated_in(unread: Sequence[HumanMessage], history: Sequence[AnyMessage], input_after: str | None) -> list[str]:
    """Return the ids of the messages that were sent again after a turn that failed: of each text the last one counts.

    Args:
        unread: The messages that are to be read.
        history: The conversation.
        input_after: The id of the message that stood last before the run's input. Two of one text in that are two.
            Where it is not known, two of one text are one: to read one twice may order twice.
    """
    if len(unread) < 2:
        return []
    since = takewhile(lambda each: str(each.id) != input_after, reversed(history)) if input_after is not None else ()
    after = {message.id for message in since}
    known = [message.content for message in unread if message.id in after]
    found: list[str] = []
    for message in reversed([each for each in unread if each.id not in after]):
        if message.content in known:
            found.append(str(message.id))
        known.append(message.content)
    return found[::-1]


def is_read(stored: Mapping[str, Any], message_id: str) -> bool:
    """Say whether a turn that has landed has read this message of the user's, which the stored state has."""
    if not stored.get("last_turn"):
        return False
    read = before_turn(stored.get("turn") or {})["read"]
    return all(message.id != message_id for message in unread_of(stored["messages"], read))


def history_of(turn: Turn, values: Mapping[str, Any]) -> list[AnyMessage]:
    """Return the conversation as the turn reads it: without copies of a message, and ending with what is to be read.

    What another node of the graph around has remarked on the message comes before it.
    """
    messages: list[AnyMessage] = values["messages"]
    history = [each for each in messages if each.id not in turn.repeated] if turn.repeated else [*messages]
    # It is one of the last, and a conversation can be long.
    at = next((at for at in reversed(range(len(history))) if str(history[at].id) == turn.read), None)
    if not turn.has_message or at is None or not any(map(_is_remark, history[at:])):
        return history
    unread = waiting(history[: at + 1], turn.read_before)
    others = [message for message in history if all(message is not each for each in unread)]
    return [*others, *unread]


def before_copies(history: Sequence[AnyMessage], copies: Sequence[HumanMessage]) -> str:
    """Return the id of the message before the first copy of the user's, or of the last one where there is none."""
    at = len(history)
    if copies:
        at = next((at for at in reversed(range(at)) if history[at] is copies[0]), 0)
    return str(history[at - 1].id) if at else ""


def _is_answer(message: BaseMessage) -> bool:
    return isinstance(message, AIMessage) and not message.tool_calls


def _is_remark(message: AnyMessage) -> bool:
    """Say whether a message is one that the user sees, be it that its writer went on to call a tool."""
    return isinstance(message, AIMessage) and (bool(message.text) or not message.tool_calls)

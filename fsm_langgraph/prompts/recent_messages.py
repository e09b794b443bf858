"""The conversation in a prompt: its last messages, as real chat messages without tool calls."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage

from fsm_langgraph.prompts.wording import GO_ON, NOTHING_SAID


def recent_messages(history: Sequence[AnyMessage], limit: int, *, said: Sequence[AIMessage] = ()) -> list[BaseMessage]:
    """Return the last of what was said, so that it begins and ends with the user, as providers want it.

    Args:
        history: The conversation so far.
        limit: How many of its last messages the model sees; one at least.
        said: What the machine has said itself since the last of them.
    """
    recent = _recent(history, limit)
    return [*recent, *said, HumanMessage(GO_ON)] if said else recent


def _recent(history: Sequence[AnyMessage], limit: int) -> list[BaseMessage]:
    # One more than are seen tells whether the first of them is the conversation's.
    spoken = [*islice(filter(_is_spoken, reversed(history)), max(limit, 1) + 1)][::-1]
    recent = [_as_spoken(message) for message in spoken[-max(limit, 1) :]]
    if len(recent) < len(spoken) and not isinstance(recent[0], HumanMessage):
        recent = recent[1:]
    if not recent or not isinstance(recent[0], HumanMessage):
        recent.insert(0, HumanMessage(NOTHING_SAID))
    if not isinstance(recent[-1], HumanMessage):
        recent.append(HumanMessage(NOTHING_SAID))
    return recent


def _is_spoken(message: AnyMessage) -> bool:
    if isinstance(message, AIMessage):
        return bool(message.content if isinstance(message.content, str) else message.text)
    return isinstance(message, HumanMessage) and bool(message.content)


def _as_spoken(message: AnyMessage) -> BaseMessage:
    """Return the message without the tool calls, and what else an agent of the same graph leaves in it."""
    if isinstance(message, AIMessage) and (message.tool_calls or not isinstance(message.content, str)):
        return AIMessage(message.text)
    return message

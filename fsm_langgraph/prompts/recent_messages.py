"""The conversation in a prompt: its last messages, as real chat messages without tool calls.

The machine's own messages go without their name, which the model would pay for and learn nothing from. Another agent of
the graph around keeps its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage

from fsm_langgraph.data.model_copies import copied_with
from fsm_langgraph.data.size_limits import UNLIMITED, Limits
from fsm_langgraph.data.surrogates import mended, mended_json
from fsm_langgraph.prompts.bounded_history import bounded
from fsm_langgraph.prompts.speakers import speaker_of
from fsm_langgraph.prompts.wording import BEGIN, CONTINUE, GO_ON


def recent_messages(
    history: Sequence[AnyMessage],
    limit: int,
    *,
    said: Sequence[AIMessage] = (),
    speaker: str | None = None,
    limits: Limits = UNLIMITED,
) -> list[BaseMessage]:
    """Return the last of what was said, so that it begins and ends with the user, as providers want it.

    Args:
        history: The conversation so far.
        limit: How many of its last messages the model sees; one at least.
        said: What the machine has said itself since the last of them.
        speaker: The name that the machine's messages carry.
        limits: How large they may be; what is larger is told in part.
    """
    recent = _recent(history, limit, speaker, limits)
    return [*recent, *(_as_spoken(each, speaker) for each in said), HumanMessage(GO_ON)] if said else recent


def _recent(history: Sequence[AnyMessage], limit: int, speaker: str | None, limits: Limits) -> list[BaseMessage]:
    # One more than are seen tells whether the first of them is the conversation's.
    spoken = [*islice(filter(_is_spoken, reversed(history)), max(limit, 1) + 1)][::-1]
    recent = bounded([_as_spoken(message, speaker) for message in spoken[-max(limit, 1) :]], limits)
    if recent and len(recent) < len(spoken) and not isinstance(recent[0], HumanMessage):
        recent = recent[1:]
    if not spoken or (recent and not isinstance(recent[0], HumanMessage)):
        recent.insert(0, HumanMessage(BEGIN))
    if not recent or not isinstance(recent[-1], HumanMessage):
        recent.append(HumanMessage(CONTINUE))
    return recent


def _is_spoken(message: AnyMessage) -> bool:
    if isinstance(message, AIMessage):
        text = message.content if isinstance(message.content, str) else message.text
        return bool(text) and not message.response_metadata.get(_HANDED_BACK)
    return isinstance(message, HumanMessage) and bool(message.content)


def _as_spoken(message: AnyMessage, speaker: str | None) -> BaseMessage:
    """Return the message without the tool calls, and what else an agent of the same graph leaves in it."""
    content, name = message.content, message.name
    if name is not None:
        name = speaker_of(name) if name != speaker else None
    if isinstance(message, AIMessage) and (message.tool_calls or not isinstance(content, str)):
        return AIMessage(mended(message.text), name=name)
    # Mended once more: what another graph has stored need not have come in through this one.
    whole = content if isinstance(content, str) and content.isascii() else _whole(content)
    if message.name == name and whole is content:
        return message
    return copied_with(message, name=name, content=whole)


def _whole(content: Any) -> Any:
    """Return a content with whole characters; half of one breaks the request that it travels in."""
    return mended(content) if isinstance(content, str) else mended_json(content)


_HANDED_BACK = "__is_handoff_back"
"""The mark of a sentence that langgraph-supervisor writes where an agent has come to its end; nobody has said it."""

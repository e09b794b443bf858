"""The result of a call: a conversation as it stands, or what went wrong.

The first text is for the user: the machine's message and nothing else. The second is for the model that called. It has
the conversation's id too, since some clients show their model no structured content.
"""

from __future__ import annotations

import json
from typing import Any

from mcp import types
from pydantic import BaseModel, Field

from fsm_langgraph.mcp.served_machine import Standing


class Outcome(BaseModel):
    """The structured content of a result."""

    conversation_id: str = Field(description="The id by which the conversation goes on.")
    message: str = Field(description="What the machine says to the user.")
    finished: bool = Field(description="Whether the conversation has ended.")
    state: str = Field(description="The state that the conversation is in.")
    data: dict[str, Any] = Field(description="What the conversation has collected so far.")


def tell_standing(standing: Standing, *, was_asked: bool = False) -> types.CallToolResult:
    """Write the result of a call that has gone well.

    Args:
        standing: The conversation.
        was_asked: Whether the user was shown its message in a form, and has not answered.
    """
    outcome = Outcome(
        conversation_id=standing.conversation_id,
        message=standing.message,
        finished=standing.finished,
        state=standing.state,
        data=standing.data,
    )
    return types.CallToolResult(
        content=[types.TextContent(text=standing.message), _note(_remark(standing, was_asked=was_asked))],
        structured_content=outcome.model_dump(mode="json"),
    )


def _remark(standing: Standing, *, was_asked: bool) -> str:
    if standing.finished:
        collected = json.dumps(standing.data, ensure_ascii=False)
        return f"The conversation has ended. It has collected: {collected}"
    if was_asked:
        return (
            f"The user was asked this, and did not answer. To go on later: conversation_id {standing.conversation_id}, "
            "without a message to have the user asked again."
        )
    return f"To go on: conversation_id {standing.conversation_id}, with what the user says to this as message."


def tell_failure(sentence: str, conversation_id: str) -> types.CallToolResult:
    """Write the result of a call that has failed; the id is empty where no conversation has begun."""
    notes = [_note(f"conversation_id {conversation_id}")] if conversation_id else []
    return types.CallToolResult(content=[types.TextContent(text=sentence), *notes], is_error=True)


def _note(text: str) -> types.TextContent:
    return types.TextContent(text=text, annotations=types.Annotations(audience=["assistant"]))

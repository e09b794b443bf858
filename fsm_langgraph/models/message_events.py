"""The events of LangChain's third streaming protocol for a message of text, made of its pieces.

LangChain can make them itself, but gives the message an id of the model's run then. Here it keeps its own id, by which
it is stored: a message is known in every stream by the same one.

    message-start ── content-block-start ── content-block-delta … ── content-block-finish ── message-finish
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from langchain_core.messages.ai import UsageMetadata

MessageEvent = dict[str, Any]


class MessageEvents:
    """The events of one message, as far as it has come."""

    def __init__(self, message_id: str) -> None:
        self._id = message_id
        self._text = ""

    def of(self, piece: str) -> Iterator[MessageEvent]:
        """Yield the events of a piece."""
        if not self._text:
            yield {"event": "message-start", "role": "ai", "id": self._id}
            yield {"event": "content-block-start", "index": 0, "content": {"type": "text", "text": ""}}
        self._text += piece
        yield {"event": "content-block-delta", "index": 0, "delta": {"type": "text-delta", "text": piece}}

    def last(self, usage: UsageMetadata | None, metadata: Mapping[str, Any]) -> Iterator[MessageEvent]:
        """Yield the events with which the message ends."""
        yield {"event": "content-block-finish", "index": 0, "content": {"type": "text", "text": self._text}}
        finish: MessageEvent = {"event": "message-finish"}
        if usage:
            finish["usage"] = {**usage}
        if metadata:
            finish["metadata"] = {**metadata}
        yield finish

"""The events of LangChain's third streaming protocol for a message of text, made of its pieces.

LangChain can make them itself, but gives the message an id of the model's run then. Here it keeps its own id, by which
it is stored: a message is known in every stream by the same one.

    message-start ── content-block-start ── content-block-delta … ── content-block-finish ── message-finish

A stream without text has none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

MessageEvent = dict[str, Any]


def message_events(chunks: Iterator[ChatGenerationChunk], message_id: str) -> Iterator[MessageEvent]:
    """Yield the events of a message."""
    events = _Events(message_id)
    for chunk in chunks:
        yield from events.of(chunk)
    yield from events.last()


async def amessage_events(chunks: AsyncIterator[ChatGenerationChunk], message_id: str) -> AsyncIterator[MessageEvent]:
    """Yield the events of a message; the twin of `message_events`."""
    events = _Events(message_id)
    async for chunk in chunks:
        for event in events.of(chunk):
            yield event
    for event in events.last():
        yield event


class _Events:
    """The events of one message, as far as it has come."""

    def __init__(self, message_id: str) -> None:
        self._id = message_id
        self._text = ""
        self._finish: MessageEvent = {"event": "message-finish"}

    def of(self, chunk: ChatGenerationChunk) -> Iterator[MessageEvent]:
        """Yield the events of a piece."""
        message = chunk.message
        if piece := str(message.text):
            if not self._text:
                yield {"event": "message-start", "role": "ai", "id": self._id}
                yield {"event": "content-block-start", "index": 0, "content": {"type": "text", "text": ""}}
            self._text += piece
            yield {"event": "content-block-delta", "index": 0, "delta": {"type": "text-delta", "text": piece}}
        if isinstance(message, AIMessageChunk) and message.usage_metadata:
            self._finish["usage"] = {**message.usage_metadata}
        if message.response_metadata:
            self._finish["metadata"] = {**message.response_metadata}

    def last(self) -> Iterator[MessageEvent]:
        """Yield the events with which the message ends."""
        if self._text:
            yield {"event": "content-block-finish", "index": 0, "content": {"type": "text", "text": self._text}}
            yield self._finish

"""A message has the id that it is stored by in the third streaming protocol too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from handling import handling, plain, writing
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from machines import CONFIG, FORM, Talk, given, reply

from fsm_langgraph.models.message_events import amessage_events, message_events

USAGE: Any = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
CHUNKS = [
    ChatGenerationChunk(message=chunk)
    for chunk in (
        AIMessageChunk(content="Hel", id="m"),
        AIMessageChunk(content="lo", id="m"),
        AIMessageChunk(content="", id="m", usage_metadata=USAGE, response_metadata={"model_name": "x"}),
    )
]
EVENTS = [
    {"event": "message-start", "role": "ai", "id": "m"},
    {"event": "content-block-start", "index": 0, "content": {"type": "text", "text": ""}},
    {"event": "content-block-delta", "index": 0, "delta": {"type": "text-delta", "text": "Hel"}},
    {"event": "content-block-delta", "index": 0, "delta": {"type": "text-delta", "text": "lo"}},
    {"event": "content-block-finish", "index": 0, "content": {"type": "text", "text": "Hello"}},
    {"event": "message-finish", "usage": USAGE, "metadata": {"model_name": "x"}},
]


async def streamed(chunks: list[ChatGenerationChunk]) -> AsyncIterator[ChatGenerationChunk]:
    for chunk in chunks:
        yield chunk


async def awaited(chunks: list[ChatGenerationChunk]) -> list[dict[str, Any]]:
    return [event async for event in amessage_events(streamed(chunks), "m")]


@pytest.mark.parametrize(
    ("chunks", "events"),
    [
        pytest.param(CHUNKS, EVENTS, id="a message"),
        pytest.param(CHUNKS[2:], [], id="one that shows nothing"),
    ],
)
def test_the_events_are_those_of_the_pieces(chunks: list[ChatGenerationChunk], events: list[dict[str, Any]]) -> None:
    assert [*message_events(iter(chunks), "m")] == events
    assert asyncio.run(awaited(chunks)) == events


@pytest.mark.filterwarnings("ignore:The v3 streaming protocol")
def test_a_message_that_a_handler_kept_back_is_shown_once() -> None:
    handlers = handling(plain, writing(), "POST_TRANSITION")
    talk = Talk(FORM, ["?", reply("ask_email", "Your e-mail?", name="Ann")], handlers=handlers)
    talk.say()
    run = talk.graph.stream_events(given("Ann"), CONFIG, version="v3")
    shown = [(stream.message_id, text) for stream in run.messages if (text := "".join(stream.text))]
    assert shown == [(talk.values["messages"][-1].id, "Your e-mail?")]

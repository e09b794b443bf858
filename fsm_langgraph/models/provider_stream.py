"""The provider's stream of one request: the chunks that its model streams, or its whole answer as one.

The gate pulls it, and closes it as soon as the rest is of no interest.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from fsm_langgraph.models.attempt import Attempt


def open_stream(attempt: Attempt) -> Generator[ChatGenerationChunk]:
    """Call the provider's model; the chunks that it streams, or its whole answer as one."""
    model, request = attempt.model, attempt.request
    # LangChain tells in this way whether a class streams: the base class's method only raises.
    if type(model)._stream is not BaseChatModel._stream:
        yield from model._stream(request.messages, request.stop, **request.kwargs)
    else:
        yield _whole(model._generate(request.messages, request.stop, **request.kwargs))


async def aopen_stream(attempt: Attempt) -> AsyncGenerator[ChatGenerationChunk]:
    """Call the provider's model; the twin of `open_stream`."""
    model, request = attempt.model, attempt.request
    streams = (type(model)._stream, type(model)._astream) != (BaseChatModel._stream, BaseChatModel._astream)
    if streams:
        async for chunk in model._astream(request.messages, request.stop, **request.kwargs):
            yield chunk
    else:
        yield _whole(await model._agenerate(request.messages, request.stop, **request.kwargs))


def _whole(result: ChatResult) -> ChatGenerationChunk:
    """Make one chunk of the answer of a model that does not stream."""
    message = result.generations[0].message
    chunk = AIMessageChunk(**message.model_dump(exclude={"type"}), chunk_position="last")
    return ChatGenerationChunk(message=chunk, generation_info=result.generations[0].generation_info)

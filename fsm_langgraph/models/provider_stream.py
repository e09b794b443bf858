"""The provider's stream of one request: the chunks that its model streams, or its whole answer as one.

The gate pulls it, and closes it as soon as the rest is of no interest. Where the turn has deadlines the pieces come in
time, or the stream ends by an error (`timed_stream.py`). The wait for the model's rate limiter is a part of that.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import aclosing

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from fsm_langgraph.effects import TurnTime
from fsm_langgraph.models.attempt import Attempt
from fsm_langgraph.models.timed_stream import ain_time, ain_time_by_thread, in_time


def open_stream(attempt: Attempt, time: TurnTime | None) -> Generator[ChatGenerationChunk]:
    """Call the provider's model; the chunks that it streams, or its whole answer as one.

    Args:
        attempt: The request.
        time: The time of the turn, where it has deadlines.
    """
    return _stream(attempt) if time is None else in_time(_stream(attempt), time)


def aopen_stream(attempt: Attempt, time: TurnTime | None) -> AsyncGenerator[ChatGenerationChunk]:
    """Call the provider's model; the twin of `open_stream`."""
    if time is None:
        return _astream(attempt)
    if _blocks(type(attempt.model)):
        return ain_time_by_thread(_stream(attempt), time)
    return ain_time(_astream(attempt), time)


def _blocks(kind: type[BaseChatModel]) -> bool:
    """Say whether the async methods of a class are LangChain's own, which call the sync ones in a thread."""
    if kind._astream is not BaseChatModel._astream:
        return False
    return kind._stream is not BaseChatModel._stream or kind._agenerate is BaseChatModel._agenerate


def _stream(attempt: Attempt) -> Generator[ChatGenerationChunk]:
    model, request = attempt.model, attempt.request
    if model.rate_limiter is not None:
        model.rate_limiter.acquire(blocking=True)
    if type(model)._stream is not BaseChatModel._stream and _may_stream(attempt):
        yield from model._stream(request.messages, request.stop, **request.kwargs)
    else:
        yield _whole(model._generate(request.messages, request.stop, **request.kwargs))


def _astream(attempt: Attempt) -> AsyncGenerator[ChatGenerationChunk]:
    kind = type(attempt.model)
    has_stream = (kind._stream, kind._astream) != (BaseChatModel._stream, BaseChatModel._astream)
    streams = has_stream and _may_stream(attempt)
    if attempt.model.rate_limiter is not None or not streams:
        return _aread(attempt, streams=streams)
    return _begun(attempt)  # as it is: a generator around it would cost each piece


def _may_stream(attempt: Attempt) -> bool:
    """Say whether its user lets a model stream, by the settings that LangChain's chat models have for that."""
    model = attempt.model
    if model.disable_streaming is True or (model.disable_streaming and attempt.request.kwargs.get("tools")):
        return False
    return getattr(model, "streaming", None) is not False or "streaming" not in model.model_fields_set


async def _aread(attempt: Attempt, *, streams: bool) -> AsyncGenerator[ChatGenerationChunk]:
    model, request = attempt.model, attempt.request
    if model.rate_limiter is not None:
        await model.rate_limiter.aacquire(blocking=True)
    if streams:
        async with aclosing(_begun(attempt)) as stream:  # which nobody else closes when this one is closed
            async for chunk in stream:
                yield chunk
    else:
        yield _whole(await model._agenerate(request.messages, request.stop, **request.kwargs))


def _begun(attempt: Attempt) -> AsyncGenerator[ChatGenerationChunk]:
    """Begin the model's own stream; one that is no generator is made one, which can be closed."""
    request = attempt.request
    stream = attempt.model._astream(request.messages, request.stop, **request.kwargs)
    return stream if isinstance(stream, AsyncGenerator) else _each(stream)


async def _each(stream: AsyncIterator[ChatGenerationChunk]) -> AsyncGenerator[ChatGenerationChunk]:
    async for chunk in stream:
        yield chunk


def _whole(result: ChatResult) -> ChatGenerationChunk:
    """Make one chunk of the answer of a model that does not stream."""
    message = result.generations[0].message
    chunk = AIMessageChunk(**message.model_dump(exclude={"type"}), chunk_position="last")
    return ChatGenerationChunk(message=chunk, generation_info=result.generations[0].generation_info)

"""A provider's stream within the turn's deadlines: it brings its pieces in time, or ends by `OutOfTime`.

In a sync run, and where a model's class is sync alone, the stream is read in a thread (`thread_reader.py`), as nothing
else interrupts a client that waits. In an async run the wait for a piece is cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from time import monotonic

from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

from fsm_langgraph.effects import TurnTime
from fsm_langgraph.errors import Deadline
from fsm_langgraph.models.thread_reader import ThreadReader
from fsm_langgraph.portable import Portable


class OutOfTime(Portable):
    """A deadline has passed while a stream was read."""

    is_retryable = True

    def __init__(self, deadline: Deadline, seconds: float) -> None:
        self.deadline: Deadline = deadline
        self.seconds = seconds
        super().__init__(f"it was out of time ({deadline}: {seconds:g} s)")


def in_time(stream: Generator[ChatGenerationChunk], time: TurnTime) -> Generator[ChatGenerationChunk]:
    """Read a stream that blocks, in a sync run.

    Raises:
        OutOfTime: A piece did not come in time.
    """
    reader, patience = ThreadReader(stream), _Patience(time)
    try:
        while (chunk := _waited(reader, patience)) is not None:
            yield chunk
            patience.note(chunk)
    finally:
        reader.close()


def _waited(reader: ThreadReader[ChatGenerationChunk], patience: _Patience) -> ChatGenerationChunk | None:
    left = patience.left()
    future = reader.ask()
    try:
        return future.result(left)
    except TimeoutError as error:
        if not future.done():
            raise patience.over() from error
        return future.result()  # it has just come, or the error is the provider's own


async def ain_time(stream: AsyncGenerator[ChatGenerationChunk], time: TurnTime) -> AsyncGenerator[ChatGenerationChunk]:
    """Read a stream in an async run; the twin of `in_time`."""
    patience = _Patience(time)
    try:
        while (chunk := await _awaited(lambda: anext(stream, None), patience)) is not None:
            yield chunk
            patience.note(chunk)
    finally:
        await stream.aclose()


async def ain_time_by_thread(
    stream: Generator[ChatGenerationChunk], time: TurnTime
) -> AsyncGenerator[ChatGenerationChunk]:
    """Read a stream that blocks, in an async run; not in the loop's own threads, whose end the loop waits for."""
    reader, patience = ThreadReader(stream), _Patience(time)
    try:
        while (chunk := await _awaited(lambda: asyncio.wrap_future(reader.ask()), patience)) is not None:
            yield chunk
            patience.note(chunk)
    finally:
        reader.close()


async def _awaited(
    ask: Callable[[], Awaitable[ChatGenerationChunk | None]], patience: _Patience
) -> ChatGenerationChunk | None:
    limit = asyncio.timeout(patience.left())
    try:
        async with limit:
            return await ask()
    except TimeoutError as error:
        if not limit.expired():
            raise  # the provider's own
        raise patience.over() from error


class _Patience:
    """How long the next piece of a stream is waited for."""

    def __init__(self, time: TurnTime) -> None:
        self._time = time
        self._deadline: Deadline = "first token"
        self._limit, self._since = time.deadlines.first_token, monotonic()

    def left(self) -> float | None:
        """Return the seconds that are left; `None` where nothing sets a limit.

        Raises:
            OutOfTime: None are.
        """
        of_turn, of_piece = self._time.left, self._of_piece()
        left = of_piece if of_turn is None else of_turn if of_piece is None else min(of_turn, of_piece)
        if left is not None and left <= 0:
            raise self.over()
        return left

    def over(self) -> OutOfTime:
        """Say which deadline has passed, now that one has."""
        of_turn, of_piece = self._time.left, self._of_piece()
        if self._limit is None or (of_turn is not None and of_piece is not None and of_turn <= of_piece):
            return OutOfTime("turn", self._time.deadlines.turn or 0)
        return OutOfTime(self._deadline, self._limit)

    def note(self, chunk: ChatGenerationChunk) -> None:
        """Take note of a piece: one that has something in it gives the next one all of its time."""
        if _says_something(chunk):
            self._deadline, self._limit = "between tokens", self._time.deadlines.between_tokens
            self._since = monotonic()

    def _of_piece(self) -> float | None:
        return self._since + self._limit - monotonic() if self._limit is not None else None


def _says_something(chunk: ChatGenerationChunk) -> bool:
    """Say whether a piece has text, reasoning or a part of a call, and is no mere sign of life."""
    message = chunk.message
    if (isinstance(message, AIMessageChunk) and message.tool_call_chunks) or any(message.additional_kwargs.values()):
        return True
    if isinstance(message.content, str):
        return bool(message.content)
    blocks = (block if isinstance(block, dict) else {"text": block} for block in message.content)
    return any(value for block in blocks for name, value in block.items() if name not in _FRAME)


_FRAME = ("type", "index", "id")
"""The members of a block that say nothing."""

"""Reads a stream that blocks in a thread of its own, one piece for each time it is asked.

Python cannot stop a thread. One whose reader was closed while it waited for a piece is left behind: it drops what
still comes, closes the stream, and ends. As a daemon it keeps no process from ending.
"""

from __future__ import annotations

import contextvars
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

PieceT = TypeVar("PieceT")


class ThreadReader(Generic[PieceT]):
    """Reads a stream in a thread, which sees the context variables of the one that has made the reader."""

    def __init__(self, stream: Generator[PieceT]) -> None:
        self._stream = stream
        self._asked: SimpleQueue[Future[PieceT | None] | None] = SimpleQueue()
        context = contextvars.copy_context()
        Thread(target=context.run, args=(self._read,), name="fsm-model", daemon=True).start()

    def ask(self) -> Future[PieceT | None]:
        """Ask for the next piece; it is `None` at the end."""
        future: Future[PieceT | None] = Future()
        future.set_running_or_notify_cancel()  # so that nobody cancels it, and its result can be set
        self._asked.put(future)
        return future

    def close(self) -> None:
        """Have the stream closed, as soon as it is not waited for."""
        self._asked.put(None)

    def _read(self) -> None:
        try:
            while (future := self._asked.get()) is not None:
                try:
                    piece = next(self._stream, None)
                except BaseException as error:  # noqa: BLE001 - it belongs to whoever has asked
                    future.set_exception(error)
                else:
                    future.set_result(piece)
        finally:
            with suppress(Exception):  # there is nobody to tell
                self._stream.close()

"""One turn at a time: the turns of a conversation wait for each other, in threads and in tasks of any event loop.

Whoever waits too long for the turn before gets an error. Mostly that turn is a stream that somebody began to read and
left, which would never end.
"""

from __future__ import annotations

import asyncio
import threading
import time
from weakref import WeakValueDictionary

from fsm_langgraph.errors import ConversationError

_PAUSE = 0.01
"""Seconds between two looks of a task at a conversation that is busy."""


class TurnLocks:
    """The locks of conversations, by id; one lives for as long as somebody uses it.

    Args:
        patience: How many seconds a turn waits for the one before it.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._locks: WeakValueDictionary[str, TurnLock] = WeakValueDictionary()
        self._guard = threading.Lock()

    def of(self, conversation_id: str) -> TurnLock:
        """Return the lock of a conversation, for `with` and `async with`."""
        with self._guard:
            lock = self._locks.get(conversation_id)
            if lock is None:
                lock = self._locks[conversation_id] = TurnLock(conversation_id, self._patience)
            return lock


class TurnLock:
    """Held by the turn of a conversation that is running.

    Raises:
        ConversationError: The turn before this one has not ended in time.
    """

    __slots__ = ("__weakref__", "_conversation_id", "_lock", "_patience")

    def __init__(self, conversation_id: str, patience: float) -> None:
        self._conversation_id = conversation_id
        self._patience = patience
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=self._patience):
            raise self._is_busy()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    async def __aenter__(self) -> None:
        # What releases it may be a thread or another loop, which no asyncio lock can wait for.
        until = time.monotonic() + self._patience
        while not self._lock.acquire(blocking=False):
            if time.monotonic() > until:
                raise self._is_busy()
            await asyncio.sleep(_PAUSE)

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()

    def _is_busy(self) -> ConversationError:
        return ConversationError(
            self._conversation_id,
            f"another turn of it has not ended for {self._patience:g} seconds. A stream that is not read to its end "
            "holds it: read on, or close() it.",
        )

"""Those that wait for a conversation in this process, be they threads or tasks of any event loop: one line for each.

The first in the line has the conversation. Whoever leaves wakes the next, so nobody looks again and again, and nobody
is passed over. A line exists only while somebody stands in it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import Callable, Hashable


class Waiter:
    """One that stands in a line, or is to."""

    def __init__(self) -> None:
        self.key: Hashable = None
        """The conversation."""
        self.is_superseded = False
        """Whether a newer message is to be answered in its place."""
        self.wake: Callable[[], object] | None = None
        """Called when it has become the first; it raises `RuntimeError` where its event loop is closed."""


class Lines:
    """The lines of all conversations of the process."""

    def __init__(self) -> None:
        self._forget()
        if hasattr(os, "register_at_fork"):  # who held a conversation in the parent is not in the child
            os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        # A generator that nobody reads any more leaves when it is collected, which may be in the middle of a call here.
        # So a thread may come in twice, and nothing is allocated between two steps that belong together.
        self._guard = threading.RLock()
        self._lines: dict[Hashable, deque[Waiter]] = {}

    def join(self, waiter: Waiter, *, supersedes: bool) -> bool:
        """Join the line, and say whether it was empty; one without a `wake` joins an empty line only.

        Args:
            waiter: Whoever joins it, with the key of the conversation.
            supersedes: Whether all that stand before it are superseded.
        """
        empty = deque[Waiter]()
        with self._guard:
            line = self._lines.setdefault(waiter.key, empty)
            if line is empty:
                line.append(waiter)
                return True
            if waiter.wake is not None:
                line.append(waiter)
                for other in [*line] if supersedes else ():
                    other.is_superseded = other is not waiter
            return False

    def is_first(self, waiter: Waiter) -> bool:
        """Say whether it has the conversation."""
        with self._guard:
            line = self._lines.get(waiter.key)
            return line is not None and len(line) > 0 and line[0] is waiter

    def leave(self, waiter: Waiter) -> None:
        """Leave the line; where it was the first, the next one is."""
        with self._guard:
            line = self._lines.get(waiter.key)
            if line is None or waiter not in line:  # the process was forked since
                return
            was_first = line[0] is waiter
            line.remove(waiter)
            while was_first and line and not _woken(line[0]):
                line.popleft()
            if not line and self._lines.get(waiter.key) is line:
                del self._lines[waiter.key]


LINES = Lines()


def wait_in_line(waiter: Waiter, seconds: float, *, supersedes: bool) -> bool:
    """Wait until a thread's waiter is the first; say whether it is, in time."""
    if LINES.join(waiter, supersedes=supersedes):
        return True
    event = threading.Event()
    waiter.wake = event.set
    if LINES.join(waiter, supersedes=supersedes):
        return True
    try:
        if event.wait(seconds) or LINES.is_first(waiter):
            return True
    except BaseException:
        LINES.leave(waiter)
        raise
    LINES.leave(waiter)
    return False


async def await_in_line(waiter: Waiter, seconds: float, *, supersedes: bool) -> bool:
    """Wait until a task's waiter is the first; the twin of `wait_in_line`."""
    if LINES.join(waiter, supersedes=supersedes):
        return True
    loop = asyncio.get_running_loop()
    turn: asyncio.Future[None] = loop.create_future()
    waiter.wake = lambda: loop.call_soon_threadsafe(_settle, turn)
    if LINES.join(waiter, supersedes=supersedes):
        return True
    try:
        await asyncio.wait([turn], timeout=seconds)
    except BaseException:
        LINES.leave(waiter)
        raise
    if LINES.is_first(waiter):
        return True
    LINES.leave(waiter)
    return False


def _woken(waiter: Waiter) -> bool:
    try:
        if waiter.wake is not None:
            waiter.wake()
    except RuntimeError:  # its event loop is closed, and nobody waits there any more
        return False
    return True


def _settle(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_result(None)

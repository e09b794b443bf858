"""A turn's hold of its conversation: while it lasts no other turn, and no edit, of the conversation runs.

    hold = Hold(saver, "thread", busy="wait", patience=120)
    with hold: …                     a thread
    async with hold: …               a task

First it stands in line in this process (`line.py`). Then it locks the conversation for other processes, where the
place has locks that they know (`places.py`), and tries again with pauses while one of them has it. Within the process
the first to come is the first served; between processes whoever looks at the right moment.

A hold is not always certain. The session that locks in PostgreSQL may end; and of a checkpointer that is unknown here
nobody knows who else writes to it. There a turn looks once more before it lands. Whoever finds that it has lost the
lock, or that something was stored that is newer than its own, is not stored. The second is done as well as can be: of
two that look at the same moment both may land.
"""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Literal, Self

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple

from fsm_langgraph.errors import TurnConflict
from fsm_langgraph.locking.driver_errors import storage_errors_told
from fsm_langgraph.locking.line import LINES, Waiter, await_in_line, wait_in_line
from fsm_langgraph.locking.places import LockPlace, OuterLocks, aplace_of, place_of

Busy = Literal["wait", "reject", "latest"]
"""A turn that meets another one of its conversation waits for it, is refused, or has that one end early."""


class Hold(Waiter):
    """A turn's hold of its conversation.

    Args:
        saver: The checkpointer that keeps the conversation.
        thread_id: Its thread there.
        namespace: Its namespace there.
        busy: What is done while another turn of it runs.
        patience: How many seconds it waits for others.
        around: The hold of the turn in which this one is asked for, if there is one.
        is_fork: Whether the run begins at a checkpoint of its caller's choice, after which others may have been stored.

    Raises:
        TurnConflict: Another turn runs, and is not to be waited for or has not ended in time; or it is the one around.
        StorageError: The database cannot be reached.
    """

    def __init__(
        self,
        saver: BaseCheckpointSaver[Any],
        thread_id: str,
        namespace: str = "",
        *,
        busy: Busy = "wait",
        patience: float = 120,
        around: Hold | None = None,
        is_fork: bool = False,
    ) -> None:
        super().__init__()
        self.thread_id = thread_id
        self.namespace = namespace
        self.around = around
        self.is_held = False
        """Whether it has the conversation now."""
        self._saver = saver
        self._is_fork = is_fork
        self._busy = busy
        self.patience = patience
        """How many seconds it waits for others."""
        self._place: LockPlace | None = None
        self._token: object = None

    def is_of(self, saver: BaseCheckpointSaver[Any], thread_id: str, namespace: str) -> bool:
        """Say whether it has this very conversation."""
        return self.is_held and (self._saver, self.thread_id, self.namespace) == (saver, thread_id, namespace)

    @property
    def is_certain(self) -> bool:
        """Whether nobody else can have the conversation while it lasts; else a turn looks before it lands."""
        place = self._place
        if place is None:
            return True
        if place.locks is not None:
            return not place.locks.is_remote
        return place.is_private or self._is_fork or self.namespace != ""

    def has_lost(self, checkpoint_id: str) -> bool:
        """Say whether another may have had the conversation since; it asks the database.

        Args:
            checkpoint_id: The checkpoint that the turn stands on, the newest of its own.
        """
        if (locks := self._outer) is not None:
            return locks.has_lost(self._token)
        with storage_errors_told():
            return _is_newer(self._saver.get_tuple(self._config), checkpoint_id)

    async def ahas_lost(self, checkpoint_id: str) -> bool:
        """Say whether another may have had the conversation since; the twin of `has_lost`."""
        if (locks := self._outer) is not None:
            return await asyncio.to_thread(locks.has_lost, self._token)
        with storage_errors_told():
            return _is_newer(await self._saver.aget_tuple(self._config), checkpoint_id)

    def __enter__(self) -> Self:
        with storage_errors_told():
            place = self._place = place_of(self._saver)
            until = self._prepare(place)
            if not wait_in_line(self, self._seconds, supersedes=self._busy == "latest"):
                raise self._is_busy()
            try:
                if (locks := place.locks) is not None:
                    pauses = self._pauses(until)
                    while (token := locks.lock(self._name)) is None:
                        time.sleep(next(pauses))
                    self._token = token
            except BaseException:
                LINES.leave(self)
                raise
        self.is_held = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.is_held = False
        try:
            if (locks := self._outer) is not None:
                locks.unlock(self._name, self._token)
        finally:
            LINES.leave(self)

    async def __aenter__(self) -> Self:
        with storage_errors_told():
            place = self._place = await aplace_of(self._saver)
            until = self._prepare(place)
            if not await await_in_line(self, self._seconds, supersedes=self._busy == "latest"):
                raise self._is_busy()
            try:
                if (locks := place.locks) is not None:
                    pauses = self._pauses(until)
                    while (token := await self._try(locks)) is None:
                        pause = next(pauses)
                        await asyncio.sleep(pause)
                    self._token = token
            except BaseException:
                LINES.leave(self)
                raise
        self.is_held = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.is_held = False
        try:
            if (locks := self._outer) is not None and locks.is_remote:
                # Not waited for, as nobody here needs the answer: a turn that comes before it locks once more.
                asyncio.get_running_loop().run_in_executor(None, locks.unlock, self._name, self._token)
            elif locks is not None:
                locks.unlock(self._name, self._token)
        finally:
            LINES.leave(self)

    @property
    def _outer(self) -> OuterLocks | None:
        return self._place.locks if self._place is not None else None

    @property
    def _config(self) -> RunnableConfig:
        return {"configurable": {"thread_id": self.thread_id, "checkpoint_ns": self.namespace}}

    @property
    def _name(self) -> str:
        return json.dumps([self.thread_id, self.namespace])

    @property
    def _seconds(self) -> float:
        return 0 if self._busy == "reject" else self.patience

    def _prepare(self, place: LockPlace) -> float:
        """Take the conversation's key; return when the patience ends."""
        self.key = (place.key, self.thread_id, self.namespace)
        around = self.around
        while around is not None:
            if around.is_held and around.key == self.key:
                raise TurnConflict(
                    f"conversation {self.thread_id!r}: a handler or a tool has called it in its own turn, "
                    "and each would wait for the other.",
                    "Return what is to be written from it, and let the turn say what follows.",
                )
            around = around.around
        return time.monotonic() + self._seconds

    def _pauses(self, until: float) -> Iterator[float]:
        """Yield the seconds between two looks at a conversation that another process has.

        Raises:
            TurnConflict: There is no more time.
        """
        longest = 0.001
        while (left := until - time.monotonic()) > 0:
            yield min(left, longest * random.uniform(0.5, 1))  # noqa: S311 - not to look in step with others
            longest = min(longest * 1.5, _LONGEST)
        raise self._is_busy()

    async def _try(self, locks: OuterLocks) -> object | None:
        """Try to lock it, in a thread where that asks a server; where this is cancelled, it is freed again."""
        if not locks.is_remote:
            return locks.lock(self._name)
        is_left = threading.Event()

        def ask() -> object | None:
            token = locks.lock(self._name)
            if token is not None and is_left.is_set():  # the loop may have ended, which would free it
                locks.unlock(self._name, token)
                return None
            return token

        asked = asyncio.get_running_loop().run_in_executor(None, ask)
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            is_left.set()
            asked.add_done_callback(lambda done: self._give_back(locks, done))
            raise

    def _give_back(self, locks: OuterLocks, asked: asyncio.Future[object | None]) -> None:
        token = asked.result() if not asked.cancelled() and asked.exception() is None else None
        if token is None:
            return
        try:
            asyncio.get_running_loop().run_in_executor(None, locks.unlock, self._name, token)
        except RuntimeError:  # the loop is about to end, and waits for nothing else
            locks.unlock(self._name, token)

    def _is_busy(self) -> TurnConflict:
        conversation = f"conversation {self.thread_id!r}: another turn of it"
        if self._busy == "reject":
            return TurnConflict(
                f"{conversation} is under way, and this one was not begun.",
                'Send the message again when that has ended; busy="wait" waits for it.',
            )
        return TurnConflict(
            f"{conversation} has not ended for {self.patience:g} seconds, and this one was not begun.",
            "A stream that is not read to its end holds it: read on, or close() it. Then send the message again.",
        )


def _is_newer(stored: CheckpointTuple | None, checkpoint_id: str) -> bool:
    """Say whether a checkpoint was made after another; their ids are in the order of time."""
    return stored is not None and stored.checkpoint["id"] > checkpoint_id


_LONGEST = 0.05
"""The longest pause in seconds between two looks."""

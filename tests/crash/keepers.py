"""What keeps the conversations: LangGraph's savers and our own, which note their writes and may die at one of them.

put, put_writes ── is it the write to die at? ── before it: the process ends
                │                             └─ after it: it is done, and the process ends
                └─ no: it is done, and noted
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal

from langgraph.checkpoint.base import BaseCheckpointSaver

from crash.ledger import Ledger
from fsm_langgraph.graph.journal_entries import CHANNEL

DIED = 9
"""The exit status of a process that ended at a write."""

Side = Literal["before", "after"]
"""On which side of a write a process ends."""

_is_writing: ContextVar[bool] = ContextVar("_is_writing", default=False)
"""Whether a write is under way, of which another one may be a part: async methods may call their sync twins."""


@dataclass(frozen=True, slots=True)
class Death:
    """A write at which the process ends."""

    number: int
    """The first is 1."""
    side: Side


@dataclass(slots=True)
class Writes:
    """Notes the writes of a process in a ledger, and ends the process at one of them."""

    ledger: Ledger
    death: Death | None = None
    count: int = 0

    def watch(self, saver: BaseCheckpointSaver[Any]) -> None:
        """Note what this saver writes from now on."""
        for name in ("put", "put_writes"):
            setattr(saver, name, self._noting(getattr(saver, name)))
            setattr(saver, f"a{name}", self._anoting(getattr(saver, f"a{name}")))

    def _noting(self, write: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(write)
        def noting(*args: Any, **kwargs: Any) -> Any:
            if _is_writing.get():
                return write(*args, **kwargs)
            with self._write(*args):
                return write(*args, **kwargs)

        return noting

    def _anoting(self, write: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @wraps(write)
        async def noting(*args: Any, **kwargs: Any) -> Any:
            if _is_writing.get():
                return await write(*args, **kwargs)
            with self._write(*args):
                return await write(*args, **kwargs)

        return noting

    @contextmanager
    def _write(self, config: Any, written: Any, *more: Any) -> Iterator[None]:
        self.count += 1
        number = self.count
        if self.death == Death(number, "before"):
            os._exit(DIED)
        token = _is_writing.set(True)
        try:
            yield
        finally:
            _is_writing.reset(token)
        if isinstance(written, dict):
            self.ledger.note("checkpoint", written["id"])
        else:
            kind = "entry" if any(channel == CHANNEL for channel, _ in written) else "writes"
            self.ledger.note(kind, more[0], config["configurable"]["checkpoint_id"])
        if self.death == Death(number, "after"):
            os._exit(DIED)

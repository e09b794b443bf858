"""The checkpointer and the store of a SQLite file, for sync and for async calls alike.

LangGraph has separate classes for sync and for async calls. The async ones belong to the event loop that made them, and
their connections keep threads alive that hold the process open until somebody closes them. Here both kinds of call
share a connection: an async method runs its sync twin in a worker thread, and works from any event loop.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.store.base import BaseStore, Op, Result

if TYPE_CHECKING:
    from langgraph.store.sqlite import SqliteStore


class SqliteFile(SqliteSaver):
    """Keeps checkpoints in a file.

    Args:
        path: The file; it is made where there is none.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(sqlite3.connect(path, check_same_thread=False))
        self.store = SqliteFileStore(path)
        """The store in the same file."""

    def close(self) -> None:
        """Let go of the file."""
        self.conn.close()
        self.store.close()

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return a checkpoint; the twin of `get_tuple`."""
        return await asyncio.to_thread(self.get_tuple, config)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - the name is LangGraph's
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """List checkpoints, the newest first; the twin of `list`."""
        found = await asyncio.to_thread(lambda: [*self.list(config, filter=filter, before=before, limit=limit)])
        for checkpoint in found:
            yield checkpoint

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint; the twin of `put`."""
        return await asyncio.to_thread(self.put, config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Store what a node has written; the twin of `put_writes`."""
        await asyncio.to_thread(self.put_writes, config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a conversation; the twin of `delete_thread`."""
        await asyncio.to_thread(self.delete_thread, thread_id)


class SqliteFileStore(BaseStore):
    """Keeps the items of a store in a file, by LangGraph's own store, which is opened when it is first used.

    Importing that takes a quarter of a second; a conversation that never gets long does not need it.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._store: SqliteStore | None = None

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Do several things at once; all methods come through here."""
        return self._opened().batch(ops)

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """Do several things at once; the twin of `batch`."""
        return await asyncio.to_thread(self.batch, [*ops])

    def close(self) -> None:
        """Let go of the file."""
        if self._store is not None:
            self._store.conn.close()

    def _opened(self) -> SqliteStore:
        with self._lock:
            if self._store is None:
                from langgraph.store.sqlite import SqliteStore

                # SqliteStore begins and commits its transactions itself, so the connection must not.
                self._store = SqliteStore(sqlite3.connect(self._path, check_same_thread=False, isolation_level=None))
            return self._store

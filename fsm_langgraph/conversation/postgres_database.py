"""The checkpointer and the store of a PostgreSQL database, for sync and for async calls alike (`threaded_saver.py`).

Both take their connections from one pool. Its threads are daemons, and it is closed when the process ends, so a program
that forgets to close it ends all the same.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, cast
from weakref import finalize

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.store.base import BaseStore
from psycopg import Connection, Error, OperationalError, ProgrammingError
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from fsm_langgraph.conversation.threaded_saver import LazyStore, ThreadedSaver
from fsm_langgraph.errors import StorageError
from fsm_langgraph.locking.postgres_locks import PostgresLocks, postgres_locks
from fsm_langgraph.stored_data.safe_serializer import SafeSerializer, Sealed

if TYPE_CHECKING:
    from langgraph.store.postgres import PostgresStore

_OPTIONS = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
"""How LangGraph's classes want their connections."""
_CONNECTIONS = 10
"""The most connections that one pool has."""
_PATIENCE = 30
"""Seconds to wait for one of them, and for another process that makes the tables."""


class PostgresDatabase(ThreadedSaver, PostgresSaver):
    """Keeps checkpoints in a PostgreSQL database.

    Args:
        address: `postgresql://…`.
        serde: The serializer of what is kept; one that builds listed types only where it is left out.

    Raises:
        psycopg.Error: It cannot be reached, or the tables cannot be made.
    """

    conn: ConnectionPool[Connection[DictRow]]

    def __init__(self, address: str, serde: SerializerProtocol | None = None) -> None:
        # Before there is a pool, which would go on trying to connect in the background.
        with Connection.connect(address, **_OPTIONS) as connection:  # type: ignore[arg-type]  # one dict for both uses
            self._locks = postgres_locks(connection.info)
            _make_tables(self._locks, PostgresSaver(cast("Connection[DictRow]", connection)))
        pool = ConnectionPool[Connection[DictRow]](
            address, min_size=1, max_size=_CONNECTIONS, timeout=_PATIENCE, kwargs=_OPTIONS, open=True
        )
        super().__init__(pool, serde=serde or SafeSerializer())
        # Each call has a connection of the pool to itself, so none has to wait for another.
        self.lock = cast("threading.Lock", nullcontext())
        self.store = LazyStore(self._open_store)
        """The store in the same database."""
        self._close = finalize(self, pool.close)

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return a checkpoint; what every run and look begins with, so here lost connections are made anew."""
        try:
            return super().get_tuple(config)
        except OperationalError as error:
            self._renew(error)
            return super().get_tuple(config)

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Store what a task has written; what a handler has done must not be lost with a connection."""
        try:
            super().put_writes(config, writes, task_id, task_path)
        except OperationalError as error:
            self._renew(error)
            super().put_writes(config, writes, task_id, task_path)

    def _renew(self, error: OperationalError) -> None:
        """Make the idle connections anew, all of which are gone where the server was restarted."""
        if isinstance(error, PoolTimeout | PoolClosed):
            raise error
        self.conn.check()

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint. LangGraph would write texts and numbers among its values in clear, key or no key."""
        if isinstance(self.serde, EncryptedSerializer):
            values, versions = checkpoint["channel_values"], checkpoint["channel_versions"]
            plain = [name for name, value in values.items() if isinstance(value, _PLAIN)]
            sealed = {name: Sealed(values[name]) for name in plain}
            # One that has not changed may have been stored in clear, before there was a key.
            new_versions = {**{name: versions[name] for name in plain if name in versions}, **new_versions}
            checkpoint = {**checkpoint, "channel_values": {**values, **sealed}}
        return super().put(config, checkpoint, metadata, new_versions)

    def thread_ids(self) -> list[str]:
        """Name all threads."""
        with self.conn.connection() as connection:
            return [row["thread_id"] for row in connection.execute("SELECT DISTINCT thread_id FROM checkpoints")]

    def newest(self) -> tuple[str | None, bytes | None]:
        """Return the format and the bytes of something that is encrypted; of nothing where nothing is."""
        # No index tells the newest, and what was stored before there was a key is in clear. So all of a table is looked
        # at, and of a large one a sample.
        encrypted = (
            "SELECT type, blob FROM checkpoint_blobs TABLESAMPLE SYSTEM (%s) "
            "WHERE blob IS NOT NULL AND type LIKE '%%+%%' LIMIT 1"
        )
        with self.conn.connection() as connection:
            size = connection.execute("SELECT pg_relation_size('checkpoint_blobs') AS bytes").fetchone()
            share = min(100, 100 * _LOOKED_AT / max(size["bytes"], 1)) if size is not None else 100
            row = connection.execute(encrypted, [share]).fetchone()
        return (row["type"], row["blob"]) if row is not None else (None, None)

    def close(self) -> None:
        """Close the connections."""
        self._close()

    def _open_store(self) -> BaseStore:
        from langgraph.store.postgres import PostgresStore

        store = PostgresStore(self.conn)
        _make_tables(self._locks, store)
        return store


_LOOKED_AT = 64_000_000
"""How many bytes of a database are looked at for what is encrypted there, before anything is added to it."""


def _make_tables(locks: PostgresLocks, keeper: PostgresSaver | PostgresStore) -> None:
    """Make the tables of a saver or a store, while no other process does."""
    until = time.monotonic() + _PATIENCE
    # Nobody waits in the database: an index is made there only when all who began before have ended.
    while (token := locks.lock(_TABLES)) is None:
        if time.monotonic() > until:
            raise StorageError("another process has been making its tables for too long")
        time.sleep(0.05)
    try:
        keeper.setup()
    finally:
        locks.unlock(_TABLES, token)


_PLAIN = (str, int, float)
_TABLES = "tables"
"""The name of the lock; that of a conversation is JSON, and another one."""

__all__ = ["Error", "PostgresDatabase", "ProgrammingError"]

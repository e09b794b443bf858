"""The checkpointer and the store of a SQLite file, for sync and for async calls alike (`threaded_saver.py`).

Several processes may have the file open. A write waits for those of the others, up to `_PATIENCE`; the file is in the
mode that lets reads go on meanwhile (WAL), and only one process at a time makes the tables.

Nothing but SQLite opens the file. POSIX takes all locks of a process away when any descriptor of a file is closed. Then
the next process that ends would take itself for the last one, and delete the log into which this one goes on writing.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.store.base import BaseStore

from fsm_langgraph.conversation.threaded_saver import LazyStore, ThreadedSaver
from fsm_langgraph.errors import SetupError
from fsm_langgraph.stored_data.safe_serializer import SafeSerializer

_PATIENCE = 10
"""Seconds that a write waits for those of other connections."""


class SqliteReader(ThreadedSaver, SqliteSaver):
    """Reads the checkpoints of a file that is open."""

    def thread_ids(self) -> list[str]:
        """Name all threads."""
        with self.cursor(transaction=False) as cursor:
            return [row[0] for row in cursor.execute("SELECT DISTINCT thread_id FROM checkpoints")]


class SqliteFile(SqliteReader):
    """Keeps checkpoints in a file.

    Args:
        path: The file; it is made where there is none.
        serde: The serializer of what is kept; one that builds listed types only where it is left out.
    """

    def __init__(self, path: Path, serde: SerializerProtocol | None = None) -> None:
        connection = _overwriting(sqlite3.connect(path, timeout=_PATIENCE, check_same_thread=False))
        super().__init__(connection, serde=serde or SafeSerializer())
        self._path = path
        self.store = LazyStore(self._open_store)
        """The store in the same file."""

    def setup(self) -> None:
        """Make the tables; called by each method that needs them."""
        # The change to WAL fails at once where another connection is at it, and does not wait.
        until = time.monotonic() + _PATIENCE
        while not self.is_setup:
            try:
                super().setup()
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(_PAUSE)

    def newest(self) -> tuple[str | None, bytes | None]:
        """Return the format and the bytes of what was stored last; of nothing where nothing is.

        Raises:
            SetupError: The file is no SQLite database.
        """
        try:
            known = self.conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'checkpoints'").fetchone()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
                raise
            told = f"{self._path}: it is no SQLite database.\n  Have db name one, or a file that is not there yet."
            raise SetupError(told) from error
        newest = "SELECT type, checkpoint FROM checkpoints ORDER BY rowid DESC LIMIT 1"
        return (known and self.conn.execute(newest).fetchone()) or (None, None)

    def close(self) -> None:
        """Let go of the file."""
        self.conn.close()
        if self._store_connection is not None:
            self._store_connection.close()

    _store_connection: sqlite3.Connection | None = None

    def _open_store(self) -> BaseStore:
        from langgraph.store.sqlite import SqliteStore

        # SqliteStore begins and commits its transactions itself, so the connection must not.
        self._store_connection = _overwriting(
            sqlite3.connect(self._path, timeout=_PATIENCE, check_same_thread=False, isolation_level=None)
        )
        return SqliteStore(self._store_connection)


def _overwriting(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Have SQLite overwrite what is deleted, which it otherwise leaves in the file until it needs the room."""
    connection.execute("PRAGMA secure_delete = ON")
    return connection


_PAUSE = 0.02
"""Seconds between two tries to make the tables."""

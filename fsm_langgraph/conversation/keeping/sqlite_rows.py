"""The rows of a SQLite file, in the tables of LangGraph's `SqliteSaver`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from langgraph.checkpoint.sqlite import SqliteSaver

from fsm_langgraph.conversation.keeping.checkpoint_rows import OldCheckpoints, ThreadEnds, outlives_turns


class SqliteRows:
    """The rows of a SQLite file.

    Args:
        saver: The file, opened.
    """

    def __init__(self, saver: SqliteSaver) -> None:
        self._saver = saver

    def ends(self, thread_id: str | None = None) -> list[ThreadEnds]:
        """Return the ends of each conversation, or of one; the index of the primary key has all of it."""
        with self._saver.cursor(transaction=False) as cursor:
            found = cursor.execute(_ENDS) if thread_id is None else cursor.execute(_ENDS_OF_ONE, [thread_id])
            return [ThreadEnds(*row) for row in found]

    def count_bytes(self, thread_id: str) -> int | None:
        """Count the bytes that a conversation's checkpoints take."""
        with self._saver.cursor(transaction=False) as cursor:
            counts: list[int] = [cursor.execute(query, [thread_id]).fetchone()[0] for query in _BYTES]
        return sum(counts)

    def parents_since(self, thread_id: str, cut: str) -> dict[str, str | None]:
        """Return the checkpoints of a conversation from one of them on, each with its parent."""
        with self._saver.cursor(transaction=False) as cursor:
            return dict(cursor.execute(_SINCE, [thread_id, cut]).fetchall())

    def count_old(self, thread_id: str, old: OldCheckpoints) -> int:
        """Count the checkpoints of a conversation that are old."""
        with self._saver.cursor(transaction=False) as cursor:
            counts = [
                cursor.execute(f"SELECT count(*) FROM checkpoints {where}", values).fetchone()[0]  # noqa: S608 - as below
                for where, values in _old(cursor, thread_id, old)
            ]
        return sum(counts)

    def delete_old(self, thread_id: str, old: OldCheckpoints) -> int:
        """Delete the checkpoints of a conversation that are old; return how many there were."""
        with self._changes() as cursor:
            count = 0
            for where, values in _old(cursor, thread_id, old):
                cursor.execute(f"DELETE FROM writes {where}", values)  # noqa: S608 - question marks alone are filled in
                count += cursor.execute(f"DELETE FROM checkpoints {where}", values).rowcount  # noqa: S608 - as above
            cursor.execute(_ORPHANED, [thread_id])
            return count

    def compact(self) -> None:
        """Write the file anew, without the room of what was deleted, and empty its log."""
        with self._saver.lock:
            self._saver.conn.commit()
            self._saver.conn.execute("VACUUM")
            self._saver.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _changes(self) -> Iterator[sqlite3.Cursor]:
        """Make several changes, all or none; the checkpointer commits whatever was done until an error."""
        with self._saver.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                self._saver.conn.rollback()
                raise


def _old(cursor: sqlite3.Cursor, thread_id: str, old: OldCheckpoints) -> list[tuple[str, list[str]]]:
    """Write the conditions of what is old, in each namespace, with their values."""
    where = "WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id < ?"
    spaces = [row[0] for row in cursor.execute(_NAMESPACES, [thread_id])]
    inside = [(where, [thread_id, space, old.inside_before]) for space in spaces if not outlives_turns(space)]
    but = f"{where} AND checkpoint_id NOT IN ({', '.join('?' * len(old.but))})"
    return [(but, [thread_id, "", old.before, *old.but]), *inside]


_ENDS = """
SELECT thread_id, min(checkpoint_id), max(checkpoint_id) FROM checkpoints WHERE checkpoint_ns = '' GROUP BY thread_id
"""
_ENDS_OF_ONE = _ENDS.replace("WHERE", "WHERE thread_id = ? AND")
_SINCE = """
SELECT checkpoint_id, parent_checkpoint_id FROM checkpoints
WHERE thread_id = ? AND checkpoint_ns = '' AND checkpoint_id >= ?
"""
_NAMESPACES = "SELECT DISTINCT checkpoint_ns FROM checkpoints WHERE thread_id = ? AND checkpoint_ns <> ''"
_ORPHANED = """
UPDATE checkpoints SET parent_checkpoint_id = NULL
WHERE thread_id = ? AND checkpoint_ns = '' AND parent_checkpoint_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM checkpoints AS parent
    WHERE parent.thread_id = checkpoints.thread_id AND parent.checkpoint_ns = ''
    AND parent.checkpoint_id = checkpoints.parent_checkpoint_id
)
"""
"""Without it a checkpoint would name a parent that is gone."""
_BYTES = (
    "SELECT coalesce(sum(length(checkpoint) + length(metadata)), 0) FROM checkpoints WHERE thread_id = ?",
    "SELECT coalesce(sum(length(value)), 0) FROM writes WHERE thread_id = ?",
)

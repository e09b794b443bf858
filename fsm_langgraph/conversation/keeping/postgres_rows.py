"""The rows of a PostgreSQL database, in the tables of LangGraph's `PostgresSaver`.

What channels hold lies in a table of its own there, under their versions, and checkpoints share it. So what no
checkpoint has any more is deleted after them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, Cursor

from fsm_langgraph.conversation.keeping.checkpoint_rows import OldCheckpoints, ThreadEnds, outlives_turns


class PostgresRows:
    """The rows of a PostgreSQL database.

    Args:
        saver: The database, opened.
    """

    def __init__(self, saver: Any) -> None:
        self._saver = saver

    def ends(self, thread_id: str | None = None) -> list[ThreadEnds]:
        """Return the ends of each conversation, or of one if it is there."""
        with self._connection() as connection:
            found = connection.execute(_ENDS) if thread_id is None else connection.execute(_ENDS_OF_ONE, [thread_id])
            return [ThreadEnds(**row) for row in found]

    def count_bytes(self, thread_id: str) -> int | None:
        """Count the bytes that a conversation's checkpoints take, compressed as they are."""
        with self._connection() as connection:
            return sum(_number(connection.execute(query, [thread_id])) for query in _BYTES)

    def parents_since(self, thread_id: str, cut: str) -> dict[str, str | None]:
        """Return the checkpoints of a conversation from one of them on, each with its parent."""
        with self._connection() as connection:
            found = connection.execute(_SINCE, [thread_id, cut])
            return {row["checkpoint_id"]: row["parent_checkpoint_id"] for row in found}

    def count_old(self, thread_id: str, old: OldCheckpoints) -> int:
        """Count the checkpoints of a conversation that are old."""
        with self._connection() as connection:
            return sum(_number(connection.execute(_COUNT, values)) for values in _old(connection, thread_id, old))

    def delete_old(self, thread_id: str, old: OldCheckpoints) -> int:
        """Delete the checkpoints of a conversation that are old; return how many there were."""
        with self._connection() as connection, connection.transaction():
            count = 0
            for values in _old(connection, thread_id, old):
                connection.execute(_DELETE_WRITES, values)
                count += connection.execute(_DELETE_CHECKPOINTS, values).rowcount
                connection.execute(_DELETE_BLOBS, values)
            connection.execute(_ORPHANED, [thread_id])
            return count

    def compact(self) -> None:
        """Have the server use the room of what was deleted again; it does so by itself, sooner or later."""
        with self._connection() as connection:
            connection.execute("VACUUM checkpoints, checkpoint_writes, checkpoint_blobs")

    @contextmanager
    def _connection(self) -> Iterator[Connection[Any]]:
        held = self._saver.conn
        if isinstance(held, Connection):
            with self._saver.lock:
                yield held
        else:
            with held.connection() as connection:
                yield connection


def _old(connection: Connection[Any], thread_id: str, old: OldCheckpoints) -> list[dict[str, Any]]:
    """Write the values of the conditions of what is old, in each namespace."""
    spaces = [row["checkpoint_ns"] for row in connection.execute(_NAMESPACES, [thread_id])]
    inside = [(space, old.inside_before, ()) for space in spaces if not outlives_turns(space)]
    return [
        {"thread_id": thread_id, "namespace": space, "cut": cut, "kept": [*kept]}
        for space, cut, kept in [("", old.before, old.but), *inside]
    ]


def _number(cursor: Cursor[Any]) -> int:
    """Return the number that a query has found."""
    row = cursor.fetchone()
    return int(row["number"]) if row is not None else 0


# Ids are compared by their bytes, as Python and SQLite compare them, and not as a language orders words.
_ENDS = """
SELECT thread_id, min(checkpoint_id COLLATE "C") AS first, max(checkpoint_id COLLATE "C") AS newest
FROM checkpoints WHERE checkpoint_ns = '' GROUP BY thread_id
"""
_ENDS_OF_ONE = _ENDS.replace("WHERE", "WHERE thread_id = %s AND")
_SINCE = """
SELECT checkpoint_id, parent_checkpoint_id FROM checkpoints
WHERE thread_id = %s AND checkpoint_ns = '' AND checkpoint_id COLLATE "C" >= %s
"""
_NAMESPACES = "SELECT DISTINCT checkpoint_ns FROM checkpoints WHERE thread_id = %s AND checkpoint_ns <> ''"
_OLD = """
WHERE thread_id = %(thread_id)s AND checkpoint_ns = %(namespace)s
AND checkpoint_id COLLATE "C" < %(cut)s AND checkpoint_id <> ALL(%(kept)s)
"""
_COUNT = f"SELECT count(*) AS number FROM checkpoints {_OLD}"  # noqa: S608 - a constant
_DELETE_WRITES = f"DELETE FROM checkpoint_writes {_OLD}"  # noqa: S608 - a constant
_DELETE_CHECKPOINTS = f"DELETE FROM checkpoints {_OLD}"  # noqa: S608 - a constant
_DELETE_BLOBS = """
WITH used AS MATERIALIZED (
    SELECT DISTINCT version.key, version.value
    FROM checkpoints, jsonb_each_text(checkpoint -> 'channel_versions') AS version
    WHERE thread_id = %(thread_id)s AND checkpoint_ns = %(namespace)s
)
DELETE FROM checkpoint_blobs
WHERE thread_id = %(thread_id)s AND checkpoint_ns = %(namespace)s
AND (channel, version) NOT IN (SELECT key, value FROM used)
"""
_ORPHANED = """
UPDATE checkpoints SET parent_checkpoint_id = NULL
WHERE thread_id = %s AND checkpoint_ns = '' AND parent_checkpoint_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM checkpoints AS parent
    WHERE parent.thread_id = checkpoints.thread_id AND parent.checkpoint_ns = ''
    AND parent.checkpoint_id = checkpoints.parent_checkpoint_id
)
"""
"""Without it a checkpoint would name a parent that is gone."""
_BYTES = (
    "SELECT coalesce(sum(pg_column_size(checkpoint) + pg_column_size(metadata)), 0) AS number "
    "FROM checkpoints WHERE thread_id = %s",
    "SELECT coalesce(sum(pg_column_size(blob)), 0) AS number FROM checkpoint_blobs WHERE thread_id = %s",
    "SELECT coalesce(sum(pg_column_size(blob)), 0) AS number FROM checkpoint_writes WHERE thread_id = %s",
)

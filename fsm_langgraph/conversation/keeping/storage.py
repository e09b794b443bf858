"""A holder of conversations, opened for housekeeping: a database by its path or address, or an object that has it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.store.base import BaseStore

from fsm_langgraph.conversation.database import is_address, is_no_path, open_database
from fsm_langgraph.conversation.keeping.checkpoint_rows import CheckpointRows, Saver, database_of
from fsm_langgraph.conversation.keeping.listed_rows import ListedRows
from fsm_langgraph.conversation.keeping.overview import outlined
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import SetupError
from fsm_langgraph.graph.graph import Graph
from fsm_langgraph.stored_data.safe_serializer import safe_serializer


class HasGraph(Protocol):
    """An object that holds conversations by a compiled graph, as `LLM_FSM` does."""

    graph: Graph


Holder = str | Path | HasGraph | Graph
"""A database of conversations by its path or its address, an `LLM_FSM`, or a compiled graph with a checkpointer."""


@dataclass(frozen=True, slots=True)
class ConversationStorage:
    """A holder of conversations, opened."""

    saver: Saver
    store: BaseStore | None
    """The store into which their older messages go."""
    rows: CheckpointRows
    outline: Saver
    """The same checkpointer, which builds nothing of what it reads."""
    definition: FSMDefinition | None = None
    """The definition that the conversations follow, where the holder knows it."""


@contextmanager
def opened_storage(
    db: Holder, *, allow_types: Collection[type] = (), encryption_key: bytes | str | None = None
) -> Iterator[ConversationStorage]:
    """Open what holds conversations; what was open before stays open.

    Args:
        db: What holds them.
        allow_types: For a file or an address: the classes of one's own whose objects are built.
        encryption_key: For a file or an address: the key that it was stored with.

    Raises:
        SetupError: There is nothing of the kind, or what was opened before has a key of its own.
        EncryptionError: It is encrypted, and no key was given, or another one.
    """
    if isinstance(db, str | Path):
        _check_file(db)
        serde = safe_serializer(allow_types=allow_types, encryption_key=encryption_key)
        with closing(open_database(db, serde)) as database:
            yield _storage(database, database.store)
        return
    if allow_types or encryption_key is not None:
        raise SetupError(
            "allow_types and encryption_key are for a file or an address; what is given was opened before, with those "
            "of its own.\n  Leave them out here."
        )
    graph: Any = getattr(db, "graph", db)
    if not isinstance(graph, Graph):
        found = f"it is of type {type(db).__name__}, not a file, an address, an LLM_FSM or a compiled machine"
        raise SetupError(f"db: {found}.\n  Give one of these.")
    saver = graph.checkpointer
    if not isinstance(saver, BaseCheckpointSaver):
        raise SetupError(
            f"the graph {graph.name!r} has no checkpointer of its own, so it keeps no conversations.\n"
            "  Compile it with one: compile_fsm(…, checkpointer=…)."
        )
    yield _storage(saver, graph.store, graph.builder.definition)


def _storage(saver: Saver, store: BaseStore | None, definition: FSMDefinition | None = None) -> ConversationStorage:
    return ConversationStorage(saver, store, rows_of(saver), outlined(saver), definition)


def _check_file(db: str | Path) -> None:
    """See that a file is there and holds conversations; to open it would make one."""
    if is_address(db) or (isinstance(db, str) and is_no_path(db)):
        return
    path = Path(db)
    if not path.is_file():
        raise SetupError(f"{path}: there is no such file.\n  Give the SQLite file that LLM_FSM was given as db.")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            known = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError as error:
        raise SetupError(f"{path}: it is no SQLite file that can be read: {error}.\n  Give another one.") from error
    if not {"checkpoints", "writes"} <= known:
        raise SetupError(f"{path}: it holds no conversations.\n  Give the SQLite file that LLM_FSM was given as db.")


def rows_of(saver: Any) -> CheckpointRows:
    """Return the rows of a checkpointer."""
    match database_of(saver):
        case "sqlite":
            from fsm_langgraph.conversation.keeping.sqlite_rows import SqliteRows

            return SqliteRows(saver)
        case "postgres":
            from fsm_langgraph.conversation.keeping.postgres_rows import PostgresRows

            return PostgresRows(saver)
    return ListedRows(saver)

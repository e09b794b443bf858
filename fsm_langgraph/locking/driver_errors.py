"""The errors of the drivers of databases, told as this package's own.

A driver that was never imported has raised nothing, so none is imported here. What a node of somebody's own raises is
left alone: the database in it is that node's.
"""

from __future__ import annotations

import sqlite3
import sys
from types import TracebackType

from fsm_langgraph.errors import StorageError

_OF_A_TASK = "During task with name "
"""The beginning of the note that LangGraph puts on what a node has raised."""


class storage_errors_told:  # noqa: N801 - a context manager, read as a sentence
    """Raise the errors of drivers as `StorageError`s."""

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and (told := told_as_storage(error)) is not None:
            raise told from error


def told_as_storage(error: BaseException) -> StorageError | None:
    """Return the error to raise for a driver's; `None` where it is no driver's, or a node's own."""
    if not isinstance(error, _driver_errors()) or any(
        note.startswith(_OF_A_TASK) for note in getattr(error, "__notes__", ())
    ):
        return None
    found = f"{type(error).__name__}: {error}"
    return StorageError(found, _OPEN_ANEW) if _is_closed(error) else StorageError(found)


_OPEN_ANEW = "It was closed in this program, by close() or at the end of a with block. Open it anew: LLM_FSM(…, db=…)."


def _is_closed(error: BaseException) -> bool:
    """Say whether the program itself has closed what it uses, which no waiting opens again."""
    if isinstance(error, sqlite3.ProgrammingError):
        return "closed database" in str(error)
    pool = sys.modules.get("psycopg_pool")
    return pool is not None and isinstance(error, pool.PoolClosed)


def _driver_errors() -> tuple[type[BaseException], ...]:
    psycopg = sys.modules.get("psycopg")
    return (sqlite3.Error,) if psycopg is None else (sqlite3.Error, psycopg.Error)

"""Where a checkpointer keeps conversations: two that keep them in one place hold the same ones.

    SQLite, a file     the file, and locks that other processes know: `file_locks.py`
    PostgreSQL         the database, and locks that other servers know: `postgres_locks.py`
    memory             the checkpointer itself, and no other process
    any other          the checkpointer itself; others may keep the same conversations, unknown to it

A checkpointer is asked once. Its classes are known by their modules, so none is imported that is not in use.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver

from fsm_langgraph.locking.file_locks import file_locks
from fsm_langgraph.locking.postgres_locks import postgres_locks

Saver = BaseCheckpointSaver[Any]


class OuterLocks(Protocol):
    """Locks that other processes know; each is by a name, and nobody waits in a call."""

    is_remote: bool
    """Whether a call waits for an answer from afar, so that an event loop makes it in a thread."""

    def lock(self, name: str) -> object | None:
        """Lock a name if nobody has it locked; return what `unlock` takes, `None` where somebody has."""
        ...

    def unlock(self, name: str, token: object) -> None:
        """Unlock a name."""
        ...

    def has_lost(self, token: object) -> bool:
        """Say whether the lock was lost since."""
        ...


@dataclass(frozen=True, slots=True)
class LockPlace:
    """Where conversations are kept."""

    key: Hashable
    """The same for all checkpointers of the process that keep them here."""
    locks: OuterLocks | None = None
    """The locks that other processes know; `None` where there are none."""
    is_private: bool = True
    """Whether nobody can have these conversations without a hold."""


def place_of(saver: Saver) -> LockPlace:
    """Say where a checkpointer keeps conversations.

    Raises:
        sqlite3.Error, psycopg.Error: The database cannot be reached.
    """
    found = _PLACES.get(saver)
    if found is None:
        found = _PLACES[saver] = _find(saver)
    return found


async def aplace_of(saver: Saver) -> LockPlace:
    """Say where a checkpointer keeps conversations; the twin of `place_of`."""
    found = _PLACES.get(saver)
    if found is None:
        found = _PLACES[saver] = await _afind_once(saver)
    return found


_PLACES: WeakKeyDictionary[Saver, LockPlace] = WeakKeyDictionary()
_ASKED: WeakKeyDictionary[Saver, asyncio.Task[LockPlace]] = WeakKeyDictionary()
"""The looks that are under way in an event loop."""


async def _afind_once(saver: Saver) -> LockPlace:
    """Look once for all tasks that come while nobody knows, so that they go on in the order in which they came."""
    loop = asyncio.get_running_loop()
    asked = _ASKED.get(saver)
    if asked is None or asked.done() or asked.get_loop() is not loop:
        found = _afind(saver) if hasattr(saver, "loop") else asyncio.to_thread(_find, saver)
        asked = _ASKED[saver] = loop.create_task(found)
        asked.add_done_callback(partial(_forget, saver))
    return await asyncio.shield(asked)  # one that is cancelled leaves the look to the others


def _forget(saver: Saver, asked: asyncio.Task[LockPlace]) -> None:
    """Take a look that has ended out of those that are under way, be it that nobody waits for it any more."""
    if _ASKED.get(saver) is asked:
        del _ASKED[saver]
    if not asked.cancelled():
        asked.exception()  # who still waited has had it


def _find(saver: Any) -> LockPlace:
    loop = getattr(saver, "loop", None)
    if isinstance(loop, asyncio.AbstractEventLoop):  # an async one, whose connection belongs to its loop
        if not loop.is_running() or _runs_here(loop):
            return _itself(saver)  # LangGraph is about to refuse the call
        return asyncio.run_coroutine_threadsafe(_afind(saver), loop).result()
    match _database(saver):
        case "sqlite":
            with saver.cursor(transaction=False) as cursor:
                return _in_file(saver, cursor.execute(_FILES).fetchall())
        case "postgres" if hasattr(saver.conn, "info"):
            return _in_postgres(saver.conn.info)
        case "postgres":
            with saver.conn.connection() as connection:
                return _in_postgres(connection.info)
    return _itself(saver)


async def _afind(saver: Any) -> LockPlace:
    match _database(saver):
        case "sqlite":
            await saver.setup()  # which opens the connection
            async with saver.conn.execute(_FILES) as cursor:
                return _in_file(saver, await cursor.fetchall())
        case "postgres" if hasattr(saver.conn, "info"):
            return _in_postgres(saver.conn.info)
        case "postgres":
            async with saver.conn.connection() as connection:
                return _in_postgres(connection.info)
    return _itself(saver)


_FILES = "PRAGMA database_list"


def _database(saver: Saver) -> str | None:
    """Name the database of a checkpointer of LangGraph's, or of a class that is made from one."""
    for kind in type(saver).__mro__:
        package, _, name = kind.__module__.rpartition("langgraph.checkpoint.")
        if not package and name.split(".")[0] in ("sqlite", "postgres"):
            return name.split(".")[0]
    return None


def _in_file(saver: Any, databases: list[Any]) -> LockPlace:
    path = next((row[2] for row in databases if row[1] == "main"), "")
    if not path:  # in memory, or a file of SQLite's own that nobody else can open
        return LockPlace(("sqlite", id(saver.conn)))
    path = os.path.realpath(path)
    return LockPlace(("sqlite", path), file_locks(path))


def _in_postgres(info: Any) -> LockPlace:
    locks = postgres_locks(info)
    return LockPlace(locks, locks)


def _itself(saver: Any) -> LockPlace:
    # LangGraph copies checkpointers, for one to restrict what they load; copies share what they keep.
    is_memory = isinstance(saver, InMemorySaver)
    return LockPlace(("saver", id(saver.storage if is_memory else saver)), is_private=is_memory)


def _runs_here(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False

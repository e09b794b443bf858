"""`db` names a SQLite file or a PostgreSQL database, and errors tell it without its password."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from machines import FORM

from fsm_langgraph import LLM_FSM, SetupError, StorageError
from fsm_langgraph.conversation.database import is_address, open_database, without_password

NOWHERE = "postgresql://ann:s3cret@127.0.0.1:9/shop?connect_timeout=2"


@pytest.mark.parametrize(
    ("db", "shown"),
    [
        ("postgresql://ann:s3cret@db:5432/shop", "postgresql://ann@db:5432/shop"),
        ("postgres://ann@db/shop", "postgres://ann@db/shop"),
        ("postgresql://ann:s3:c@ret@db/shop", "postgresql://ann@db/shop"),
        (
            "postgresql://db/shop?user=ann&password=s3cret&sslmode=require",
            "postgresql://db/shop?user=ann&password=…&sslmode=require",
        ),
        ("postgresql://ann:s3/c#r?t@db/shop", "postgresql://ann@db/shop"),
        (
            "postgresql://db/shop?application_name=a&sslpassword=s3cret",
            "postgresql://db/shop?application_name=a&sslpassword=…",
        ),
        ("talks.sqlite", "talks.sqlite"),
        ("C:\\talks:1@.sqlite", "C:\\talks:1@.sqlite"),
    ],
)
def test_a_database_is_told_without_its_password(db: str, shown: str) -> None:
    assert without_password(db) == shown
    assert is_address(db) == ("://" in db)


@pytest.mark.parametrize(
    "address",
    [
        NOWHERE,
        "postgresql://ann:s3cret@127.0.0.1:nine/shop",
        "postgresql://ann:s3cret@[::1/shop",
        "postgresql://ann:s3cret@127.0.0.1/shop?nonsense=1",
        "postgresql://ann:x%s3cret@127.0.0.1/shop",
        "postgresql://ann:x@s3cret@127.0.0.1/shop",
        "postgresql://ann:x/s3cret@127.0.0.1:9/shop",
        "postgresql://ann:x?s3cret@127.0.0.1:9/shop",
        "postgresql://ann@127.0.0.1:9/shop?password=%s3cret",
    ],
)
def test_one_that_cannot_be_opened_is_told_without_its_password(address: str) -> None:
    with pytest.raises(SetupError, match=r"(?s)^postgresql://ann@.*Have db name a PostgreSQL database") as told:
        LLM_FSM(FORM, "offline", db=address)
    assert "s3cret" not in str(told.value)
    assert "s3cret" not in repr(told.value.__cause__)


def test_a_password_like_the_user_hides_nothing_that_the_server_says() -> None:
    with pytest.raises(SetupError, match="Connection refused"):
        open_database("postgresql://failed:failed@127.0.0.1:9/shop")


def test_a_password_that_ends_too_early_is_told_how_to_be_written() -> None:
    with pytest.raises(SetupError, match="write @ as %40"):
        open_database("postgresql://ann:s3@cret@127.0.0.1:9/shop")


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("mysql://ann:s3cret@db/shop", "an address that begins with mysql:"),
        ("postgresql+psycopg://ann:s3cret@db/shop", "an address that begins with postgresql+psycopg:"),
        ("PostgreSQL://ann:s3cret@db/shop", "an address that begins with PostgreSQL:"),
        (" postgresql://ann:s3cret@db/shop", "an address that begins with postgresql:"),
        ("postgresql:/ann:s3cret@db/shop", "an address that begins with postgresql:"),
        ("sqlite:///talks.sqlite", "an address that begins with sqlite:"),
        ("host=db user=ann password=s3cret", "an address in keywords"),
    ],
)
def test_another_address_is_no_file_and_is_told_without_its_password(address: str, found: str) -> None:
    with pytest.raises(SetupError, match=r"Name PostgreSQL by postgresql://") as told:
        LLM_FSM(FORM, "offline", db=address)
    assert f"db: {found} is not one that can be opened" in str(told.value)
    assert "s3cret" not in str(told.value)
    assert "s3cret" not in without_password(address)


def test_a_file_of_another_kind_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "talks.csv"
    path.write_text("user,message\n")
    with pytest.raises(SetupError, match=r"talks\.csv: it is no SQLite database\.\n  Have db name one"):
        open_database(path)
    path.write_text("")
    open_database(path).close()


def test_without_the_driver_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsm_langgraph.conversation.postgres_database", None)
    with pytest.raises(SetupError, match=r"pip install 'fsm-langgraph\[postgres\]'"):
        open_database(NOWHERE)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="Have db name a file in a folder that exists"):
        open_database(tmp_path / "gone" / "talks.sqlite")


def test_a_file_is_read_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "talks.sqlite"
    with LLM_FSM(FORM, "offline", db=path) as fsm, closing(sqlite3.connect(path)) as other:
        fsm.converse("", "c")
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        other.execute("BEGIN IMMEDIATE")
        assert fsm.get_current_state("c") == "ask_name"


def test_a_file_that_is_opened_twice_keeps_what_is_written_when_another_process_ends(tmp_path: Path) -> None:
    path, another = tmp_path / "talks.sqlite", "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute(sys.argv[2])"
    with LLM_FSM(FORM, "offline", db=path) as fsm:
        fsm.converse("", "c")
        LLM_FSM(FORM, "offline", db=path).close()
        subprocess.run([sys.executable, "-c", another, path, "SELECT count(*) FROM checkpoints"], check=True)  # noqa: S603 - our own
        fsm.converse("Ann", "c")
        with LLM_FSM(FORM, "offline", db=path) as later:
            assert later.get_messages("c") == fsm.get_messages("c")
        assert (tmp_path / "talks.sqlite-wal").exists()  # else it would be written into a file without a name


def test_a_file_that_is_damaged_is_told_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "talks.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE checkpoints (type)")
    path.write_bytes(path.read_bytes()[:100] + bytes(range(256)) * 40)
    with pytest.raises(StorageError, match="the database of the conversations failed: DatabaseError: "):
        LLM_FSM(FORM, "offline", db=path)

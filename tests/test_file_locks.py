"""A conversation in a SQLite file is locked for other processes, until its own dies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fsm_langgraph import StorageError
from fsm_langgraph.locking.file_locks import file_locks

LOCKING = """
import sys
from fsm_langgraph.locking.file_locks import file_locks
print(file_locks(sys.argv[1]).lock("a") is not None, flush=True)
sys.stdin.read()
"""


def in_another_process(database: str) -> subprocess.Popen[str]:
    """Lock the conversation `a` in another process, which has it until it is killed."""
    return subprocess.Popen(  # noqa: S603 - this very Python
        [sys.executable, "-c", LOCKING, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_a_lock_goes_with_its_process_however_that_ends(tmp_path: Path) -> None:
    database = str(tmp_path / "talks.sqlite")
    locks = file_locks(database)
    with in_another_process(database) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"

        assert locks.lock("a") is None
        token = locks.lock("b")
        assert token is not None

        other.kill()
        other.wait()
        assert locks.lock("a") is not None
        locks.unlock("a", token)
        locks.unlock("b", token)


def test_one_that_was_freed_is_to_be_had_by_another_process(tmp_path: Path) -> None:
    database = str(tmp_path / "talks.sqlite")
    locks = file_locks(database)
    a, b = locks.lock("a"), locks.lock("b")
    locks.unlock("a", a)
    with in_another_process(database) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        other.kill()
    locks.unlock("b", b)


def test_the_process_has_one_lock_of_a_name(tmp_path: Path) -> None:
    locks = file_locks(str(tmp_path / "talks.sqlite"))
    token = locks.lock("a")
    assert locks.lock("a") is None
    assert file_locks(str(tmp_path / "talks.sqlite")) is locks
    locks.unlock("a", token)
    token = locks.lock("a")
    assert token is not None
    locks.unlock("a", token)


def test_nothing_is_open_while_nothing_is_locked(tmp_path: Path) -> None:
    locks = file_locks(str(tmp_path / "talks.sqlite"))
    locks.unlock("a", locks.lock("a"))
    assert locks._file is None
    assert (tmp_path / "talks.sqlite.lock").stat().st_size == 0


FORKING = """
import os, sys
from fsm_langgraph.locking.file_locks import file_locks
locks = file_locks(sys.argv[1])
token = locks.lock("a")
child = os.fork()
if child == 0:
    os._exit(0 if locks._file is None and locks.lock("a") is None else 1)
print(os.waitpid(child, 0)[1], file_locks(sys.argv[1]).lock("a"))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_forked_process_has_none_of_its_parents(tmp_path: Path) -> None:
    told = subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-c", FORKING, str(tmp_path / "talks.sqlite")], capture_output=True, text=True, check=True
    )
    assert told.stdout == "0 None\n"


def test_whoever_may_write_the_database_may_lock_it(tmp_path: Path) -> None:
    database = tmp_path / "talks.sqlite"
    database.touch()
    database.chmod(0o664)
    locks = file_locks(str(database))
    locks.unlock("a", locks.lock("a"))
    assert (tmp_path / "talks.sqlite.lock").stat().st_mode & 0o777 == 0o664


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"(?s)talks\.sqlite\.lock, which failed: .*folder that can be written"):
        file_locks(str(tmp_path / "gone" / "talks.sqlite")).lock("a")

"""Many write to one conversation at once, in one process or in several; no turn is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from crash.writers import THREAD, all_of, diary, in_processes, in_threads_and_tasks, kept
from crash.zygote import Zygote
from machines import given

pytestmark = pytest.mark.xdist_group("crash")  # one process that forks, and one database server

WRITERS, TURNS = 20, 20


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote() as made:
        yield made


def test_threads_and_tasks_of_a_process_lose_nothing() -> None:
    fsm = diary()
    in_threads_and_tasks(fsm, WRITERS, TURNS)
    assert kept(fsm) == all_of(WRITERS, TURNS)


def test_two_objects_with_one_checkpointer_lose_nothing() -> None:
    one = diary()
    other = diary(checkpointer=one.graph.checkpointer)
    threads = [threading.Thread(target=_write, args=(fsm, at)) for at, fsm in enumerate([one, other])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept(one) == all_of(2, TURNS)


def _write(fsm: object, writer: int) -> None:
    graph = fsm.graph
    for number in range(TURNS):
        graph.invoke(given(f"w{writer} {number}"), {"configurable": {"thread_id": THREAD}})


@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
def test_processes_that_share_a_database_lose_nothing(
    database: str, zygote: Zygote, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    address = request.getfixturevalue("postgres") if database == "PostgreSQL" else str(tmp_path / "talks.db")
    assert zygote.call(in_processes, address, WRITERS, TURNS) == all_of(WRITERS, TURNS)

"""Many write to one conversation at once, in one process or in several; no turn is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from crash.writers import all_of, diary, in_processes, in_threads_and_tasks, kept
from crash.zygote import Zygote


def test_threads_and_tasks_with_one_checkpointer_lose_nothing() -> None:
    one = diary()
    other = diary(checkpointer=one.graph.checkpointer, store=one.graph.store)
    assert in_threads_and_tasks([one, other], 20, 20) == 400
    assert kept(one) == all_of(20, 20)


@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
def test_processes_that_share_a_database_lose_nothing(
    database: str, zygote: Zygote, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    is_server = database == "PostgreSQL"
    address = request.getfixturevalue("postgres") if is_server else str(tmp_path / "talks.db")
    assert zygote.call(in_processes, address, 20, 20) == all_of(20, 20)


def test_what_is_sent_again_after_a_refusal_is_kept() -> None:
    fsm = diary(busy="reject")
    assert in_threads_and_tasks([fsm], 6, 5) == 30
    assert kept(fsm) == all_of(6, 5)


def test_a_message_whose_turn_is_superseded_is_read_with_the_next() -> None:
    fsm = diary(busy="latest", pause=0.002, history_limit=40, messages_limit=80)
    answered = in_threads_and_tasks([fsm], 6, 5)
    assert 0 < answered < 30
    assert kept(fsm) == all_of(6, 5, answers=answered)

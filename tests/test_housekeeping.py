"""A database of conversations is listed, its conversations are deleted and pruned, and none is cut in a turn."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from kept_conversations import config, database, held, say
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from machines import FORM, machine, state

from fsm_langgraph import (
    LLM_FSM,
    ArgumentError,
    ConversationOverview,
    SetupError,
    TurnConflict,
    compact_database,
    compile_fsm,
    delete_conversations,
    list_conversations,
    prune_conversations,
    prune_history,
)

OTHER = machine(state("hello"), name="Greeter")
NOTHING = timedelta(0)


@pytest.fixture(params=["sqlite", "postgres"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    """A database of either kind, with two conversations of one machine and one of another."""
    for made in database(request, tmp_path):
        with held(made) as fsm:
            say(fsm, "over", "Ann", "a@b.org")
            say(fsm, "open", "hm")
        with LLM_FSM(OTHER, "offline", db=made) as other:
            other.converse("", "greeted")
        yield made


def ids(found: list[ConversationOverview]) -> list[str]:
    return [each.conversation for each in found]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({}, ["greeted", "open", "over"]),
        ({"machine": "test"}, ["open", "over"]),
        ({"machine": "Test"}, []),
        ({"ended": True}, ["greeted", "over"]),
        ({"ended": False}, ["open"]),
        ({"older_than": NOTHING}, ["greeted", "open", "over"]),
        ({"older_than": timedelta(days=1)}, []),
        ({"limit": 2}, ["greeted", "open"]),
        ({"machine": "test", "limit": 1}, ["open"]),
    ],
    ids=str,
)
def test_conversations_are_listed(db: str | Path, chosen: dict[str, Any], found: list[str]) -> None:
    assert ids(list_conversations(db, **chosen)) == found


def test_a_holder_lists_those_of_its_machine(db: str | Path) -> None:
    with held(db) as fsm:
        assert ids(fsm.list_conversations()) == ids(asyncio.run(fsm.alist_conversations())) == ["open", "over"]
        assert ids(fsm.list_conversations(ended=True)) == ["over"]
        assert ids(list_conversations(fsm.graph)) == ["greeted", "open", "over"]


def test_their_bytes_are_counted_where_that_is_asked_for(db: str | Path) -> None:
    assert {each.bytes for each in list_conversations(db)} == {None}
    small, large = (each.bytes for each in list_conversations(db, machine="test", with_bytes=True))
    assert 1000 < (small or 0) < (large or 0) < 100_000


def test_conversations_are_deleted_with_all_that_they_hold(db: str | Path) -> None:
    with held(db, messages_limit=4, history_limit=1) as fsm:
        say(fsm, "open", *map(str, range(8)))
        assert delete_conversations(db, ["open", "nobody", "open"]) == ["open"]
        assert ids(list_conversations(db)) == ["greeted", "over"]
        assert fsm.graph.store is not None
        assert fsm.graph.store.search(("fsm_messages",)) == []


def test_a_conversation_with_a_turn_under_way_is_waited_for(db: str | Path) -> None:
    with held(db) as fsm:
        _, pieces = fsm.stream("more", "open")
        next(iter(pieces))
        with pytest.raises(TurnConflict):
            delete_conversations(db, ["open"], patience=0.01)
        assert "".join(pieces)
        assert delete_conversations(db, ["open"]) == ["open"]


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({"ended": True}, ["open"]),
        ({"machine": "Greeter"}, ["open", "over"]),
        ({"older_than": timedelta(days=1)}, ["greeted", "open", "over"]),
        ({"keep": 1}, ["greeted"]),
        ({"ended": True, "keep": 1}, ["greeted", "open"]),
        ({"keep": 0}, []),
    ],
    ids=str,
)
def test_conversations_of_a_kind_are_pruned(db: str | Path, chosen: dict[str, Any], left: list[str]) -> None:
    deleted = prune_conversations(db, **chosen)
    assert ids(list_conversations(db)) == left
    assert sorted([*ids(deleted), *left]) == ["greeted", "open", "over"]


def test_a_conversation_with_a_turn_under_way_is_not_pruned(db: str | Path) -> None:
    with held(db) as fsm:
        say(fsm, "open", *map(str, range(5)))
        _, pieces = fsm.stream("more", "open")
        next(iter(pieces))
        assert ids(prune_conversations(db, keep=0)) == ["greeted", "over"]
        assert prune_history(db, 1) == {}
        assert "".join(pieces)
        assert len(fsm.get_messages("open")) == 14
        assert prune_history(db, 1, conversation_ids=["over"]) == {}
        assert prune_history(db, 1, dry_run=True) == prune_history(db, 1)
        assert prune_history(db, 1) == {}


def test_everything_is_pruned_only_where_that_is_said(tmp_path: Path) -> None:
    with held(tmp_path / "talks.sqlite") as fsm:
        say(fsm, "1", "hm")
        with pytest.raises(ArgumentError, match="keep=0 deletes all"):
            prune_conversations(fsm)


@pytest.mark.parametrize("turns", [0, -1, "3", None])
def test_one_turn_stays_at_least(tmp_path: Path, turns: Any) -> None:
    with pytest.raises(ArgumentError, match="Keep one turn or more"):
        prune_history(tmp_path / "talks.sqlite", turns)


def test_a_database_is_compacted(db: str | Path) -> None:
    with held(db) as fsm:
        say(fsm, "open", *map(str, range(6)))
        prune_history(fsm, 1)
        compact_database(db)
        say(fsm, "open", "more")
        assert len(fsm.get_messages("open")) == 16


def test_a_file_shrinks_and_nothing_of_what_was_deleted_is_left_in_it(tmp_path: Path) -> None:
    file = tmp_path / "talks.sqlite"
    with held(file) as fsm:
        say(fsm, "1", *(f"A pseudonym {number} " + "word " * 200 for number in range(8)))
    before = file.stat().st_size
    with held(file) as fsm:
        fsm.delete_conversation("1")
    assert b"pseudonym" not in file.read_bytes()
    compact_database(file)
    assert file.stat().st_size < before / 4


def test_memory_is_listed_and_pruned_of_whole_conversations() -> None:
    with held(None) as fsm:
        say(fsm, "1", *"abc")
        say(fsm, "2", "a")
        assert ids(fsm.list_conversations(with_bytes=True)) == ["2", "1"]
        assert ids(prune_conversations(fsm, keep=1)) == ["1"]
        say(fsm, "2", *"bcdef")
        with pytest.raises(SetupError, match="InMemorySaver: it deletes whole conversations"):
            prune_history(fsm, 1)
        compact_database(fsm)


async def test_the_file_of_an_event_loop_is_listed(tmp_path: Path) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "talks.sqlite")) as saver:
        fsm = LLM_FSM(FORM, "offline", checkpointer=saver)
        await fsm.aconverse("", "1")
        assert ids(await fsm.alist_conversations()) == ["1"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere.sqlite", "there is no such file"),
        ("text.sqlite", "it is no SQLite file that can be read"),
        ("empty.sqlite", "it holds no conversations"),
        ("mysql://host/name", "is not one that can be opened"),
    ],
)
def test_what_holds_no_conversations_is_told_and_left_as_it_is(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "text.sqlite").write_text("Dear diary, " * 100)
    with closing(sqlite3.connect(tmp_path / "empty.sqlite")) as connection:
        connection.execute("CREATE TABLE notes (text)")
    with pytest.raises(SetupError, match=told):
        list_conversations(name if ":" in name else tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.sqlite", "text.sqlite"]


@pytest.mark.parametrize("holder", [None, 3, InMemorySaver()])
def test_what_is_no_holder_is_told(holder: Any) -> None:
    with pytest.raises(SetupError, match="not a file, an address, an LLM_FSM or a compiled machine"):
        list_conversations(holder)


def test_a_graph_that_keeps_nothing_is_told() -> None:
    with pytest.raises(SetupError, match="no checkpointer of its own"):
        list_conversations(compile_fsm(FORM, "offline"))


def test_a_deleted_conversation_begins_anew(db: str | Path) -> None:
    delete_conversations(db, ["open"])
    with held(db) as fsm:
        say(fsm, "open", "hm")
        assert len(fsm.graph.get_state(config("open")).values["messages"]) == 2

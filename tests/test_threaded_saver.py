"""Rows that somebody else has put into a file, by every way in which one is opened: none of them runs."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command_line import call
from hostile_rows import FORMS, packed, refused
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from machines import FORM, SEED, reply

from fsm_langgraph import LLM_FSM, ScriptedModel, StoredDataError, conversations, decisions, timeline, turns

CONFIG: Any = {"configurable": {"thread_id": "c"}}
REPLIES = ["Name?", reply("ask_email", "E-mail?", name="Ann")]


def held(db: Path) -> LLM_FSM:
    return LLM_FSM(FORM, ScriptedModel(replies=REPLIES, repeat=True), db=db)


def by(use: Callable[[LLM_FSM], object]) -> Callable[[Path], object]:
    """Make a way to open a file: hold its conversations, and use one."""

    def opening(db: Path) -> object:
        with held(db) as fsm:
            return use(fsm)

    return opening


WAYS: dict[str, Callable[[Path], object]] = {
    "get_data": by(lambda fsm: fsm.get_data("c")),
    "aget_data": by(lambda fsm: asyncio.run(fsm.aget_data("c"))),
    "converse": by(lambda fsm: fsm.converse("Ann", "c")),
    "aconverse": by(lambda fsm: asyncio.run(fsm.aconverse("Ann", "c"))),
    "converse, known by its id": by(lambda fsm: fsm.converse("Ann", "c", message_id="m")),
    "get_messages": by(lambda fsm: fsm.get_messages("c")),
    "get_last_turn": by(lambda fsm: fsm.get_last_turn("c")),
    "end_conversation": by(lambda fsm: fsm.end_conversation("c")),
    "picture": by(lambda fsm: fsm.picture("c")),
    "history": by(lambda fsm: [*fsm.graph.get_state_history(CONFIG)]),
    "update_state": by(lambda fsm: fsm.graph.update_state(CONFIG, {"context": {"name": "Bo"}})),
    "resume": by(lambda fsm: fsm.graph.invoke(None, CONFIG)),
    "turns of an LLM_FSM": by(turns),
    "conversations": conversations,
    "turns": turns,
    "timeline": lambda db: timeline(db, "c"),
    "decisions": decisions,
}


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    db = tmp_path_factory.mktemp("talk") / "talks.sqlite"
    with held(db) as fsm:
        fsm.converse("", "c")
        fsm.converse("Ann", "c")
    return db


@pytest.fixture
def db(talk: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(talk, tmp_path / "talks.sqlite"))


def put(db: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(db)) as connection, connection:
        assert connection.execute(statement, values).rowcount


CHECKPOINT = "UPDATE checkpoints SET type = ?, checkpoint = ?"
WRITE = "UPDATE writes SET type = ?, value = ?"
NEW_WRITE = (
    "INSERT INTO writes SELECT thread_id, checkpoint_ns, max(checkpoint_id), 'a', '~', 0, 'context', ?, ? "
    "FROM checkpoints WHERE checkpoint_ns = ''"
)


@pytest.mark.parametrize("way", ["aconverse", "turns"])
@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_row_runs(form: str, way: str, db: Path) -> None:
    mark = db.with_name("it_ran")
    put(db, CHECKPOINT, *FORMS[form](mark))
    refused(lambda: WAYS[way](db), mark)


@pytest.mark.parametrize("statement", [CHECKPOINT, NEW_WRITE])
@pytest.mark.parametrize("way", WAYS)
def test_a_row_runs_by_no_way(way: str, statement: str, db: Path) -> None:
    mark = db.with_name("it_ran")
    put(db, statement, *FORMS["in a message"](mark))
    error = refused(lambda: WAYS[way](db), mark)
    assert error.conversation_id == "c"
    assert "names 'os.system'" in str(error)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (("--thread", "c"), "it names 'os.system', which is not on the list of what is built."),
        (("--resume",), "there is no conversation to resume"),  # one that cannot be read is passed over
    ],
)
def test_the_command_line_says_so(option: tuple[str, ...], told: str, db: Path) -> None:
    mark = db.with_name("it_ran")
    put(db, CHECKPOINT, *FORMS["positional arguments"](mark))
    called = call("run", SEED, "--db", db, "-m", "offline", *option, lines="Ann\n")
    assert called.exit_code == 1
    assert told in called.stderr
    assert not mark.exists()


@pytest.mark.parametrize(
    "value",
    [
        [],
        "a text",
        {"channel_values": {}},
        {"channel_values": [], "channel_versions": {}, "versions_seen": {}, "ts": "2026"},
        {"channel_values": {}, "channel_versions": {}, "versions_seen": {}, "ts": 1},
    ],
    ids=str,
)
@pytest.mark.parametrize("way", ["get_data", "aconverse", "turns"])
def test_a_row_that_is_no_checkpoint_is_told(way: str, value: Any, db: Path) -> None:
    put(db, CHECKPOINT, *packed(value))
    with pytest.raises(
        StoredDataError, match=r"^conversation 'c': it holds a row that is no checkpoint \(\w+\)\.\n  S"
    ):
        WAYS[way](db)


SHAPELESS: list[tuple[str, Any]] = [
    *(("messages", 5), ("messages", None), ("context", []), ("context", None), ("current_state", {})),
    *((name, []) for name in ("last_turn", "turn", "sub_machine", "older_messages")),
    *((name, "a text") for name in ("last_turn", "turn", "sub_machine", "older_messages")),
]
STORED = {"v": 4, "id": "a", "ts": "2026", "channel_values": {}, "channel_versions": {}, "versions_seen": {}}


@pytest.mark.parametrize(
    ("channel", "value"),
    SHAPELESS,
)
@pytest.mark.parametrize("way", ["get_data", "aconverse", "conversations", "end_conversation"])
def test_a_channel_that_holds_something_else_is_told(way: str, channel: str, value: Any, db: Path) -> None:
    put(db, CHECKPOINT, *packed({**STORED, "channel_values": {"last_turn": {}, channel: value}}))
    with pytest.raises(StoredDataError, match="conversation 'c': it holds a row that is no checkpoint"):
        WAYS[way](db)


@pytest.mark.parametrize("missing", ["v", "id"])
def test_a_row_without_its_version_or_id_is_told(missing: str, db: Path) -> None:
    put(db, CHECKPOINT, *packed({name: value for name, value in STORED.items() if name != missing}))
    with pytest.raises(StoredDataError, match="conversation 'c': it holds a row that is no checkpoint"):
        WAYS["get_data"](db)


def test_an_item_of_the_store_that_is_no_json_is_told(db: Path) -> None:
    with LLM_FSM(
        FORM, ScriptedModel(replies=[reply("ask_name", "Hm?")] * 9), db=db, messages_limit=2, history_limit=1
    ) as fsm:
        for said in ("Ann", "Bo", "Cy"):
            fsm.converse(said, "long", message_id=said)
    put(db, "UPDATE store SET value = '{'")
    with held(db) as fsm, pytest.raises(StoredDataError, match="the store holds an item that is no JSON"):
        fsm.delete_conversation("long")


METADATA = [b"no JSON", b"[]", b"\xff", b'{"step": "x"}', b"[" * 100_000, b'{"lc": 1, "type": "secret", "id": ["PATH"]']


@pytest.mark.parametrize("metadata", METADATA, ids=range(6))
def test_metadata_that_is_none_is_told(metadata: bytes, db: Path) -> None:
    put(db, "UPDATE checkpoints SET metadata = ?", metadata)
    with pytest.raises(StoredDataError, match="conversation 'c': it holds a row that is no checkpoint"):
        WAYS["get_data"](db)


def test_of_many_the_one_that_cannot_be_read_is_named(db: Path) -> None:
    with held(db) as fsm:
        for name in ("a", "z"):
            fsm.converse("", name)
    put(db, CHECKPOINT + " WHERE thread_id = 'a'", *FORMS["pickle"](db.with_name("it_ran")))
    with pytest.raises(StoredDataError, match=r"^conversation 'a': it holds data in the format 'pickle'"):
        conversations(db)


def test_other_conversations_go_on_and_the_hostile_one_can_be_deleted(db: Path) -> None:
    with held(db) as fsm:
        fsm.converse("", "other")
    put(db, CHECKPOINT + " WHERE thread_id = 'c'", *FORMS["pickle"](db.with_name("it_ran")))
    with held(db) as fsm:
        assert fsm.converse("Ann", "other")[1] == "E-mail?"
        fsm.delete_conversation("c")
    assert [*conversations(db)["conversation"]] == ["other"]


def test_a_file_that_langgraph_has_written_is_read(tmp_path: Path) -> None:
    """Earlier releases have opened files with LangGraph's own serializer."""
    with closing(sqlite3.connect(tmp_path / "talks.sqlite", check_same_thread=False)) as connection:
        saver = SqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=True))
        LLM_FSM(FORM, ScriptedModel(replies=REPLIES), checkpointer=saver).converse("", "c")
    assert WAYS["aconverse"](tmp_path / "talks.sqlite") == ("c", "E-mail?")
    assert WAYS["get_data"](tmp_path / "talks.sqlite") == {"name": "Ann"}

"""How a stored conversation stands, by its newest checkpoint alone, with its definition and without."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from handling import handling, plain
from kept_conversations import config, held, say
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import interrupt
from machines import FORM, SHOP, reply

from fsm_langgraph import (
    LLM_FSM,
    HandlerError,
    ScriptedModel,
    delete_conversations,
    export_conversations,
    list_conversations,
    prune_history,
)
from fsm_langgraph.conversation.keeping.checkpoint_rows import time_of
from fsm_langgraph.conversation.keeping.overview import ConversationOverview, OutlineSerializer, outlined

PAYING = ["Item?", reply("payment", "Card?", item="book"), reply("code", "Code?", card="4711")]


def failing(event: Any) -> None:
    if event.message == "fail":
        raise ConnectionError("no")


def asking(event: Any) -> Any:
    return {"note": interrupt("May I?")} if event.message == "ask" else None


def overviews(tmp_path: Path, *said: str, definition: Any = FORM, **options: Any) -> list[ConversationOverview]:
    """Hold a conversation; return how it stands, as its holder and as its file alone tells."""
    file = tmp_path / "talks.sqlite"
    with held(file, definition, **options) as fsm:
        for text in said:
            if text == "close":
                fsm.end_conversation("1")
                continue
            try:
                fsm.converse(text, "1")
            except HandlerError:
                continue
        return [*fsm.list_conversations(), *list_conversations(file)]


@pytest.mark.parametrize(
    ("said", "status", "state", "turns", "messages"),
    [
        (["hm"], "waiting", "ask_name", 1, 2),
        (["hm", "Ann"], "waiting", "ask_email", 2, 4),
        (["Ann", "a@b.org"], "ended", "done", 2, 4),
        (["Ann", "a@b.org", "bye"], "ended", "done", 3, 6),
        (["hm", "close"], "closed", "ask_name", 1, 2),
        (["hm", "fail"], "failed", "ask_name", 1, 3),
        (["fail"], "failed", None, None, 1),
        (["hm", "ask"], "paused", "ask_name", 1, 3),
        (["hm", "fail", "Ann"], "waiting", "ask_email", 2, 5),
    ],
    ids=lambda each: "-".join(each) if isinstance(each, list) else None,
)
def test_a_conversation_stands(
    tmp_path: Path, said: list[str], status: str, state: str | None, turns: int | None, messages: int
) -> None:
    handlers = handling(plain, failing, "PRE_PROCESSING")
    handlers.on("CONTEXT_UPDATE", "POST_PROCESSING")(asking)
    known, alone = overviews(tmp_path, *said, handlers=handlers)
    assert known == alone
    assert (known.status, known.state, known.turns, known.messages) == (status, state, turns, messages)
    assert known.machine == "test"
    assert known.is_over == (status in ("ended", "closed"))


def test_one_in_a_sub_machine_stands_at_its_path(tmp_path: Path) -> None:
    model = ScriptedModel(replies=PAYING)
    for found in overviews(tmp_path, "", "a book", "4711", definition=SHOP, model=model):
        assert (found.state, found.status) == ("payment/code", "waiting")


def test_its_older_messages_are_counted_too(tmp_path: Path) -> None:
    known, alone = overviews(tmp_path, *map(str, range(20)), messages_limit=6, history_limit=2)
    assert known.messages == alone.messages == 40


def test_a_turn_that_has_begun_is_in_flight(tmp_path: Path) -> None:
    with held(tmp_path / "talks.sqlite") as fsm:
        say(fsm, "1", "hm")
        _, pieces = fsm.stream("Ann", "1")
        next(iter(pieces))
        assert fsm.list_conversations()[0].status == "in flight"


def test_a_final_state_that_a_failing_turn_was_answered_in_is_one_still(tmp_path: Path) -> None:
    handlers = handling(plain, failing, "PRE_PROCESSING", "START_CONVERSATION")
    handlers.on("ERROR")(lambda _: "Sorry!")
    said = ["Ann", "a@b.org", "fail"]
    assert [found.status for found in overviews(tmp_path, *said, handlers=handlers)] == ["ended", "ended"]


def test_the_times_are_those_of_the_first_and_the_newest_checkpoint(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    known, _ = overviews(tmp_path, "hm", "Ann")
    assert known.began is not None
    assert before - timedelta(milliseconds=1) <= known.began <= known.last <= datetime.now(UTC)


def test_the_time_is_in_a_checkpoints_id() -> None:
    made = empty_checkpoint()
    read = time_of(made["id"])
    assert read is not None
    assert abs(read - datetime.fromisoformat(made["ts"])) < timedelta(seconds=5)
    assert time_of("1") is None
    assert time_of("00000000-0000-4000-8000-000000000000") is None


def test_threads_of_other_graphs_are_no_conversations() -> None:
    saver = InMemorySaver()
    builder = StateGraph(MessagesState)
    builder.add_node("say", lambda _: {"messages": [("ai", "Hi")]})
    builder.add_edge(START, "say")
    builder.compile(saver).invoke({"messages": [("user", "Hi")]}, config("other"))  # type: ignore[call-overload]  # its own types
    with LLM_FSM(FORM, "offline", checkpointer=saver) as fsm:
        fsm.converse("", "ours")
        assert [found.conversation for found in list_conversations(fsm.graph)] == ["ours"]


def test_nothing_of_a_row_is_built() -> None:
    fsm = held(None)
    say(fsm, "1", "hm")
    saver: Any = fsm.graph.checkpointer
    values = outlined(saver).get_tuple(config("1")).checkpoint["channel_values"]  # type: ignore[union-attr]  # it is there
    assert values["messages"] == [None, None]
    assert values["current_state"] == "ask_name"
    assert saver.get_tuple(config("1")).checkpoint["channel_values"]["messages"][0].text == "hm"


def test_a_format_that_can_hold_anything_is_not_read() -> None:
    assert (
        OutlineSerializer().loads_typed(("json", b'{"lc": 2, "type": "constructor", "id": ["os", "getcwd"]}')) is None
    )
    assert OutlineSerializer().loads_typed(("pickle", b"cos\ngetcwd\n(tR.")) is None


def test_one_that_is_encrypted_is_read_by_its_own_serializer() -> None:
    saver = InMemorySaver(serde=EncryptedSerializer.from_pycryptodome_aes(key=b"0123456789abcdef"))
    with LLM_FSM(FORM, "offline", checkpointer=saver) as fsm:
        fsm.converse("", "1")
        assert fsm.list_conversations()[0].state == "ask_name"


@pytest.mark.parametrize(
    ("form", "row"),
    [
        ("msgpack", b"\xc1"),
        ("msgpack", b"\x01"),
        ("msgpack", b"\x80"),
        ("json", b'{"lc": 2, "type": "constructor", "id": ["os", "getcwd"]}'),
        ("pickle", b"cos\ngetcwd\n(tR."),
        ("msgpack+aes", b"0123456789abcdef0123456789abcdef0123456789abcdef"),
    ],
)
def test_one_that_cannot_be_read_is_listed_and_can_be_deleted(tmp_path: Path, form: str, row: bytes) -> None:
    file = tmp_path / "talks.sqlite"
    with held(file) as fsm:
        say(fsm, "1", *"abcde")
        say(fsm, "2", *"abcde")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE checkpoints SET type = ?, checkpoint = ? WHERE thread_id = '1'", [form, row])
    assert [(each.conversation, each.status) for each in list_conversations(file)] == [
        ("2", "waiting"),
        ("1", "unreadable"),
    ]
    assert [each["messages"] != [] for each in export_conversations(file)] == [True, False]
    assert [*prune_history(file, 1)] == ["2"]
    assert delete_conversations(file, ["1"]) == ["1"]

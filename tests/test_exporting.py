"""Conversations as JSON data: all that is stored of them, and no secret value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from handling import handling, plain
from kept_conversations import config, held, say
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.store.memory import InMemoryStore
from langgraph.types import interrupt
from machines import DECLARED, SHOP, reply

from fsm_langgraph import ConversationError, HandlerError, ScriptedModel, export_conversations, prune_history

MEMBERS = [
    *("version", "conversation", "machine", "revision", "fingerprint", "state", "status", "began", "last"),
    *("context", "messages", "missing", "turns"),
]


def exported(db: Any, *ids: str, **options: Any) -> list[dict[str, Any]]:
    """Export conversations, and read them back from JSON."""
    return [json.loads(json.dumps(each)) for each in export_conversations(db, ids or None, **options)]


def test_a_conversation_is_exported_whole(tmp_path: Path) -> None:
    file = tmp_path / "talks.sqlite"
    with held(file) as fsm:
        say(fsm, "1", "hm", "Ann", "a@b.org")
    (found,) = exported(file)
    assert [*found] == MEMBERS
    assert (found["version"], found["conversation"], found["status"], found["state"]) == (1, "1", "ended", "done")
    assert found["context"] == {"name": "Ann", "email": "a@b.org"}
    assert [(each["role"], each["content"]) for each in found["messages"]] == [
        ("user", "hm"),
        ("assistant", "You said hm."),
        ("user", "Ann"),
        ("assistant", "Your e-mail?"),
        ("user", "a@b.org"),
        ("assistant", "Bye!"),
    ]
    assert [(each["number"], each["user"], each["answer"], each["error"]) for each in found["turns"]] == [
        (1, "hm", "You said hm.", ""),
        (2, "Ann", "Your e-mail?", ""),
        (3, "a@b.org", "Bye!", ""),
    ]
    assert found["turns"][1]["changes"] == {"name": [None, "Ann"]}
    assert found["turns"][1]["record"]["path"] == ["ask_name", "ask_email"]


def test_conversations_are_exported_in_the_order_of_their_ids_or_the_newest_first(tmp_path: Path) -> None:
    with held(tmp_path / "talks.sqlite") as fsm:
        for name in ("a", "b", "c"):
            say(fsm, name, "hm")
        assert [each["conversation"] for each in exported(fsm)] == ["c", "b", "a"]
        assert [each["conversation"] for each in exported(fsm, "a", "c")] == ["a", "c"]


def test_an_unknown_one_is_told(tmp_path: Path) -> None:
    with held(tmp_path / "talks.sqlite") as fsm:
        say(fsm, "1", "hm")
        with pytest.raises(ConversationError, match="'2': there is no such conversation"):
            exported(fsm, "1", "2")


def test_its_older_messages_are_there_also_where_their_turns_are_pruned(tmp_path: Path) -> None:
    with held(tmp_path / "talks.sqlite", messages_limit=6, history_limit=2) as fsm:
        say(fsm, "1", *map(str, range(12)))
        prune_history(fsm, 2)
        (found,) = exported(fsm)
    assert len(found["messages"]) == 24
    assert [each["user"] for each in found["turns"]][-2:] == ["10", "11"]


def test_messages_that_are_not_to_be_had_are_counted() -> None:
    store = InMemoryStore()
    with held(None, messages_limit=6, history_limit=2) as fsm:
        say(fsm, "1", *map(str, range(12)))
        fsm.graph.store = store
        (found,) = exported(fsm)
    assert found["missing"] + len(found["messages"]) == 24
    assert found["missing"] > 0


def test_secret_values_are_masked_by_their_definition_and_tokens_always(tmp_path: Path) -> None:
    file, token = tmp_path / "talks.sqlite", f"fsm-secret-{'0' * 32}"
    with held(file, DECLARED) as fsm:
        fsm.converse("hm", "1", {"token": "s3cret", "customer": token})
        (known,) = exported(fsm)
    (given,) = exported(file, definition=DECLARED)
    (alone,) = exported(file)
    assert known["context"] == given["context"] == {"plan": "free", "token": "•••", "customer": "•••"}
    assert known["turns"][0]["changes"] == given["turns"][0]["changes"]
    assert "s3cret" not in json.dumps([known, given])
    assert alone["context"]["customer"] == "•••"


def test_the_data_of_a_sub_machine_is_told_by_its_paths() -> None:
    paying = ["Item?", reply("payment", "Card?", item="book"), reply("code", "Code?", card="4711")]
    with held(None, SHOP, model=ScriptedModel(replies=paying)) as fsm:
        say(fsm, "1", "", "a book", "4711")
        (found,) = exported(fsm)
    assert found["state"] == "payment/code"
    assert found["context"] == {"item": "book", "payment/item": "book", "payment/card": "4711"}


def test_a_turn_that_failed_has_no_record_and_tells_why_in_words() -> None:
    def fail(event: Any) -> None:
        raise ConnectionError(event.message)

    with held(None, handlers=handling(plain, fail, "PRE_PROCESSING")) as fsm:
        with pytest.raises(HandlerError) as raised:
            fsm.converse("hm", "1")
        (found,) = exported(fsm)
    (turn,) = found["turns"]
    assert (found["status"], turn["outcome"], turn["record"]) == ("failed", "failed", None)
    assert turn["error"] == f"HandlerError: {raised.value}"


def test_a_paused_turn_has_no_record_and_tells_its_question(tmp_path: Path) -> None:
    file = tmp_path / "talks.sqlite"
    with held(file, handlers=handling(plain, lambda _: interrupt("May she?"), "PRE_TRANSITION")) as fsm:
        say(fsm, "1", "hm")
        fsm.graph.invoke({"messages": [("user", "Ann")]}, config("1"))
    (found,) = exported(file)
    landed, paused = found["turns"]
    assert (landed["outcome"], landed["error"], landed["record"]["why"]) == ("landed", "", "stayed")
    assert (found["status"], paused["outcome"], paused["record"]) == ("paused", "paused", None)
    assert (paused["state"], paused["user"], paused["error"]) == ("ask_name", "Ann", "waits for a person: May she?")


def test_a_turn_that_was_given_up_for_another_message_waits_no_more() -> None:
    def ask(event: Any) -> None:
        if event.message == "Ann":
            interrupt("May she?")

    with held(None, handlers=handling(plain, ask, "PRE_PROCESSING")) as fsm:
        fsm.converse("Ann", "1")
        fsm.converse("or rather not", "1")
        (found,) = exported(fsm)
    given_up, landed = found["turns"]
    assert (given_up["outcome"], given_up["record"], landed["outcome"]) == ("given up", None, "landed")
    assert given_up["error"] == "waits for a person: May she?; given up for another message"


def test_all_the_questions_of_a_turn_are_told(tmp_path: Path) -> None:
    file = tmp_path / "talks.sqlite"
    asking = StateGraph(MessagesState)
    asking.add_node("left", lambda _: interrupt("left?"))
    asking.add_node("right", lambda _: interrupt("right?"))
    asking.add_edge(START, "left")
    asking.add_edge(START, "right")
    both = asking.compile()
    with held(file, handlers=handling(plain, lambda _: both.invoke({"messages": []}), "PRE_TRANSITION")) as fsm:
        fsm.converse("Ann", "1")
        assert sorted(fsm.get_questions("1")) == ["left?", "right?"]
    (found,) = exported(file)
    assert {"left?", "right?"} == {*found["turns"][-1]["error"].removeprefix("waits for a person: ").split("; ")}


def test_a_turn_that_failed_after_its_answer_is_told_as_failed(tmp_path: Path) -> None:
    file = tmp_path / "talks.db"
    handlers = handling(plain, lambda _: {"answer": 1 / interrupt("How many?")}, "PRE_TRANSITION")
    with held(file, handlers=handlers) as fsm:
        say(fsm, "1", "hm")
        fsm.converse("Ann", "1")
        with pytest.raises(HandlerError):
            fsm.answer(0, "1")
    (found,) = exported(file)
    assert (found["status"], found["turns"][-1]["outcome"]) == ("failed", "failed")
    assert "ZeroDivisionError" in found["turns"][-1]["error"]


def test_a_turn_that_a_handler_answered_for_has_landed() -> None:
    model = ScriptedModel(replies=["no JSON"], repeat=True)
    with held(None, model=model, handlers=handling(plain, lambda _: "Sorry!", "ERROR")) as fsm:
        say(fsm, "1", "hm")
        (found,) = exported(fsm)
    (turn,) = found["turns"]
    assert (turn["outcome"], turn["error"], turn["answer"], turn["record"]["why"]) == ("landed", "", "Sorry!", "failed")

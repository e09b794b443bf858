"""Stored conversations as tables: what is read of them, from where, and what is not."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from handling import handling, plain
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import interrupt
from machines import CARD, CONFIG, DECLARED, DRIVERS, FORM, SHOP, Drive, Json, Talk, given, machine, reply, state, to

from fsm_langgraph import LLM_FSM, ScriptedModel, TurnError, compile_fsm, conversations, decisions, timeline, turns
from fsm_langgraph.conversation.sqlite_file import SqliteFile
from fsm_langgraph.exploring import ExploringError

ANN = ["Your name?", reply("ask_email", "Your e-mail?", name="Ann"), reply("done", "Bye!", email="a@b.org")]
PAYING = ["Item?", reply("payment", "Card?", item="book"), reply("code", "Code?", card="4711")]


def in_memory(_: Path) -> BaseCheckpointSaver[Any]:
    return InMemorySaver()


def in_a_file(folder: Path) -> BaseCheckpointSaver[Any]:
    return SqliteFile(folder / "talk.db")


@pytest.fixture(params=[in_memory, in_a_file])
def saver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BaseCheckpointSaver[Any]]:
    """A checkpointer that keeps the conversations."""
    made = request.param(tmp_path)
    yield made
    if isinstance(made, SqliteFile):
        made.close()


def rows(table: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Return these columns of a table, row by row."""
    return [*table[[*columns]].itertuples(index=False, name=None)]


def talk_of(definition: Json, replies: list[Any], *said: str, **options: Any) -> Talk:
    """Hold a conversation in which the machine speaks first; turns that fail go by."""
    talk = Talk(definition, replies, **options)
    for text in ("", *said):
        with suppress(TurnError):
            talk.say(text)
    return talk


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_turn_is_told_with_what_was_said_and_decided(saver: BaseCheckpointSaver[Any], drive: Drive) -> None:
    talk_of(FORM, ANN, "I am Ann", "a@b.org", saver=saver, drive=drive)

    table = turns(saver)

    assert rows(table, "conversation", "turn", "user", "answer", "state", "landing", "why") == [
        ("1", 1, "", "Your name?", "ask_name", "ask_name", "began"),
        ("1", 2, "I am Ann", "Your e-mail?", "ask_name", "ask_email", "proposed"),
        ("1", 3, "a@b.org", "Bye!", "ask_email", "done", "proposed"),
    ]
    assert rows(table[1:], "path", "proposed", "changed", "changes") == [
        (["ask_name", "ask_email"], "ask_email", ["name"], {"name": (None, "Ann")}),
        (["ask_email", "done"], "done", ["email"], {"email": (None, "a@b.org")}),
    ]
    assert (table["seconds"] > 0).all()
    assert table["time"].is_monotonic_increasing


def test_a_turn_is_told_with_its_calls_and_tokens(saver: BaseCheckpointSaver[Any]) -> None:
    talk = talk_of(FORM, ["Your name?", "no JSON", ANN[1]], "I am Ann", saver=saver)

    table = turns(saver)

    calls = talk.record["model_calls"]
    assert list(table["model_calls"]) == [1, 2]
    assert table["input_tokens"][1] == sum(call["input_tokens"] for call in calls) > 0
    assert table["output_tokens"][1] == sum(call["output_tokens"] for call in calls) > 0
    assert list(table["tool_calls"]) == [0, 0]


def test_what_was_rejected_is_told_with_its_reason() -> None:
    talk = talk_of(DECLARED, ["?", reply("ask_name", also={"age": 7}), "How old?"], "I am seven")

    assert turns(talk.graph)["rejected"][1] == ["age is below 18"]


def test_a_conversation_is_told_in_a_row(saver: BaseCheckpointSaver[Any]) -> None:
    talk_of(FORM, ANN, "I am Ann", "a@b.org", saver=saver)

    (row,) = conversations(saver).to_dict("records")

    told = ("conversation", "definition", "turns", "failed", "state", "ended", "states", "model_calls")
    assert [row[name] for name in told] == ["1", "test", 3, 0, "done", True, 3, 3]
    assert row["began"] < row["last"]
    assert row["input_tokens"] == turns(saver)["input_tokens"].sum()


def test_a_turn_tells_what_has_changed_in_the_definition(saver: BaseCheckpointSaver[Any]) -> None:
    talk_of({**FORM, "revision": "1"}, ["Your name?"], saver=saver)
    talk = Talk({**FORM, "persona": "A pirate"}, [reply("ask_name")], saver=saver)
    talk.say("hm")

    assert list(turns(saver)["definition_change"]) == ["", "revision 1 before"]


def test_a_conversation_tells_the_revision_that_its_last_turn_followed(saver: BaseCheckpointSaver[Any]) -> None:
    talk_of(FORM, ["Your name?"], saver=saver)
    before = list(conversations(saver)["revision"])
    talk_of({**FORM, "revision": "2026-05"}, ["Your name?"], saver=saver)

    assert (before, list(conversations(saver)["revision"])) == ([""], ["2026-05"])


def test_conversations_come_in_the_order_in_which_they_began(saver: BaseCheckpointSaver[Any]) -> None:
    graph = compile_fsm(FORM, ScriptedModel(replies=["Your name?"], repeat=True), checkpointer=saver)
    for thread in ("b", "a", "b", "c"):
        graph.invoke(given(), {"configurable": {"thread_id": thread}})

    assert rows(conversations(saver), "conversation", "turns") == [("b", 2), ("a", 1), ("c", 1)]
    assert list(turns(saver)["conversation"]) == ["b", "b", "a", "c"]
    assert list(turns(saver, "a")["conversation"]) == ["a"]


def test_the_steps_of_a_conversation_are_its_timeline() -> None:
    talk = talk_of(FORM, ANN, "I am Ann")

    assert rows(timeline(talk.graph, "1"), "turn", "step", "state", "why", "closed") == [
        (1, 1, "ask_name", "stayed", {"ask_email": "missing name"}),
        (2, 1, "ask_name", "proposed", {}),
        (2, 2, "ask_email", "stayed", {"done": "missing email"}),
    ]
    assert list(timeline(talk.graph, "1")["target"].dropna()) == ["ask_email"]


def test_every_transition_that_was_weighed_is_told_with_what_closed_it() -> None:
    definition = machine(
        state("ask", to("big", "x", logic={">": [{"var": "x"}, 9]}), to("small", "x"), to("none")),
        *map(state, ("big", "small", "none")),
    )
    talk = talk_of(definition, ["?", reply("big", also={"x": 3}), "Small."], "three")

    assert rows(decisions(talk.graph)[3:], "turn", "state", "target", "open", "taken", "closed_by") == [
        (2, "ask", "big", False, False, "does not hold: logic holds"),
        (2, "ask", "small", True, True, ""),
        (2, "ask", "none", True, False, ""),
    ]


def test_handoffs_are_told_in_every_table() -> None:
    definition = machine(state("ask", to("ask", handoff="desk"), required_context_keys=["x"]))
    talk = talk_of(definition, ["Hm?", reply("again", "Wait.")], "the desk")
    assert rows(turns(talk.graph), "turn", "handoff") == [(1, ""), (2, "desk")]
    assert rows(timeline(talk.graph, "1"), "turn", "handoff")[-1] == (2, "desk")
    assert rows(decisions(talk.graph), "target", "handoff")[-1] == ("ask", "desk")


def test_sub_machines_are_told_in_the_turns_that_ran_them(saver: BaseCheckpointSaver[Any]) -> None:
    replies = [*PAYING, reply("hours"), "At nine. The code?", reply("paid", code="1"), "Thanks!"]
    talk_of(SHOP, replies, "a book", "4711", "when do you open?", "1", saver=saver)

    table = turns(saver)

    assert list(table["landing"]) == ["cart", "payment/card", "payment/code", "hours", "thanks"]
    assert list(table["changes"][1:]) == [
        {"item": (None, "book"), "payment/item": (None, "book")},
        {"payment/card": (None, "4711")},
        {},
        {"paid_by": (None, "4711"), "payment/item": ("book", None), "payment/card": ("4711", None)},
    ]
    taken = decisions(saver).query("taken")
    assert rows(taken, "state", "target") == [
        ("cart", "payment"),
        ("payment/card", "code"),
        ("payment/code", "hours"),
        ("payment/code", "paid"),
        ("payment", "thanks"),
    ]
    assert rows(conversations(saver), "definition", "turns", "state", "ended") == [("test", 5, "thanks", False)]


def test_of_a_forked_conversation_the_main_line_is_told(saver: BaseCheckpointSaver[Any]) -> None:
    bob = reply("ask_email", "And your e-mail, Bob?", name="Bob")
    talk = talk_of(FORM, [*ANN, bob], "I am Ann", "a@b.org", saver=saver)
    past = next(s for s in talk.graph.get_state_history(CONFIG) if not s.next and len(s.values["messages"]) == 1)
    talk.graph.invoke(given("I am Bob"), past.config)

    assert rows(turns(saver), "turn", "user", "changes") == [
        (1, "", {}),
        (2, "I am Bob", {"name": (None, "Bob")}),
    ]
    assert rows(conversations(saver), "state", "ended") == [("ask_email", False)]


def test_a_turn_that_failed_is_told_where_it_stayed(saver: BaseCheckpointSaver[Any]) -> None:
    talk_of(FORM, ["Your name?", "no JSON", "no JSON", ANN[1]], "I am Ann", "I am Ann", saver=saver)

    table = turns(saver)

    assert rows(table, "turn", "user", "answer", "landing", "why", "model_calls") == [
        (1, "", "Your name?", "ask_name", "began", 1),
        (2, "I am Ann", "", "ask_name", "failed", 0),
        (3, "I am Ann", "Your e-mail?", "ask_email", "proposed", 1),
    ]
    assert table["error"][1].startswith("ReplyError")
    assert rows(conversations(saver), "turns", "failed", "states") == [(3, 1, 2)]


def test_a_turn_is_told_with_all_of_its_messages(saver: BaseCheckpointSaver[Any]) -> None:
    own = machine(
        state("hello", to("ask"), silent=True, say="Welcome!"),
        state("ask", to("bye", "x"), required_context_keys=["x"]),
        state("bye", say="Goodbye."),
    )
    talk_of(own, ["X?", "Well, x?", reply("bye", "REFUSED", x=1)], "", "one", saver=saver)

    assert rows(turns(saver), "user", "answer", "said", "landing") == [
        ("", "Welcome!\n\nX?", ["hello"], "ask"),
        ("", "Well, x?", [], "ask"),
        ("one", "Goodbye.", ["bye"], "bye"),
    ]


def test_a_paused_turn_has_not_failed(saver: BaseCheckpointSaver[Any]) -> None:
    asking = handling(plain, lambda _: interrupt("May she?"), "PRE_TRANSITION")
    talk_of(FORM, ANN, "I am Ann", saver=saver, handlers=asking)

    assert rows(turns(saver)[1:], "why", "error") == [("paused", "waits for a person: May she?")]
    assert rows(conversations(saver), "turns", "failed", "at_least") == [(2, 0, True)]


def test_a_turn_that_failed_and_was_resumed_is_one_turn() -> None:
    talk = talk_of(FORM, ["Your name?", "no JSON", "no JSON", ANN[1]], "I am Ann")
    talk.resume()

    assert rows(turns(talk.graph), "turn", "landing", "error") == [(1, "ask_name", ""), (2, "ask_email", "")]


def test_a_conversation_whose_first_turn_failed_is_told(saver: BaseCheckpointSaver[Any]) -> None:
    talk_of(FORM, [PermissionError("key")], saver=saver)

    assert rows(conversations(saver), "definition", "turns", "failed", "ended", "states") == [("test", 1, 1, False, 0)]
    assert list(turns(saver)["landing"]) == [""]


def test_a_turn_that_a_handler_answered_for_has_failed_and_has_an_answer() -> None:
    sorry = handling(plain, lambda _: "Sorry!", "ERROR")
    talk = talk_of(FORM, ["Your name?", "no JSON", "no JSON"], "I am Ann", handlers=sorry)

    assert rows(turns(talk.graph)[1:], "answer", "why", "error") == [("Sorry!", "failed", "")]
    assert rows(conversations(talk.graph), "failed", "ended") == [(1, False)]


@pytest.mark.parametrize("durability", ["exit", "async"])
def test_turns_are_told_however_they_were_made_durable(durability: Any, saver: BaseCheckpointSaver[Any]) -> None:
    graph = compile_fsm(FORM, ScriptedModel(replies=ANN), checkpointer=saver)
    for text in ("", "I am Ann", "a@b.org"):
        graph.invoke(given(text), CONFIG, durability=durability)

    assert rows(turns(saver), "turn", "user", "landing") == [
        (1, "", "ask_name"),
        (2, "I am Ann", "ask_email"),
        (3, "a@b.org", "done"),
    ]


def test_what_was_changed_by_hand_is_no_turn() -> None:
    talk = talk_of(FORM, [*ANN[:2], reply("ask_email", "Well?")], "I am Ann")
    talk.graph.update_state(CONFIG, {"context": {"name": "Bob"}}, as_node="ask_email")
    talk.say("hm")

    assert rows(turns(talk.graph), "turn", "changes") == [
        (1, {}),
        (2, {"name": (None, "Ann")}),
        (3, {"name": ("Ann", "Bob")}),
    ]


def test_a_closed_conversation_has_ended() -> None:
    fsm = LLM_FSM(FORM, ScriptedModel(replies=ANN))
    conversation_id, _ = fsm.converse("")
    fsm.end_conversation(conversation_id)

    assert rows(conversations(fsm), "conversation", "turns", "ended") == [(conversation_id, 1, True)]


def test_a_conversation_that_was_taken_out_of_its_end_by_hand_goes_on() -> None:
    talk = talk_of(FORM, ANN, "I am Ann", "a@b.org")
    talk.graph.update_state(CONFIG, {"current_state": "ask_email"}, as_node="ask_email")

    assert rows(conversations(talk.graph), "state", "ended") == [("ask_email", False)]


def test_a_conversation_that_ended_at_once_has_ended() -> None:
    talk = talk_of(machine(state("over")), ["Bye!", "Bye again!"], "Hello?")

    assert rows(conversations(talk.graph), "turns", "ended") == [(2, True)]


def test_a_digression_that_has_come_back_is_no_end() -> None:
    transition = {"target_state": "noted", "description": "The user gives an opinion", "return": True}
    definition = machine(*FORM["states"].values(), state("noted", silent=True), global_transitions=[transition])
    talk = talk_of(definition, ["Your name?", reply("noted"), "Thanks. Your name?"], "nice page")

    assert turns(talk.graph)["path"][1] == ["ask_name", "noted", "ask_name"]
    assert rows(conversations(talk.graph), "state", "ended") == [("ask_name", False)]


def test_a_digression_is_no_end() -> None:
    talk = talk_of(SHOP, ["Item?", reply("hours"), "At nine."], "when do you open?")

    assert rows(conversations(talk.graph), "state", "ended") == [("hours", False)]


@pytest.mark.parametrize("known", ["by the graph", "given"])
def test_secret_values_are_masked(known: str) -> None:
    talk = Talk(DECLARED, ANN)
    talk.say(context={"token": "s3cret", "customer": "7"})
    options: dict[str, Any] = {} if known == "by the graph" else {"definition": DECLARED}

    table = turns(talk.graph if known == "by the graph" else talk.graph.checkpointer, **options)  # type: ignore[arg-type]  # LangGraph allows booleans

    assert table["changes"][0] == {"token": (None, "•••"), "customer": (None, "7")}
    assert "s3cret" not in table.to_string()


def test_secret_values_of_sub_machines_are_masked() -> None:
    card = {**CARD, "context": {"card": {"secret": True}, "code": {}, "item": {}}}
    definition = {**SHOP, "context": {"item": {}, "more": {}, "paid_by": {"secret": True}}, "subflows": {"pay": card}}
    talk = talk_of(definition, PAYING, "a book", "4711")

    assert turns(talk.graph)["changes"][2] == {"payment/card": (None, "•••")}


def test_a_file_is_read_while_it_is_in_use(tmp_path: Path) -> None:
    file = tmp_path / "talk.db"
    with LLM_FSM(FORM, ScriptedModel(replies=ANN), db=file) as fsm:
        conversation_id, _ = fsm.converse("")

        assert list(turns(file, conversation_id)["answer"]) == ["Your name?"]
        assert list(turns(str(file))["answer"]) == ["Your name?"]
        fsm.converse("I am Ann", conversation_id)
    assert list(turns(file)["answer"]) == ["Your name?", "Your e-mail?"]


async def test_a_checkpointer_of_an_event_loop_is_read_from_another_thread(tmp_path: Path) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "talk.db")) as saver:
        await compile_fsm(FORM, ScriptedModel(replies=ANN), checkpointer=saver).ainvoke(given(), CONFIG)

        assert list((await asyncio.to_thread(turns, saver))["answer"]) == ["Your name?"]


def test_conversations_of_other_graphs_are_none_of_ours() -> None:
    saver = InMemorySaver()
    other = StateGraph(MessagesState)
    other.add_node("echo", lambda values: {"messages": [values["messages"][-1].text]})
    other.add_edge(START, "echo")
    config: RunnableConfig = {"configurable": {"thread_id": "other"}}
    other.compile(saver).invoke({"messages": [HumanMessage("hi")]}, config)

    assert conversations(saver).empty
    assert list(turns(saver).columns)[:2] == ["conversation", "turn"]


def test_an_unknown_conversation_is_an_error() -> None:
    with pytest.raises(ExploringError, match=re.escape("there is no conversation '7'.\n  conversations(db) lists")):
        turns(InMemorySaver(), "7")


def test_a_file_that_is_not_there_is_an_error_and_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ExploringError, match="there is no such file"):
        conversations(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("address", ["postgresql://ann:s3cret@db/shop", "mysql://ann:s3cret@db/shop"])
def test_an_address_is_no_file_and_is_told_without_its_password(address: str) -> None:
    with pytest.raises(ExploringError, match=r"://ann@db/shop: it is no SQLite file\.\n  .*give the LLM_FSM"):
        turns(address)


def _text(file: Path) -> None:
    file.write_text("name,answer\n" * 500, encoding="utf-8")


def _other_tables(file: Path) -> None:
    with SqliteSaver.from_conn_string(str(file)) as other:
        other.conn.execute("CREATE TABLE people (name)")


@pytest.mark.parametrize(("make", "found"), [(_text, "no SQLite file"), (_other_tables, "no table of checkpoints")])
def test_a_file_of_something_else_is_an_error(make: Callable[[Path], None], found: str, tmp_path: Path) -> None:
    make(tmp_path / "some.db")

    with pytest.raises(ExploringError, match=found):
        conversations(tmp_path / "some.db")


def test_a_graph_that_keeps_nothing_is_an_error() -> None:
    with pytest.raises(ExploringError, match="the graph 'test' has no checkpointer of its own"):
        conversations(compile_fsm(FORM, ScriptedModel(replies=[])))


def test_something_else_is_refused() -> None:
    with pytest.raises(ExploringError, match="db: it is of type int, not a file"):
        conversations(7)  # type: ignore[arg-type]  # what is tested


def test_without_pandas_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(ExploringError, match=re.escape("pip install 'fsm-langgraph[explore]'")):
        conversations(InMemorySaver())

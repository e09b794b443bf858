"""What a caller hands over is read or refused before anything is stored, and never makes a conversation stick."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, RemoveMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Command, Send, StateUpdate
from machines import CONFIG, DRIVERS, FORM, Drive, Talk, machine, reply, state, to

from fsm_langgraph import (
    LLM_FSM,
    ArgumentError,
    ContextError,
    Graph,
    Limits,
    ScriptedModel,
    SizeError,
    StateError,
    compile_fsm,
)
from fsm_langgraph.data.size_limits import UNLIMITED
from fsm_langgraph.graph.before.admission import needs_no_check, not_kept, whole

STAY = reply("ask_name", "Your name?")
HALF, WHOLE = "a\ud83d", "a\ufffd"
SMALL = Limits(user_message=100, value=50, undeclared_keys=2, context=200, history_tokens=100)
LONG = "x" * 101

MESSAGES: list[tuple[str, Any, Any]] = [
    ("text", HALF, WHOLE),
    ("pair", ("user", HALF), ("user", WHOLE)),
    ("dict", {"role": "user", "content": HALF}, {"role": "user", "content": WHOLE}),
    ("message", HumanMessage(HALF, id="1"), HumanMessage(WHOLE, id="1")),
    ("name", HumanMessage("a", name=HALF, id="1"), HumanMessage("a", name=WHOLE, id="1")),
    ("blocks", HumanMessage([HALF, {"text": HALF}]), HumanMessage([WHOLE, {"text": WHOLE}])),
    ("list", ["a", ("user", HALF)], ["a", ("user", WHOLE)]),
    ("halves that belong together", "\ud83d\ude00", "😀"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "read"), [pytest.param(*row[1:], id=row[0]) for row in MESSAGES])
def test_messages_are_read_with_whole_characters(sent: Any, read: Any) -> None:
    assert whole({"messages": sent, "x": HALF}) == {"messages": read, "x": HALF}
    assert whole(Command(update={"messages": sent})) == Command(update={"messages": read})
    assert whole(Command(update=[("messages", sent), ("x", 1)])) == Command(update={"messages": read, "x": 1})


PLAIN: list[Any] = [
    {"messages": "Hi"},
    {"messages": ["Hi"]},
    {"messages": [{"role": "user", "content": "x" * 100}]},
    {"messages": {"content": "Hi", "role": "human"}},
    {"messages": [HumanMessage("Hi")]},
    {"messages": HumanMessage("")},
]
NOT_PLAIN: list[Any] = [
    None,
    {},
    "Hi",
    Command(update={"messages": "Hi"}),
    {"messages": None},
    {"messages": []},
    {"messages": ["Hi", "Ho"]},
    {"messages": "Hi", "context": {}},
    {"mesages": "Hi"},
    {"messages": LONG},
    {"messages": "é"},
    {"messages": HALF},
    {"messages": ("user", "Hi")},
    {"messages": {"role": "user", "content": LONG}},
    {"messages": {"role": HALF, "content": "Hi"}},
    {"messages": {"role": "user", "content": [HALF]}},
    {"messages": {"role": "user", "content": "Hi", "id": "1"}},
    {"messages": {"role": "user", "content": "Hi", "name": HALF}},
    {"messages": {"content": "Hi", "id": "1"}},
    {"messages": HumanMessage("Hi", id="")},
    {"messages": HumanMessage("Hi", name=HALF)},
    {"messages": HumanMessage("Hi", additional_kwargs={"x": HALF})},
    {"messages": HumanMessage([{"type": "text", "text": "Hi"}])},
    {"messages": AIMessage("Hi")},
]


@pytest.mark.parametrize("given", PLAIN, ids=repr)
def test_in_one_short_message_in_ascii_there_is_nothing_to_look_for(given: Any) -> None:
    assert needs_no_check(given, SMALL)
    assert whole(given) is given
    assert needs_no_check(given, UNLIMITED)


@pytest.mark.parametrize("given", PLAIN, ids=repr)
def test_no_check_of_an_input_finds_anything_in_one(given: Any) -> None:
    graph = compile_fsm(FORM, ScriptedModel(replies=[]), limits=SMALL)
    graph._check_writes(given)
    graph._check_input(given, None)


@pytest.mark.parametrize("given", NOT_PLAIN, ids=repr)
def test_in_anything_else_there_may_be(given: Any) -> None:
    assert not needs_no_check(given, SMALL)


def test_without_a_limit_a_long_message_is_one_too() -> None:
    assert needs_no_check({"messages": LONG}, UNLIMITED)


@pytest.mark.parametrize(
    "given",
    [
        None,
        {"messages": [HumanMessage("é"), ("user", "a"), RemoveMessage(id="1")]},
        {"messages": "a", "context": {"x": 1}},
        Command(resume="yes"),
        Command(update={"context": {}}, goto="a"),
        Command(goto=[Send("a", {"messages": ["a"]}), "b"]),
    ],
    ids=repr,
)
def test_what_has_whole_characters_stays_the_very_same(given: Any) -> None:
    assert whole(given) is given


def test_what_is_sent_to_a_state_is_read_with_whole_characters() -> None:
    assert whole(Command(goto=Send("a", {"messages": HALF}))) == Command(goto=[Send("a", {"messages": WHOLE})])


def test_an_answer_to_an_interrupt_is_read_with_whole_characters() -> None:
    assert whole(Command(resume={"id": [HALF]})) == Command(resume={"id": [WHOLE]})


REFUSED: list[tuple[str, Any, type[Exception], str]] = [
    ("a message", {"messages": LONG}, SizeError, r"messages\[0\]: 101 bytes are more than the limit, which is 100."),
    ("by its bytes", {"messages": "é" * 51}, SizeError, "102 bytes"),
    ("one of several", {"messages": ["a", ("user", LONG)]}, SizeError, r"messages\[1\]: 101 bytes"),
    ("several together", {"messages": ["x" * 60, "y" * 60]}, SizeError, "messages, read together: 120 bytes"),
    ("an image", {"messages": HumanMessage([{"type": "image", "base64": LONG}])}, SizeError, "bytes are more"),
    ("an answer that is handed in", {"messages": [("user", "a"), ("ai", LONG), "b"]}, SizeError, r"messages\[1\]"),
    ("a command", Command(update={"messages": LONG}), SizeError, "limits={'user_message': …}"),
    ("a command of pairs", Command(update=[("messages", LONG)]), SizeError, "101 bytes"),
    ("a context in pairs", Command(update=[("context", {"name": "x" * 49})]), ContextError, "is too large"),
    ("a key in pairs", Command(update=[("context", {"_now": 1})]), ContextError, "_now"),
    ("a state in pairs", Command(update=[("current_state", "gone")]), StateError, "written as the current_state"),
    ("an id in pairs", Command(update=[("messages", HumanMessage("a", id=""))]), ArgumentError, "id of a message"),
    ("what is sent to a state", Command(goto=Send("ask_name", {"messages": [LONG]})), SizeError, "101 bytes"),
    ("a context that is sent", Command(goto=[Send("ask_name", {"context": {"x": LONG}})]), ContextError, "too large"),
    ("a value", {"context": {"name": "x" * 49}}, ContextError, "is too large: it has 51 bytes, and may have 50"),
    ("keys", {"context": {"a": 1, "b": 2, "c": 3}}, ContextError, "is under one key too many: 2 are kept"),
    ("a name", {"context": {"n" * 10**6: 1}}, ContextError, "is under a name of more than 200 characters"),
    ("room", {"context": {"a": "a" * 40, "b": "b" * 40, "name": "n" * 45, "email": "e" * 45}}, ContextError, "no room"),
    ("half a character in a name", {"context": {HALF: 1}}, ContextError, "under a key that is not text"),
    ("a NUL in an id", {"messages": HumanMessage("a", id="1\0")}, ArgumentError, "not every database keeps"),
    ("half a character in an id", {"messages": {"role": "user", "content": "a", "id": HALF}}, ArgumentError, "half of"),
    ("a long id", {"messages": HumanMessage("a", id="i" * 1001)}, ArgumentError, "it has 1,001 characters"),
    ("an id that is no text", {"messages": {"role": "user", "content": "a", "id": 5}}, ArgumentError, "of type int"),
]


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(("given", "error", "told"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_what_is_refused_leaves_no_trace(drive: Drive, given: Any, error: type[Exception], told: str) -> None:
    talk = Talk(FORM, [STAY], drive, limits=SMALL)

    with pytest.raises(error, match=told) as caught:
        drive(talk.graph, given, CONFIG)

    assert len(str(caught.value)) < 1000
    assert talk.values == {}
    assert talk.say("hello") == "Your name?"


def test_messages_that_are_answered_may_be_long_together() -> None:
    talk = Talk(FORM, [STAY], limits=SMALL)

    talk.drive(talk.graph, {"messages": ["x" * 90, ("ai", "y" * 90), "z" * 90]}, CONFIG)

    assert talk.said[-1] == "Your name?"


def test_a_context_that_is_over_its_limits_only_shrinks() -> None:
    saver, stored = InMemorySaver(), {"a": "a" * 90, "b": "b" * 90, "c": "c" * 90}
    Talk(FORM, [STAY], saver=saver).say("hello", context=stored)
    talk = Talk(FORM, [STAY, STAY, STAY], saver=saver, limits=SMALL)

    with pytest.raises(ContextError, match="has no room"):
        talk.say("more", context={"email": "e" * 30})
    talk.say("less", context={"c": "c" * 30, "a": None})
    talk.say("the same", context={"b": "b" * 90})

    assert talk.values["context"] == {"b": "b" * 90, "c": "c" * 30}


@pytest.mark.parametrize(
    ("written", "error"),
    [({"context": {"name": "n" * 60}}, ContextError), ({"context": {HALF: 1}}, ContextError)],
    ids=repr,
)
def test_an_edit_is_held_against_the_limits(written: Any, error: type[Exception]) -> None:
    talk = Talk(FORM, [STAY], limits=SMALL)
    talk.say("hello")
    before = talk.values

    with pytest.raises(error):
        talk.graph.update_state(CONFIG, written)
    with pytest.raises(error):
        talk.graph.bulk_update_state(CONFIG, [[StateUpdate(written, "ask_name")]])

    assert talk.values == before


def test_a_message_that_an_edit_has_stored_is_read_in_part() -> None:
    talk = Talk(FORM, [STAY, STAY, STAY], limits=SMALL)
    talk.say("hello")

    talk.graph.update_state(CONFIG, {"messages": [("user", f"begin {LONG * 9} end {HALF}")]})
    talk.say("next")
    talk.say("later")

    (_, read, later) = talk.heard
    assert read[-2].startswith("begin xxx")
    assert read[-2].endswith(f"xxx end {WHOLE}")
    assert len(read[-2]) < 160
    assert sum(map(len, later)) < 900 + 200
    assert talk.graph.get_state(CONFIG).values["messages"][2].text == f"begin {LONG * 9} end {WHOLE}"


def test_the_record_says_how_much_of_a_message_was_not_read() -> None:
    talk = Talk(FORM, [STAY, STAY], limits=SMALL)
    talk.say("hello")
    assert "left_out" not in talk.record

    talk.graph.update_state(CONFIG, {"messages": [("user", "y" * 300)]})
    talk.say("x" * 50)

    assert talk.record["left_out"] == 250


@pytest.mark.parametrize("drive", DRIVERS)
def test_what_a_graph_around_has_stored_is_read_in_part(drive: Drive) -> None:
    def says(messages: Any, _: Any) -> Any:
        assert sum(len(each.text) for each in messages) < 5000
        return STAY

    inner = compile_fsm(FORM, ScriptedModel(replies=[says], repeat=True), limits=SMALL, checkpointer=True)
    outer = StateGraph(MessagesState).add_node("machine", inner).add_edge(START, "machine").compile(InMemorySaver())

    for text in (LONG * 100, "and now?", HALF):
        drive(outer, {"messages": [("user", text)]}, CONFIG)  # type: ignore[arg-type]  # it drives any graph

    said = [each.text for each in outer.get_state(CONFIG).values["messages"] if isinstance(each, AIMessage)]
    assert said == ["Your name?"] * 3


@pytest.mark.parametrize("name", ["t\0", f"t{HALF}", "t" * 1001], ids=["NUL", "half a character", "long"])
@pytest.mark.parametrize("drive", DRIVERS)
def test_a_thread_that_no_database_keeps_is_refused(drive: Drive, name: str) -> None:
    talk = Talk(FORM, [STAY])

    with pytest.raises(ArgumentError, match="thread_id: it has"):
        drive(talk.graph, {"messages": "hello"}, {"configurable": {"thread_id": name}})
    with pytest.raises(ArgumentError, match="conversation_id: it has"):
        LLM_FSM(FORM, talk.model).converse("hello", name)


@pytest.mark.parametrize("name", ["1", "é", "a b\n", "i" * 1000])
def test_other_ids_are_kept(name: str) -> None:
    assert not not_kept(name)


STRANGE = "\0\x01\x1b[2J\x7f\u202e\u2066\ufeff\ud800 😀"


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def keeping(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Graph]:
    replies = [reply("ask_name", f"Hm {STRANGE}?", note=STRANGE)]
    if request.param == "SQLite":
        with SqliteSaver.from_conn_string(str(tmp_path / "talks.sqlite")) as saver:
            yield compile_fsm(FORM, ScriptedModel(replies=replies, repeat=True), checkpointer=saver)
        return
    with PostgresSaver.from_conn_string(request.getfixturevalue("postgres")) as postgres:
        postgres.setup()
        yield compile_fsm(FORM, ScriptedModel(replies=replies, repeat=True), checkpointer=postgres)


def test_strange_characters_are_stored_and_read(keeping: Graph) -> None:
    config: RunnableConfig = {"configurable": {"thread_id": "strange"}, "metadata": {"who": STRANGE}}

    for _ in range(2):
        keeping.invoke({"messages": [("user", STRANGE)], "context": {"email": STRANGE}}, config)

    values = keeping.get_state(config).values
    mended = STRANGE.replace("\ud800", "\ufffd")
    assert values["context"] == {"email": mended, "note": mended}
    assert [each.text for each in values["messages"]] == [mended, f"Hm {mended}?"] * 2


def test_a_machine_that_reads_nothing_takes_an_input_too() -> None:
    silent = machine(state("say", to("end"), silent=True, say="Hello."), state("end"))
    talk = Talk(silent, [], limits=SMALL)

    with pytest.raises(SizeError):
        talk.say(LONG)

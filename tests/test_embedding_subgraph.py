"""A machine's graph is a subgraph of the user's own, which shares its messages and keeps its conversation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from handling import handling, plain
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, RemoveMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from machines import AT_ONCE, CONFIG, DRIVERS, FORM, SHOP, Drive, Json, given, machine, reply, state, to
from test_sub_machines import TO_THE_CARD

from fsm_langgraph import HandlerError, ReplyError, ScriptedModel, compile_fsm

REPLIES = [
    "Your name?",
    reply("ask_email", "Your e-mail address?", name="Ann"),
    reply("done", "Thank you, Ann!", email="ann@mail.org"),
]


class Desk(MessagesState):
    """The state of the parent: the messages that it shares, and a note of its own."""

    notes: list[str]


def desk(saver: BaseCheckpointSaver[Any] | None, model: ScriptedModel, definition: Json = FORM, **options: Any) -> Any:
    """Build a parent that runs a machine between two nodes of its own."""
    form = compile_fsm(definition, model, checkpointer=True, retry_policy=AT_ONCE, **options)
    parent = StateGraph(Desk)
    parent.add_node("note", lambda values: {"notes": [*values.get("notes", []), "asked"]})
    parent.add_node("form", form)
    parent.add_node("count", lambda values: {"notes": [*values["notes"], f"{len(values['messages'])} messages"]})
    parent.add_edge(START, "note")
    parent.add_edge("note", "form")
    parent.add_edge("form", "count")
    parent.add_edge("count", END)
    return parent.compile(saver)


def texts(values: Json) -> list[str]:
    return [message.text for message in values["messages"]]


SAID = ["Your name?", "Ann", "Your e-mail address?", "ann@mail.org", "Thank you, Ann!"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_conversation_goes_on_from_turn_to_turn(drive: Drive) -> None:
    graph = desk(InMemorySaver(), ScriptedModel(replies=REPLIES))
    for text in ("", "Ann", "ann@mail.org"):
        values = drive(graph, given(text), CONFIG)
    assert texts(values) == SAID
    assert values["notes"] == ["asked", "1 messages", "asked", "3 messages", "asked", "5 messages"]


def test_the_conversation_goes_on_after_a_restart(tmp_path: Path) -> None:
    model = ScriptedModel(replies=REPLIES)
    for text in ("", "Ann", "ann@mail.org"):
        with SqliteSaver.from_conn_string(str(tmp_path / "desk.db")) as saver:
            values = desk(saver, model).invoke(given(text), CONFIG)
    assert texts(values) == SAID


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_sub_machine_goes_on_in_a_subgraph_too(drive: Drive) -> None:
    replies = [*TO_THE_CARD, reply("code", "The code?", card="1"), reply("paid", "", code="2"), "Thanks for buying."]
    graph = desk(InMemorySaver(), ScriptedModel(replies=replies), SHOP)
    for text in ("", "a book", "1", "2"):
        values = drive(graph, given(text), CONFIG)
    assert texts(values)[1::2] == ["a book", "1", "2"]
    assert texts(values)[::2] == ["Item?", "Your card?", "The code?", "Thanks for buying."]


@pytest.mark.parametrize("drive", DRIVERS)
def test_two_conversations_of_the_parent_are_two_conversations(drive: Drive) -> None:
    graph = desk(InMemorySaver(), ScriptedModel(replies=[REPLIES[0], REPLIES[0], REPLIES[1]]))
    drive(graph, given(), CONFIG)
    drive(graph, given(), {"configurable": {"thread_id": "2"}})
    assert texts(drive(graph, given("Ann"), CONFIG)) == SAID[:3]


def test_its_tokens_are_seen_as_langgraphs_users_expect() -> None:
    graph = desk(InMemorySaver(), ScriptedModel(replies=REPLIES))
    graph.invoke(given(), CONFIG)
    parts = list(graph.stream(given("Ann"), CONFIG, stream_mode="messages", subgraphs=True))
    pieces = [(place, chunk.text) for place, (chunk, _) in parts if isinstance(chunk, AIMessageChunk) and chunk.text]
    assert "".join(text for _, text in pieces) == SAID[2]
    assert len(pieces) > 3
    assert {place for place, _ in pieces} == {("form",)}
    assert [
        chunk for _, (chunk, _) in parts if isinstance(chunk, AIMessage) and not isinstance(chunk, AIMessageChunk)
    ] == []


async def test_its_tokens_are_seen_by_those_who_await_them() -> None:
    graph = desk(InMemorySaver(), ScriptedModel(replies=REPLIES))
    await graph.ainvoke(given(), CONFIG)
    parts = graph.astream(given("Ann"), CONFIG, stream_mode="messages", subgraphs=True)
    pieces = [chunk.text async for _, (chunk, _) in parts if isinstance(chunk, AIMessageChunk) and chunk.text]
    assert "".join(pieces) == SAID[2]
    assert len(pieces) > 3


def test_who_looks_at_the_parent_alone_sees_the_message_once_and_whole() -> None:
    graph = desk(InMemorySaver(), ScriptedModel(replies=REPLIES))
    graph.invoke(given(), CONFIG)
    parts = list(graph.stream(given("Ann"), CONFIG, stream_mode="messages"))
    assert [chunk.text for chunk, _ in parts if chunk.text not in ("Ann", SAID[0])] == [SAID[2]]


def test_the_records_of_its_turns_are_seen_with_subgraphs() -> None:
    graph = desk(InMemorySaver(), ScriptedModel(replies=REPLIES))
    ((place, record),) = graph.stream(given(), CONFIG, stream_mode="custom", subgraphs=True)
    assert (place, record["last_turn"]["landing"]) == (("form",), "ask_name")


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_parent_that_has_the_keys_sees_the_data_and_the_state(drive: Drive) -> None:
    class Wide(MessagesState):
        context: dict[str, Any]
        current_state: str

    parent = StateGraph(Wide)
    parent.add_node("form", compile_fsm(FORM, ScriptedModel(replies=REPLIES), checkpointer=True))
    parent.add_edge(START, "form")
    graph: Any = parent.compile(InMemorySaver())
    drive(graph, {**given(), "context": {"source": "web"}}, CONFIG)
    values = drive(graph, given("Ann"), CONFIG)
    assert values["context"] == {"source": "web", "name": "Ann"}
    assert values["current_state"] == "ask_email"


@pytest.mark.parametrize("drive", DRIVERS)
def test_an_answer_none_that_the_parent_gives_back_is_no_news_and_is_kept(drive: Drive) -> None:
    class Wide(MessagesState):
        context: dict[str, Any]
        last_turn: Any

    definition = machine(state("ask", to("done", "ok"), required_context_keys=["allergies", "ok"]), state("done"))
    parent = StateGraph(Wide)
    replies = [reply("ask", "Ok?", also={"allergies": None}), reply("ask", "Ok?")]
    parent.add_node("form", compile_fsm(definition, ScriptedModel(replies=replies), checkpointer=True))
    parent.add_edge(START, "form")
    graph: Any = parent.compile(InMemorySaver())
    drive(graph, given("no allergies"), CONFIG)
    values = drive(graph, {**given("hm"), "context": {"allergies": None, "source": "web", "gone": None}}, CONFIG)
    assert values["context"] == {"allergies": None, "source": "web"}
    assert values["last_turn"]["changed"] == ["source"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_message_is_read_where_the_parent_was_paused_before_the_machine(drive: Drive) -> None:
    parent = StateGraph(MessagesState)
    parent.add_node("form", compile_fsm(FORM, ScriptedModel(replies=REPLIES), checkpointer=True))
    parent.add_edge(START, "form")
    graph: Any = parent.compile(InMemorySaver(), interrupt_before=["form"])
    for text in ("", "Ann", "ann@mail.org"):
        drive(graph, given(text), CONFIG)
        values = drive(graph, None, CONFIG)
    assert texts(values) == SAID


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_turn_that_fails_fails_the_parents_and_changes_nothing(drive: Drive) -> None:
    graph = desk(InMemorySaver(), ScriptedModel(replies=[REPLIES[0], "no JSON", "no JSON", *REPLIES[1:]]))
    drive(graph, given(), CONFIG)
    with pytest.raises(ReplyError):
        drive(graph, given("Ann"), CONFIG)
    assert texts(drive(graph, None, CONFIG)) == SAID[:3]


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(
    ("failed", "again"), [(["a"], ["a", "b"]), (["a", "b"], ["a", "b"]), (["a", "b"], ["b", "a"])], ids=str
)
def test_messages_that_are_sent_again_after_a_failure_are_read_once(
    failed: list[str], again: list[str], drive: Drive
) -> None:
    model = ScriptedModel(replies=[REPLIES[0], "no JSON", "no JSON", *REPLIES[1:]])
    graph = desk(InMemorySaver(), model)
    drive(graph, given(), CONFIG)
    with pytest.raises(ReplyError):
        drive(graph, {"messages": failed}, CONFIG)
    drive(graph, {"messages": again}, CONFIG)

    assert [message.text for message in model.calls[-1].messages[-2:]] == again
    assert model.calls[-1].messages[-3].text == "Your name?"


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_message_that_is_dropped_in_both_graphs_is_not_read(drive: Drive) -> None:
    model = ScriptedModel(replies=[REPLIES[0], "no JSON", "no JSON", *REPLIES[1:]])
    graph = desk(InMemorySaver(), model)
    drive(graph, given(), CONFIG)
    with pytest.raises(ReplyError):
        drive(graph, {"messages": HumanMessage("Hm", id="m-1")}, CONFIG)

    inside: RunnableConfig = {"configurable": {"thread_id": "1", "checkpoint_ns": "form"}}
    for place in (CONFIG, inside):
        graph.update_state(place, {"messages": [RemoveMessage("m-1")]})
    assert texts(drive(graph, given("Ann"), CONFIG)) == SAID[:3]
    assert "Hm" not in [message.text for message in model.calls[-1].messages]


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_error_of_a_handler_says_how_its_message_is_dropped_in_both_graphs(drive: Drive) -> None:
    handlers = handling(plain, lambda event: event.message.encode("ascii") and None, "PRE_PROCESSING")
    model = ScriptedModel(replies=REPLIES)
    graph = desk(InMemorySaver(), model, handlers=handlers)
    drive(graph, given(), CONFIG)
    with pytest.raises(HandlerError) as raised:
        drive(graph, {"messages": HumanMessage("Ännchen", id="m-1")}, CONFIG)
    assert raised.value.is_within
    assert "get_state(config, subgraphs=True).tasks[0].state.config." in str(raised.value)

    inside = graph.get_state(CONFIG, subgraphs=True).tasks[0].state.config
    for place in (inside, CONFIG):
        graph.update_state(place, {"messages": [RemoveMessage("m-1")]})
    assert texts(drive(graph, given("Ann"), CONFIG)) == SAID[:3]
    assert "Ännchen" not in [message.text for message in model.calls[-1].messages]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_fork_of_the_parent_does_not_take_the_machine_back(drive: Drive) -> None:
    model = ScriptedModel(replies=[*REPLIES[:2], reply("ask_email", "Your address, Bob?", name="Bob")])
    graph = desk(InMemorySaver(), model)
    drive(graph, given(), CONFIG)
    before = graph.get_state(CONFIG).config
    drive(graph, given("Ann"), CONFIG)
    drive(graph, given("Bob"), before)

    inside: RunnableConfig = {"configurable": {"thread_id": "1", "checkpoint_ns": "form"}}
    record = graph.get_state(inside).values["last_turn"]
    assert (record["state"], record["path"]) == ("ask_email", ["ask_email"])
    assert [message.text for message in model.calls[-1].messages[2:]] == ["Your name?", "Ann", SAID[2], "Bob"]


class Shared(MessagesState):
    """The state of a parent that shares all of a machine's."""

    context: dict[str, Any]
    current_state: str


@pytest.mark.parametrize("drive", DRIVERS)
def test_without_a_checkpointer_sub_machines_begin_anew_too(drive: Drive) -> None:
    model = ScriptedModel(replies=[*TO_THE_CARD, reply("cart", "Item?"), "Your card?"])
    parent = StateGraph(Shared)
    parent.add_node("shop", compile_fsm(SHOP, model, retry_policy=AT_ONCE))
    parent.add_edge(START, "shop")
    graph: Any = parent.compile(InMemorySaver())
    for text in ("", "a book"):
        values = drive(graph, given(text), CONFIG)
    assert (values["current_state"], values["context"]) == ("payment", {"item": "book"})

    drive(graph, given("1"), CONFIG)
    assert "<current_state>\ncart\n" in model.calls[2].messages[0].text


@pytest.mark.parametrize("drive", DRIVERS)
def test_without_a_checkpointer_it_begins_anew_at_every_turn(drive: Drive) -> None:
    parent = StateGraph(MessagesState)
    parent.add_node("form", compile_fsm(FORM, ScriptedModel(replies=REPLIES[:1], repeat=True)))
    parent.add_edge(START, "form")
    graph: Any = parent.compile(InMemorySaver())
    drive(graph, given(), CONFIG)
    assert texts(drive(graph, given(), CONFIG)) == ["Your name?"] * 2

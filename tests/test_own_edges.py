"""An edge of somebody's own is taken where a turn lands, and leads to a state or a node, or is told."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END
from langgraph.types import Command, Send
from machines import CONFIG, DECLARED, DRIVERS, FORM, Drive, Json, given, reply

from fsm_langgraph import ContextError, Graph, ScriptedModel, StateError, build_graph
from fsm_langgraph.graph.graph_builder import GraphBuilder

BY_EACH = pytest.mark.parametrize("drive", DRIVERS)
REPLIES = ("Name?", reply("ask_email", "E-mail?", name="Ann"), reply("ask_email", "Hm?"))


def by_edge(builder: GraphBuilder, source: str) -> None:
    """Lead from a state to a node that counts."""
    builder.add_edge(source, "count")
    builder.add_edge(source, "count")  # twice is once


def by_condition(builder: GraphBuilder, source: str) -> None:
    """Lead there by a conditional edge."""
    builder.add_conditional_edges(source, lambda _: "count", ["count", END])


async def _counting(_: Any) -> str:
    return "count"


def counted(source: str, lead: Any, drive: Drive) -> Json:
    """Hold a conversation of three turns with a node that counts after a state."""
    builder = build_graph(FORM, ScriptedModel(replies=[*REPLIES]))
    builder.add_node("count", lambda values: {"context": {"count": values["context"].get("count", 0) + 1}})
    lead(builder, source)
    graph = builder.compile(InMemorySaver())
    for text in ("", "Ann", "hm"):
        values = drive(graph, given(text), CONFIG)
    return values


@BY_EACH
@pytest.mark.parametrize("lead", [by_edge, by_condition])
@pytest.mark.parametrize(
    ("source", "count"),
    [
        pytest.param("ask_name", 1, id="landed in, then passed"),
        pytest.param("ask_email", 2, id="landed in twice"),
        pytest.param("done", None, id="never come to"),
    ],
)
def test_an_edge_out_of_a_state_is_taken_where_the_turn_lands_in_it(
    source: str, count: int | None, lead: Any, drive: Drive
) -> None:
    values = counted(source, lead, drive)
    assert values["context"].get("count") == count
    assert values["current_state"] == "ask_email"


def test_an_async_router_is_awaited() -> None:
    def lead(builder: GraphBuilder, source: str) -> None:
        builder.add_conditional_edges(source, _counting, ["count"])

    assert counted("ask_email", lead, DRIVERS[1])["context"]["count"] == 2


def test_an_edit_takes_no_edge_of_one_s_own() -> None:
    builder = build_graph(FORM, ScriptedModel(replies=["Name?"]))
    builder.add_node("count", lambda _: {"context": {"count": 1}})
    builder.add_edge("ask_email", "count")
    graph = builder.compile(InMemorySaver())
    graph.invoke(given(), CONFIG)
    graph.update_state(CONFIG, {"current_state": "ask_email"})
    assert graph.get_state(CONFIG).next == ()


# Where nothing is


def jumping(node: Any) -> Graph:
    """Compile a machine with a node of one's own after its first state."""
    builder = build_graph(FORM, ScriptedModel(replies=["Name?"]))
    builder.add_node("own", node)
    builder.add_edge("ask_name", "own")
    return builder.compile(InMemorySaver())


async def _jump(_: Any) -> Any:
    return Command(goto="ask_emial")


@BY_EACH
@pytest.mark.parametrize(
    "node",
    [
        pytest.param(lambda _: Command(goto="ask_emial"), id="a command"),
        pytest.param(lambda _: Command(goto=["own", "ask_emial"]), id="one of several"),
        pytest.param(lambda _: [{"context": {}}, Command(goto="ask_emial")], id="one in a list"),
        pytest.param(lambda _: Command(goto=Send("ask_emial", {})), id="a send"),
    ],
)
def test_a_jump_to_no_state_is_told(node: Any, drive: Drive) -> None:
    with pytest.raises(StateError, match=r"(?s)a jump leads to it.*Did you mean 'ask_email'\?  States and nodes: "):
        drive(jumping(node), given(), CONFIG)


def test_so_is_one_of_an_async_node() -> None:
    with pytest.raises(StateError, match="Did you mean 'ask_email'"):
        DRIVERS[1](jumping(_jump), given(), CONFIG)


@BY_EACH
@pytest.mark.parametrize("source", ["ask_name", "own"])
@pytest.mark.parametrize("path_map", [None, ["ask_email", "own"]], ids=["any node", "one of a few"])
@pytest.mark.parametrize("routed", ["ask_emial", ["ask_emial"], [Send("ask_emial", {})]], ids=str)
def test_a_router_that_leads_nowhere_is_told(routed: Any, path_map: Any, source: str, drive: Drive) -> None:
    builder = build_graph(FORM, ScriptedModel(replies=["Name?"]))
    builder.add_node("own", lambda _: None)
    if source == "own":
        builder.add_edge("ask_name", "own")
    builder.add_conditional_edges(source, lambda _: routed, path_map)

    with pytest.raises(StateError, match="Did you mean 'ask_email'"):
        drive(builder.compile(InMemorySaver()), given(), CONFIG)


@BY_EACH
def test_a_send_goes_by_the_names_of_nodes_whatever_a_router_calls_them(drive: Drive) -> None:
    builder = build_graph(FORM, ScriptedModel(replies=["Name?"]))
    builder.add_node("own", lambda _: {"context": {"came": True}})
    builder.add_conditional_edges("ask_name", lambda _: [Send("own", {})], {"yes": "own", "no": END})
    assert drive(builder.compile(InMemorySaver()), given(), CONFIG)["context"] == {"came": True}


@BY_EACH
def test_a_node_may_give_back_the_state_of_a_conversation_that_has_none_yet(drive: Drive) -> None:
    builder = build_graph(FORM, ScriptedModel(replies=["Name?"]))
    builder.add_node("first", lambda values: {"current_state": values.get("current_state")})
    builder.set_entry_point("first")
    builder.add_edge("first", "ask_name")

    assert drive(builder.compile(InMemorySaver()), given(), CONFIG)["current_state"] == "ask_name"


@BY_EACH
def test_a_jump_to_the_end_ends_the_run(drive: Drive) -> None:
    assert drive(jumping(lambda _: Command(goto=END)), given(), CONFIG)["current_state"] == "ask_name"


def test_what_a_node_might_do_is_not_drawn() -> None:
    graph = jumping(lambda _: None).get_graph()
    assert {(edge.source, edge.target) for edge in graph.edges if "own" in (edge.source, edge.target)} == {
        ("ask_name", "own"),
        ("own", END),
    }


@BY_EACH
@pytest.mark.parametrize(
    "wrapped",
    [lambda update: update, lambda update: Command(update=update), lambda update: Command(update=[*update.items()])],
    ids=["an update", "a Command", "a Command of pairs"],
)
@pytest.mark.parametrize(
    ("written", "error"),
    [
        pytest.param({"context": {"age": "old"}}, ContextError, id="a value"),
        pytest.param({"current_state": "ask_emial"}, StateError, id="a state"),
    ],
)
def test_a_node_that_writes_what_it_may_not_can_be_asked_again(
    written: Json, error: type[Exception], wrapped: Any, drive: Drive
) -> None:
    """The refused write is not stored with the node that is still due, where it would be refused for ever."""
    writes = [wrapped(written), wrapped({"context": {"age": 30}})]
    builder = build_graph(DECLARED, ScriptedModel(replies=["Name?"]))
    builder.add_node("own", lambda _: writes.pop(0))
    builder.add_edge("ask_name", "own")
    graph = builder.compile(InMemorySaver())

    with pytest.raises(error):
        drive(graph, given(""), CONFIG)
    assert "age" not in graph.get_state(CONFIG).values["context"]
    assert drive(graph, None, CONFIG)["context"]["age"] == 30


@BY_EACH
def test_a_command_may_write_the_messages_by_several_pairs(drive: Drive) -> None:
    said = [("messages", AIMessage("One.")), ("messages", AIMessage("Two."))]
    graph = jumping(lambda _: Command(update=said))
    assert [message.text for message in drive(graph, given(), CONFIG)["messages"]] == ["Name?", "One.", "Two."]

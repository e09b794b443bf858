"""A machine's graph takes nodes of one's own as LangGraph's `StateGraph` does, and says where it cannot."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START
from machines import CONFIG, DRIVERS, FORM, Drive, Json, given, reply

import fsm_langgraph
from fsm_langgraph import FSMState, Graph, GraphSetupError, ModelError, ScriptedModel, build_graph
from fsm_langgraph.graph.graph_builder import GraphBuilder

BY_EACH = pytest.mark.parametrize("drive", DRIVERS)


def audit(state: FSMState) -> Json:
    """Note that it was here."""
    return {"context": {**state["context"], "audited": True}}


def form(*replies: Any) -> GraphBuilder:
    """Build the form with a model that gives these replies."""
    return build_graph(FORM, ScriptedModel(replies=[*replies]))


def said(values: Any) -> list[str]:
    return [message.text for message in values["messages"]]


def test_it_is_made_from_the_top_of_the_package() -> None:
    assert {"build_graph", "ScriptedModel"} <= {*fsm_langgraph.__all__}


# Sequences


@BY_EACH
def test_a_sequence_leads_from_state_to_node_to_state(drive: Drive) -> None:
    builder = form("Name?", "E-mail?").add_sequence(["ask_name", audit, ("note", lambda _: None), "ask_email"])
    values = drive(builder.compile(InMemorySaver()), given(), CONFIG)

    assert (said(values), values["current_state"]) == (["Name?", "E-mail?"], "ask_email")
    assert values["context"] == {"audited": True}
    drawn = {(edge.source, edge.target) for edge in builder.compile().get_graph().edges}
    assert {("ask_name", "audit"), ("audit", "note"), ("note", "ask_email")} <= drawn


def test_a_node_that_is_there_is_taken_as_it_is() -> None:
    builder = form("Name?").add_node(audit)
    builder.add_sequence(["ask_name", "audit"])
    assert builder.compile().invoke(given())["context"] == {"audited": True}


@pytest.mark.parametrize("names", [["ask_nam", audit], [audit, "ask_nam"]], ids=["first", "last"])
def test_a_sequence_names_what_there_is(names: list[Any]) -> None:
    with pytest.raises(GraphSetupError, match=r"(?s)no state and no node is named 'ask_nam'.*Did you mean 'ask_name'"):
        form().add_sequence(names)


@pytest.mark.parametrize(
    "lead",
    [
        lambda builder: builder.add_edge("audit", "ask_nam"),
        lambda builder: builder.add_edge("ask_name", "ask_nam"),
        lambda builder: builder.add_edge(["audit"], "ask_name").add_edge("audit", "ask_nam"),
        lambda builder: builder.add_conditional_edges("audit", lambda _: "x", {"x": "ask_nam"}),
        lambda builder: builder.add_edge("ask_nam", "audit"),
        lambda builder: builder.add_conditional_edges("ask_nam", lambda _: "audit"),
    ],
    ids=["out of a node", "out of a state", "beside one of several", "a condition", "from nothing", "its condition"],
)
def test_an_edge_to_nothing_or_from_nothing_is_told_when_it_is_compiled(lead: Any) -> None:
    builder = form().add_node(audit)
    lead(builder)
    with pytest.raises(GraphSetupError, match=r"(?s)no state and no node is named 'ask_nam'.*Did you mean 'ask_name'"):
        builder.compile()


@pytest.mark.parametrize("option", ["interrupt_before", "interrupt_after"])
@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["ask_nam"], r"no state and no node is named 'ask_nam'\.\n  Did you mean 'ask_name'"),
        (
            "ask_name",
            r"it is 'ask_name', not a list of names\.\n  Write interrupt_\w+=\['ask_name'\], or '\*' for all\.",
        ),
    ],
    ids=["a slip", "no list"],
)
def test_a_pause_at_nothing_is_told_when_it_is_compiled(option: Any, names: Any, told: str) -> None:
    with pytest.raises(GraphSetupError, match=told):
        form().compile(**{option: names})


def test_a_pause_may_be_at_every_node() -> None:
    graph = form("Name?").compile(InMemorySaver(), interrupt_before="*")
    graph.invoke(given(), CONFIG)
    assert graph.get_state(CONFIG).next == ("ask_name",)


# The way in and out


@BY_EACH
def test_a_node_can_come_before_every_turn(drive: Drive) -> None:
    replies = ("Name?", reply("ask_email", "E-mail?", name="Ann"), ModelError("x", OSError(), transient=False), "Hm?")
    builder = form(*replies)
    builder.add_node("load", lambda values: {"context": {"loads": values["context"].get("loads", 0) + 1}})
    builder.set_entry_point("load")
    builder.add_conditional_edges("load", lambda values: values.get("current_state", "ask_name"), [*FORM["states"]])
    graph = builder.compile(InMemorySaver())

    drive(graph, given(), CONFIG)
    values = drive(graph, given("Ann"), CONFIG)
    assert (said(values), values["context"]) == (["Name?", "Ann", "E-mail?"], {"loads": 2, "name": "Ann"})
    assert values["last_turn"]["path"] == ["ask_name", "ask_email"]
    starts = [edge.target for edge in graph.get_graph().edges if edge.source == START]
    assert starts == ["load"]


@BY_EACH
def test_after_a_turn_that_failed_the_node_comes_before_a_new_one(drive: Drive) -> None:
    down = ModelError("ask_email", OSError("down"), transient=False)
    asking = {**FORM, "states": {**FORM["states"], "ask_name": {**FORM["states"]["ask_name"], "calls": "two"}}}
    replies = ["Name?", reply("ask_email", None, name="Ann"), down, reply("ask_email", None, name="Bob"), "E-mail?"]
    builder = build_graph(asking, ScriptedModel(replies=replies))
    builder.add_node("load", lambda _: {"messages": [AIMessage("One moment.")]})
    builder.set_entry_point("load")
    builder.add_edge("load", "ask_name")
    graph = builder.compile(InMemorySaver())
    drive(graph, given(), CONFIG)
    with pytest.raises(ModelError):
        drive(graph, given("I am Ann"), CONFIG)

    values = drive(graph, given("I am Bob"), CONFIG)
    assert (values["last_turn"]["path"], values["context"]) == (["ask_name", "ask_email"], {"name": "Bob"})


def test_a_node_of_one_s_own_may_run_beside_the_turn() -> None:
    builder = form("Name?").add_node(audit).add_edge(START, "audit")
    values = builder.compile().invoke(given())
    assert (values["current_state"], values["context"]) == ("ask_name", {"audited": True})


def test_a_finish_point_changes_nothing() -> None:
    builder = form("Name?").add_sequence(["ask_name", audit]).set_finish_point("audit").set_finish_point("ask_email")
    assert builder.compile().invoke(given())["context"] == {"audited": True}
    assert ("audit", END) in {(edge.source, edge.target) for edge in builder.compile().get_graph().edges}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda builder: builder.set_entry_point("ask_email"), r"invoke\(Command\(goto='ask_email'\), config\)"),
        (lambda builder: builder.add_edge(START, "ask_email"), "first state is the definition's initial_state"),
        (lambda builder: builder.set_conditional_entry_point(lambda _: "ask_email"), "Add a node that decides"),
        (lambda builder: builder.set_entry_point("lod"), "no state and no node is named 'lod'"),
    ],
    ids=["entry point", "edge", "conditional entry point", "no node"],
)
def test_start_leads_to_one_node(change: Any, told: str) -> None:
    with pytest.raises(GraphSetupError, match=rf"(?s){told}"):
        change(form())


def test_no_edge_waits_for_a_state_among_others() -> None:
    builder = form()
    builder.add_node("audit", audit)
    with pytest.raises(GraphSetupError, match=r"waits for the state 'ask_name'(?s:.*)add_edge\('ask_name', node\)"):
        builder.add_edge(["audit", "ask_name"], "ask_email")


# A run that is interrupted before or after a state that one's own edges lead into


def paused(drive: Drive, *replies: Any, **stop_at: Any) -> Graph:
    """Bring a conversation to a break on the way from the first state to the second, and return the graph."""
    builder = form("Name?", *replies).add_sequence(["ask_name", audit, "ask_email"])
    graph = builder.compile(InMemorySaver(), **stop_at)
    drive(graph, given(), CONFIG)
    return graph


def finish(graph: Graph, drive: Drive) -> None:
    """Go on until nothing is due."""
    while graph.get_state(CONFIG).next:
        drive(graph, None, CONFIG)


@BY_EACH
@pytest.mark.parametrize(
    ("stop_at", "due", "so_far"),
    [
        ({"interrupt_before": ["audit"]}, ("audit",), ["Name?"]),
        ({"interrupt_after": ["ask_name"]}, ("audit",), ["Name?"]),
        ({"interrupt_before": ["ask_email"]}, ("ask_email",), ["Name?"]),
        ({"interrupt_after": ["audit"]}, ("ask_email",), ["Name?"]),
        ({"interrupt_after": ["ask_email"]}, (), ["Name?", "E-mail?"]),
    ],
    ids=str,
)
def test_it_goes_on_where_it_was_paused(stop_at: Json, due: tuple[str], so_far: list[str], drive: Drive) -> None:
    graph = paused(drive, "E-mail?", reply("done", "Bye!", email="a@b.org"), **stop_at)
    stored = graph.get_state(CONFIG)
    assert (stored.next, said(stored.values)) == (due, so_far)

    finish(graph, drive)
    assert said(graph.get_state(CONFIG).values) == ["Name?", "E-mail?"]
    drive(graph, given("a@b.org"), CONFIG)
    finish(graph, drive)
    assert said(graph.get_state(CONFIG).values)[2:] == ["a@b.org", "Bye!"]


@BY_EACH
@pytest.mark.parametrize("before", ["audit", "ask_email"])
def test_a_new_message_gives_up_what_was_due(before: str, drive: Drive) -> None:
    graph = paused(drive, reply("ask_name", "Your name?"), "E-mail?", interrupt_before=[before])
    drive(graph, given("hello"), CONFIG)
    assert said(graph.get_state(CONFIG).values) == ["Name?", "hello", "Your name?"]

    drive(graph, None, CONFIG)
    assert said(graph.get_state(CONFIG).values) == ["Name?", "hello", "Your name?", "E-mail?"]


@BY_EACH
def test_a_run_may_name_its_own_break(drive: Drive) -> None:
    builder = form("Name?", "E-mail?").add_sequence(["ask_name", audit, "ask_email"])
    graph = builder.compile(InMemorySaver())
    graph.invoke(given(), CONFIG, interrupt_before=["ask_email"])
    assert graph.get_state(CONFIG).next == ("ask_email",)
    assert drive(graph, None, CONFIG)["current_state"] == "ask_email"


@BY_EACH
def test_a_state_is_paused_before_the_machine_s_own_way_leads_into_it(drive: Drive) -> None:
    builder = form("Name?", reply("ask_email", "E-mail?", name="Ann"))
    graph = builder.compile(InMemorySaver(), interrupt_before=["ask_email"])
    drive(graph, given(), CONFIG)
    drive(graph, given("Ann"), CONFIG)
    assert graph.get_state(CONFIG).next == ("ask_email",)

    values = drive(graph, None, CONFIG)
    assert (said(values), values["last_turn"]["path"]) == (["Name?", "Ann", "E-mail?"], ["ask_name", "ask_email"])

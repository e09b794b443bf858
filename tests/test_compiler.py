"""The compiled graph: it is the machine as drawn, and an ordinary LangGraph graph in everything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from machines import (
    AGAIN,
    BRANCH,
    CONFIG,
    DECLARED,
    DRIVERS,
    FORM,
    PRIORITIES,
    SEED,
    WELCOME,
    Drive,
    Talk,
    given,
    machine,
    reply,
    state,
    to,
)

from fsm_langgraph import ContextError, ScriptedModel, StaleDefinition, build_graph, compile_fsm, load_definition

BY_EACH = pytest.mark.parametrize("drive", DRIVERS)
SILENT_MODEL = ScriptedModel(replies=[])

SAME_WORDS = machine(
    state("a", to("b", description="Go on"), to("c", description="Go on"), to("b", "x", description="Hurry")),
    state("b", to("a", description="Go on (c)"), to("c", description="Go on (c)"), to("b", "again")),
    state("c"),
)
"""Transitions that share a target, and transitions that share a description."""
FIRST_AGAIN = machine(state("a", to("a", "again"), to("b")), state("b"))
MACHINES = [FORM, WELCOME, PRIORITIES, BRANCH, AGAIN, FIRST_AGAIN, SAME_WORDS, SEED]


def edges(definition: Any) -> set[tuple[str, str]]:
    """Return the edges that are drawn."""
    graph = compile_fsm(definition, SILENT_MODEL).get_graph(xray=True)
    return {(edge.source, edge.target) for edge in graph.edges}


@pytest.mark.parametrize("definition", MACHINES)
def test_the_drawn_graph_is_the_machine(definition: Any) -> None:
    loaded = load_definition(definition)
    transitions = {(s.id, t.target_state) for s in loaded.states.values() for t in s.transitions}
    ends = {(s.id, END) for s in loaded.states.values() if s.is_final}
    assert edges(definition) == {(START, loaded.initial_state)} | transitions | ends


@pytest.mark.parametrize("definition", MACHINES)
def test_the_nodes_are_the_states(definition: Any) -> None:
    nodes = set(compile_fsm(definition, SILENT_MODEL).get_graph().nodes)
    assert nodes - {START, END} == set(load_definition(definition).states)


@pytest.mark.parametrize("target", ["b", "c"])
def test_transitions_of_one_description_lead_to_their_own_targets(target: str) -> None:
    talk = Talk(SAME_WORDS, ["?", reply(target, "There.")])
    talk.say()
    talk.say("go")
    assert talk.values["current_state"] == target


def test_the_state_has_five_channels_that_are_seen() -> None:
    graph = compile_fsm(FORM, SILENT_MODEL)
    assert set(graph.get_input_jsonschema()["properties"]) == {"messages", "context"}
    assert set(graph.get_output_jsonschema()["properties"]) == {
        "messages",
        "context",
        "current_state",
        "last_turn",
        "older_messages",
    }


def test_the_output_is_what_is_seen_of_the_state() -> None:
    found = Talk(FORM, ["?"]).graph.invoke(given(), CONFIG)
    assert set(found) == {"messages", "context", "current_state", "last_turn"}


def test_it_compiles_from_a_path_a_text_and_a_definition() -> None:
    made = [compile_fsm(source, SILENT_MODEL) for source in (SEED, SEED.read_text(), load_definition(SEED))]
    assert {graph.name for graph in made} == {"Personal Information Collection"}


def test_a_graph_can_be_built_with_nodes_of_one_s_own() -> None:
    builder = build_graph(FORM, ScriptedModel(replies=["?"]))
    builder.add_node("audit", lambda _: {"context": {"audited": True}})
    builder.add_edge("ask_name", "audit")
    found = builder.compile().invoke(given())
    assert found["context"] == {"audited": True}


@BY_EACH
def test_a_graph_without_a_checkpointer_runs_one_turn(drive: Drive) -> None:
    graph = compile_fsm(FORM, ScriptedModel(replies=["Hi!"]))
    assert drive(graph, given(), {})["current_state"] == "ask_name"


@BY_EACH
def test_a_subgraph_with_its_own_memory_goes_on_where_it_was(drive: Drive) -> None:
    model = ScriptedModel(replies=["Hi!", reply("ask_email", name="Ann"), reply("done", "Bye!", email="a@b.org")])
    builder = StateGraph(MessagesState)
    builder.add_node("form", compile_fsm(FORM, model, checkpointer=True))
    builder.add_edge(START, "form")
    parent: Any = builder.compile(checkpointer=InMemorySaver())
    drive(parent, given(), CONFIG)
    drive(parent, given("Ann"), CONFIG)
    found = drive(parent, given("a@b.org"), CONFIG)
    assert [message.text for message in found["messages"]] == ["Hi!", "Ann", "…", "a@b.org", "Bye!"]


def test_a_batch_is_as_many_conversations() -> None:
    graph = compile_fsm(FORM, ScriptedModel(replies=["Hi!"], repeat=True), checkpointer=InMemorySaver())
    configs: list[RunnableConfig] = [{"configurable": {"thread_id": str(n)}} for n in range(3)]
    found = graph.batch([given()] * 3, configs)
    assert [len(values["messages"]) for values in found] == [1, 1, 1]


@BY_EACH
def test_the_caller_s_context_is_merged(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("ask_name")], drive)
    talk.say(context={"a": 1, "b": {"c": 2}})
    talk.say("hm", context={"b": 3})
    assert talk.values["context"] == {"a": 1, "b": 3}
    assert talk.record["changed"] == ["b"]


@BY_EACH
def test_the_caller_removes_a_key_with_none(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("ask_name")], drive)
    talk.say(context={"a": 1})
    talk.say("hm", context={"a": None})
    assert talk.values["context"] == {}


@BY_EACH
@pytest.mark.parametrize(
    ("context", "reason"),
    [
        ({"age": 5}, "is below 18"),
        ({"_x": 1}, "is under a key of the machine's"),
        ({"name": object()}, "object"),
        ("text", "is of type str"),
    ],
)
def test_what_the_caller_may_not_write_stores_nothing(context: Any, reason: str, drive: Drive) -> None:
    talk = Talk(DECLARED, ["?", "Well?"], drive)
    talk.say()
    with pytest.raises(ContextError, match=reason):
        talk.say("hello", context=context)
    assert talk.say() == "Well?"
    assert [message.text for message in talk.values["messages"]] == ["?", "Well?"]
    assert talk.values["context"] == {"plan": "free"}


@BY_EACH
def test_no_context_is_no_news(drive: Drive) -> None:
    talk = Talk(FORM, ["?"], drive)
    talk.drive(talk.graph, {"messages": [], "context": None}, CONFIG)
    assert talk.values["context"] == {}


def test_messages_come_in_any_form_that_langchain_reads() -> None:
    talk = Talk(FORM, [reply("ask_name", "Hm?")])
    talk.drive(talk.graph, {"messages": [HumanMessage([{"type": "text", "text": "hello"}])]}, CONFIG)
    assert talk.heard == [["hello"]]


@BY_EACH
def test_an_updated_state_is_where_the_next_turn_begins(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("done", "Bye!", email="a@b.org")], drive)
    talk.say()
    update = {"current_state": "ask_email", "context": {"name": "Ann"}}
    talk.graph.update_state(CONFIG, update, as_node="ask_email")
    talk.say("a@b.org")
    assert talk.record["path"] == ["ask_email", "done"]
    assert talk.values["context"] == {"name": "Ann", "email": "a@b.org"}


def test_an_updated_context_is_news_to_the_next_turn() -> None:
    talk = Talk(FORM, ["?", reply("ask_name"), "Your e-mail?"])
    talk.say()
    talk.graph.update_state(CONFIG, {"context": {"name": "Ann"}})
    talk.say("hm")
    assert talk.record["changed"] == ["name"]
    assert talk.values["current_state"] == "ask_email"


@BY_EACH
def test_a_fork_goes_its_own_way(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("ask_email", name="Ann"), reply("ask_email", name="Bob")], drive)
    talk.say()
    before_ann = talk.graph.get_state(CONFIG).config
    talk.say("Ann")
    forked = talk.drive(talk.graph, given("Bob"), before_ann)
    assert forked["context"] == {"name": "Bob"}
    assert [message.text for message in forked["messages"]] == ["?", "Bob", "…"]


@BY_EACH
def test_a_turn_that_is_replayed_comes_to_the_same(drive: Drive) -> None:
    ann = reply("ask_email", "Hi Ann!", name="Ann")
    talk = Talk(FORM, ["?", ann, ann], drive)
    talk.say()
    talk.say("Ann")
    before = talk.values
    start = next(point for point in talk.graph.get_state_history(CONFIG) if point.next == ("ask_name",))
    replayed = talk.drive(talk.graph, None, start.config)
    assert replayed["last_turn"] == before["last_turn"]
    assert replayed["context"] == before["context"]


@BY_EACH
def test_a_conversation_in_a_state_that_is_gone_is_told_and_can_be_moved(drive: Drive) -> None:
    saver = InMemorySaver()
    Talk(FORM, ["?"], saver=saver).say()
    talk = Talk(machine(state("name", to("end", "x")), state("end")), [reply("name", "Hello!")], drive, saver=saver)
    with pytest.raises(StaleDefinition, match=r"(?s)'ask_name'.*Did you mean 'name'"):
        talk.say("hi")
    talk.graph.update_state(CONFIG, {"current_state": "name"}, as_node="name")
    assert talk.say("hi") == "Hello!"
    assert [message.text for message in talk.values["messages"]] == ["?", "hi", "Hello!"]


def test_a_definition_file_may_be_named_by_text(tmp_path: Path) -> None:
    path = tmp_path / "form.json"
    path.write_text(SEED.read_text())
    assert compile_fsm(str(path), SILENT_MODEL).name == "Personal Information Collection"

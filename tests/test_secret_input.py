"""The doors by which a secret comes in: each puts a token in its place before LangGraph sees it, or refuses it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Command, Send, StateUpdate
from machines import CONFIG, DRIVERS, Drive, Json, given, machine, reply, state, to
from telling_secrets import PIN, found_in
from test_secret_store import SAFE, pin, safe

from fsm_langgraph import ContextError, Graph, HandlerError, Handlers, ScriptedModel, build_graph, compile_fsm
from fsm_langgraph.context.secret_tokens import is_token

MADE_UP = f"fsm-secret-{'0' * 32}"
SECRET: Json = {"pin": PIN}
DOORS: dict[str, Any] = {
    "an input": {"messages": [("user", "hi")], "context": SECRET},
    "a command": Command(update={"messages": [("user", "hi")], "context": SECRET}),
    "a command of pairs": Command(update=[("messages", [("user", "hi")]), ("context", SECRET)]),
    "a jump": Command(goto="ask", update={"messages": [("user", "hi")], "context": SECRET}),
    "a Send": Command(goto=Send("ask", {"messages": [("user", "hi")], "context": SECRET})),
    "several": Command(goto=[Send("ask", {"messages": [("user", "hi")], "context": SECRET})]),
}
EDITS: dict[str, Any] = {
    "an edit": lambda graph: graph.update_state(CONFIG, {"context": SECRET}),
    "as a node": lambda graph: graph.update_state(CONFIG, {"context": SECRET}, as_node="ask"),
    "a command": lambda graph: graph.update_state(CONFIG, Command(update={"context": SECRET}), as_node="ask"),
    "several": lambda graph: graph.bulk_update_state(
        CONFIG, [[StateUpdate({"context": {"pin": "old"}}, "ask")], [StateUpdate({"context": SECRET}, "ask")]]
    ),
    "plain tuples": lambda graph: graph.bulk_update_state(CONFIG, [[({"context": SECRET}, "ask", None)]]),
    "awaited": lambda graph: asyncio.run(graph.aupdate_state(CONFIG, {"context": SECRET})),
}
RUNS: dict[str, Callable[[Graph, Any], Any]] = {
    "invoke": lambda graph, given: graph.invoke(given),
    "ainvoke": lambda graph, given: asyncio.run(graph.ainvoke(given)),
    "stream": lambda graph, given: [*graph.stream(given)],
    "astream": lambda graph, given: asyncio.run(_drained(graph.astream(given))),
    "astream_events": lambda graph, given: asyncio.run(_drained(graph.astream_events(given, version="v2"))),
}


async def _drained(stream: AsyncIterator[Any]) -> list[Any]:
    return [each async for each in stream]


def everything(saver: BaseCheckpointSaver[Any]) -> str:
    """Write down all that is stored of the conversation itself."""
    return repr([*saver.list({"configurable": {"thread_id": "1", "checkpoint_ns": ""}})])


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("door", DOORS)
def test_an_input_is_stored_with_a_token(door: str, drive: Drive) -> None:
    graph = safe(saver := InMemorySaver())

    drive(graph, DOORS[door], CONFIG)

    assert graph.secrets(CONFIG) == {"pin": PIN}
    assert found_in(everything(saver)) == []


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_stored_with_a_token(edit: str) -> None:
    graph = safe(saver := InMemorySaver())
    graph.invoke(given("hi"), CONFIG)

    EDITS[edit](graph)

    assert graph.secrets(CONFIG) == {"pin": PIN}
    assert found_in(everything(saver)) == []


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_token_that_is_given_back_stays(drive: Drive) -> None:
    graph = safe(InMemorySaver())
    context = drive(graph, given("hi", SECRET), CONFIG)["context"]

    assert drive(graph, given("hi", context), CONFIG)["context"] == context
    assert graph.secrets(CONFIG) == {"pin": PIN}


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "not kept"])
@pytest.mark.parametrize("drive", DRIVERS)
def test_a_token_that_is_not_known_is_refused(drive: Drive, kept: bool) -> None:
    graph = safe(InMemorySaver() if kept else None)

    with pytest.raises(
        ContextError, match=r"context\['pin'\]: its value is the token of a secret that is not known here"
    ):
        drive(graph, given("hi", {"pin": MADE_UP}), CONFIG)
    assert not kept or [*graph.get_state_history(CONFIG)] == []


def test_a_token_of_another_conversation_is_refused() -> None:
    graph = safe(InMemorySaver())
    graph.invoke(given("hi", SECRET), {"configurable": {"thread_id": "2"}})
    token = pin(graph, {"configurable": {"thread_id": "2"}})

    with pytest.raises(ContextError):
        graph.invoke(given("hi", {"pin": token}), CONFIG)
    with pytest.raises(ContextError):
        graph.update_state(CONFIG, {"context": {"pin": token}})


@pytest.mark.parametrize("form", ["{}", " {} "])
def test_a_token_that_is_given_under_another_key_is_refused(form: str) -> None:
    definition = {**SAFE, "context": {**SAFE["context"], "code": {"type": "string", "secret": True}}}
    graph = compile_fsm(definition, ScriptedModel(replies=[reply("ask", "…")] * 2), checkpointer=InMemorySaver())
    graph.invoke(given("hi", SECRET), CONFIG)

    with pytest.raises(ContextError, match=r"context\['code'\]: its value is the token of"):
        graph.invoke(given("hi", {"code": form.format(pin(graph))}), CONFIG)
    assert graph.secrets(CONFIG) == {"pin": PIN}


def test_what_a_handler_copies_into_a_secret_key_is_not_taken_for_its_token() -> None:
    definition = {**SAFE, "context": {**SAFE["context"], "code": {"type": "string", "secret": True}}}
    handlers = Handlers()
    handlers.on("POST_PROCESSING")(lambda event: {"code": event.context["name"]} if "name" in event.context else None)
    token: list[str] = []
    replies: list[Any] = [reply("ask", "…"), lambda *_: reply("ask", "…", name=token[0])]
    graph = compile_fsm(definition, ScriptedModel(replies=replies), handlers=handlers, checkpointer=InMemorySaver())
    graph.invoke(given("hi", SECRET), CONFIG)
    token.append(pin(graph))

    with pytest.raises(HandlerError, match="the token of a secret"):
        graph.invoke(given(f"I am {token[0]}"), CONFIG)
    assert graph.secrets(CONFIG) == {"pin": PIN}


def test_a_key_in_another_composition_is_the_same() -> None:
    definition = {**SAFE, "context": {"p\u00efn": {"secret": True}, "name": {}}}
    model = ScriptedModel(replies=[reply("ask")])
    graph = compile_fsm(definition, model, checkpointer=(saver := InMemorySaver()))

    graph.invoke(given("hi", {"pi\u0308n": PIN}), CONFIG)

    assert graph.secrets(CONFIG) == {"p\u00efn": PIN}
    assert found_in(everything(saver)) == []


@pytest.mark.parametrize("form", ["{}", " {}\n"], ids=["bare", "with blanks"])
@pytest.mark.parametrize("drive", DRIVERS)
def test_no_reply_can_write_a_token(drive: Drive, form: str) -> None:
    definition = {**SAFE, "context": {"pin": {"type": "string", "secret": True}, "note": {}, "name": {}}}
    token = [MADE_UP]
    replies: list[Any] = [lambda *_: reply("ask", pin=form.format(token[0]), note=token[0]), "…"]
    graph = compile_fsm(definition, ScriptedModel(replies=replies), checkpointer=InMemorySaver())
    graph.update_state(CONFIG, {"context": {"pin": "4711"}})
    token[0] = pin(graph)

    drive(graph, given("hi", {"pin": "4712"}), CONFIG)

    assert graph.secrets(CONFIG) == {"pin": "4712"}
    assert [each["key"] for each in graph.get_state(CONFIG).values["last_turn"]["rejected"]] == ["pin"]


@pytest.mark.parametrize("run", RUNS)
def test_a_forgotten_thread_is_told_as_it_is_without_secrets(run: str) -> None:
    plain = compile_fsm(machine(state("ask")), "offline", checkpointer=InMemorySaver())
    said = []

    for graph in (plain, safe(InMemorySaver())):
        with pytest.raises(ValueError, match="Checkpointer requires one or more") as caught:
            RUNS[run](graph, {"messages": [("user", "hi")]})
        said.append(str(caught.value))

    assert said[0] == said[1]


@pytest.mark.parametrize("drive", DRIVERS)
def test_without_a_checkpointer_a_run_knows_its_secrets(drive: Drive) -> None:
    opens = {**SAFE, "states": machine(state("ask", to("end", "pin")), state("end"))["states"]}
    graph = compile_fsm(opens, ScriptedModel(replies=[reply("end", "Bye.")]))

    values = drive(graph, given("hi", SECRET), {})

    assert values["current_state"] == "end"
    assert is_token(values["context"]["pin"])


def test_a_value_that_does_not_fit_is_refused_without_a_word_of_it() -> None:
    definition = {**SAFE, "context": {"pin": {"type": "number", "secret": True, "written_by": "caller"}, "name": {}}}
    graph = compile_fsm(definition, ScriptedModel(replies=[]), checkpointer=InMemorySaver())

    with pytest.raises(ContextError) as error:
        graph.invoke(given("hi", {"pin": "1.234"}), CONFIG)
    assert str(error.value).startswith("context['pin']: its value does not fit what is declared for it.")
    assert "234" not in repr(error.value)


class Around(MessagesState):
    """The state of a graph that shares its context with a machine."""

    context: Json


def around(inner: Graph, saver: BaseCheckpointSaver[Any] | None = None, after: Any = None) -> Any:
    builder = StateGraph(Around)
    builder.add_node("safe", inner)
    builder.add_node("after", after or (lambda _: {}))
    builder.add_edge(START, "safe").add_edge("safe", "after")
    return builder.compile(checkpointer=saver)


@pytest.mark.parametrize("own", [None, True, False])
@pytest.mark.parametrize("drive", DRIVERS)
def test_a_graph_around_gets_tokens_and_may_give_them_back(drive: Drive, own: bool | None) -> None:
    told = list[Json]()

    def after(state: Around, config: RunnableConfig) -> None:
        told.append(inner.secrets(config, state["context"]))

    inner = compile_fsm(SAFE, ScriptedModel(replies=[reply("ask")] * 2), checkpointer=own)
    outer = around(inner, InMemorySaver(), after)

    first = drive(outer, given("hi", SECRET), CONFIG)["context"]
    second = drive(outer, given("hi"), CONFIG)["context"]

    assert is_token(first["pin"])
    assert first == second
    assert told == [{"pin": PIN}] * 2


@pytest.mark.parametrize("drive", DRIVERS)
def test_nodes_of_ones_own_read_and_write_secrets(drive: Drive) -> None:
    seen: list[Any] = []

    def crm(state: Json, config: RunnableConfig) -> Json:
        seen.append((state["context"]["pin"], graph.secrets(config)))
        return {"context": {"pin": "4712"}}

    opens = {**SAFE, "states": machine(state("ask", to("end", "pin")), state("end"))["states"]}
    builder = build_graph(opens, ScriptedModel(replies=[reply("end", "Bye."), "Bye."]))
    builder.add_node("crm", crm)
    builder.add_edge("end", "crm")
    graph = builder.compile(checkpointer=InMemorySaver())

    drive(graph, given("hi", SECRET), CONFIG)
    assert is_token(seen[0][0])
    assert seen[0][1] == {"pin": PIN}
    drive(graph, given("hi"), CONFIG)

    assert seen[1][1] == {"pin": "4712"}


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_send_of_ones_own_is_stored_with_a_token(drive: Drive) -> None:
    builder = build_graph(SAFE, ScriptedModel(replies=[reply("end", "Bye.", name="Ann"), "Go on."]))
    builder.add_node("crm", lambda _: Command(goto=Send("ask", {"context": {"pin": "4711"}})), destinations=("ask",))
    builder.add_edge("end", "crm")
    graph = builder.compile(checkpointer=InMemorySaver())

    drive(graph, given("hi"), CONFIG)

    assert is_token(pin(graph))
    assert graph.secrets(CONFIG) == {"pin": "4711"}

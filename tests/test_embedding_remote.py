"""A machine on a LangGraph server is a Runnable too, through `RemoteGraph`: alone, and in a graph of one's own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crash.zygote import Zygote
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.pregel.remote import RemoteException, RemoteGraph
from langgraph_sdk import get_client, get_sync_client
from langgraph_server import LangGraphServer

EXAMPLE = Path(__file__).parent.parent / "graphs" / "personal_information" / "fsm.json"


@pytest.fixture(scope="module")
def url(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("server")
    with LangGraphServer(folder, EXAMPLE, "--model", "offline", zygote=zygote, TMPDIR=str(folder)) as server:
        yield server.url


def turn(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}] if text else []}


def thread() -> RunnableConfig:
    return {"configurable": {"thread_id": str(uuid.uuid4())}}


@pytest.fixture
def graph(url: str) -> Iterator[RemoteGraph]:
    with get_sync_client(url=url) as client:
        yield RemoteGraph("personal_information", sync_client=client)


def test_a_conversation_goes_on_from_turn_to_turn(graph: RemoteGraph) -> None:
    config = thread()
    graph.invoke(turn(""), config)
    values = graph.invoke(turn("I'm Ann Lee"), config)
    assert (values["current_state"], values["context"]) == ("collect_email", {"name": "Ann Lee"})
    assert graph.get_state(config).values["last_turn"]["path"] == ["welcome", "collect_name", "collect_email"]


async def test_an_awaited_conversation_goes_on_too(url: str) -> None:
    config = thread()
    async with get_client(url=url) as client:
        graph = RemoteGraph("personal_information", client=client)
        await graph.ainvoke(turn(""), config)
        values = await graph.ainvoke(turn("I'm Ann Lee"), config)
    assert values["current_state"] == "collect_email"


def test_a_stream_shows_the_message_and_nothing_else(graph: RemoteGraph) -> None:
    config = thread()
    graph.invoke(turn(""), config)
    streamed: Any = graph.stream(turn("I'm Ann Lee"), config, stream_mode="messages")
    parts = [chunk for chunk, _ in streamed]
    stored = graph.get_state(config).values["messages"][-1]
    assert "".join(chunk["content"] for chunk in parts) == stored["content"]
    assert {chunk["id"] for chunk in parts} == {stored["id"]}
    assert len(parts) > 3


def test_a_caller_chooses_for_one_run(graph: RemoteGraph) -> None:
    config = thread()
    with pytest.raises(RemoteException, match="RunContextError"):
        graph.invoke(turn("hi"), config, context={"model": "opnai:gpt-4o"})
    # The message of the run that failed is read now.
    assert graph.invoke(turn(""), config, context={"model": "offline"})["current_state"] == "collect_name"


def test_it_is_a_node_of_a_graph_of_ones_own(graph: RemoteGraph) -> None:
    parent = StateGraph(MessagesState)
    parent.add_node("form", graph)
    parent.add_edge(START, "form")
    desk: Any = parent.compile(InMemorySaver())
    config = thread()
    desk.invoke(turn(""), config)
    messages = desk.invoke(turn("I'm Ann Lee"), config)["messages"]
    assert [type(message) for message in messages] == [AIMessage, HumanMessage, AIMessage]
    assert "e-mail" in messages[-1].text

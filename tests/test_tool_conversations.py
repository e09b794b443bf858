"""A tool's conversations are kept by the machine's own checkpointer and store, else by those of the agent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from agents import HEARD, SAID, SIGN_UP, agent, answers, form, passing_on, said, thread
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.store.memory import InMemoryStore
from machines import CONFIG, given, reply

from fsm_langgraph import Graph
from fsm_langgraph.graph.as_tool.tool_caller import CALLER


def threads(saver: Any) -> set[str]:
    return {saved.config["configurable"]["thread_id"] for saved in saver.list(None)}


def hold(graph: Graph, saver: Any, **options: Any) -> Any:
    """Hold a conversation by an agent; return the artifact of its last turn."""
    called = agent(graph.tool("sign_up"), passing_on(*HEARD), saver, **options)
    for text in HEARD:
        values = called.invoke(given(text), CONFIG)
    assert said(values) == SAID
    return answers(values)[-1].artifact


def test_the_machines_own_checkpointer_keeps_it() -> None:
    own, agents = InMemorySaver(), InMemorySaver()
    artifact = hold(form(checkpointer=own), agents)
    assert (threads(own), threads(agents)) == ({artifact["thread_id"]}, {"1"})


@pytest.mark.parametrize("own", [None, True])
def test_else_the_agents(own: Any) -> None:
    agents = InMemorySaver()
    artifact = hold(form(checkpointer=own), agents)
    assert threads(agents) == {"1", artifact["thread_id"]}
    # Whoever has the checkpointer reads the conversation.
    reader = form(checkpointer=agents)
    assert reader.get_state(thread(artifact)).values["context"] == artifact["context"]
    reader.delete_thread(artifact["thread_id"])
    assert threads(agents) == {"1"}


def test_a_checkpointer_lists_the_conversations_of_an_agents_thread() -> None:
    own = InMemorySaver()
    artifact = hold(form(checkpointer=own), InMemorySaver())
    found = {saved.config["configurable"]["thread_id"] for saved in own.list(None, filter={CALLER: "1"})}
    assert found == {artifact["thread_id"]}
    assert not [*own.list(None, filter={CALLER: "2"})]


def test_one_tool_serves_agents_with_checkpointers_of_their_own() -> None:
    graph = form([*SIGN_UP, *SIGN_UP], checkpointer=None)
    first, second = InMemorySaver(), InMemorySaver()
    assert hold(graph, first)["thread_id"] == hold(graph, second)["thread_id"]
    assert len(threads(first)) == len(threads(second)) == 2


def test_older_messages_move_to_the_agents_store() -> None:
    store = InMemoryStore()
    graph = form(checkpointer=None, messages_limit=2, history_limit=1)
    artifact = hold(graph, agents := InMemorySaver(), store=store)
    assert store.search(("fsm_messages", artifact["thread_id"]))
    reader = form(checkpointer=agents, store=store)
    assert [message.text for message in reader.messages(thread(artifact))] == [
        words for pair in zip(HEARD, SAID, strict=True) for words in pair
    ]


def test_they_move_too_where_nothing_says_how_many_stay() -> None:
    store = InMemoryStore()
    texts = [str(number) for number in range(21)]
    graph = form([reply("ask_name", f"{text}?") for text in texts], checkpointer=None)
    called = agent(graph.tool("sign_up"), passing_on(*texts), InMemorySaver(), store=store)
    for text in texts:
        values = called.invoke(given(text), CONFIG)
    assert store.search(("fsm_messages", answers(values)[-1].artifact["thread_id"]))


async def test_an_async_checkpointer_keeps_it(tmp_path: Path) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "a.sqlite")) as saver:
        called = agent(form(checkpointer=None).tool("sign_up"), passing_on(*HEARD), saver)
        for text in HEARD:
            values = await called.ainvoke(given(text), CONFIG)
    assert said(values) == SAID

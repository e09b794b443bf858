"""A caller is known by the thread, the nodes that lead to the tool, and the tool calls that have begun an agent."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableConfig

from fsm_langgraph.errors import CallerError
from fsm_langgraph.graph.as_tool.tool_caller import Caller, read_call, read_caller


def caller(namespace: str = "", thread: str = "1", tool: str = "book") -> Caller:
    config: RunnableConfig = {
        "configurable": {"thread_id": thread},
        "metadata": {"langgraph_checkpoint_ns": namespace},
    }
    return read_caller(tool, config)


SAME = [
    pytest.param("tools:a", "tools:b", id="an agent in two turns"),
    pytest.param("tools:a", "", id="an agent, and a call by hand"),
    pytest.param("shop:a|tools:b", "shop:c|tools:d", id="an agent that is a node, in two turns"),
    pytest.param("desk:a|shop:b|tools:c", "desk:d|shop:e|tools:f", id="deeper"),
    pytest.param("tools:a|tools:b", "tools:a|tools:c", id="a subagent that calls it twice"),
    pytest.param("shop:a|tools:b|desk:c|tools:d", "shop:e|tools:b|desk:f|tools:g", id="a node of a subagent"),
    pytest.param("act:a|act:b", "act:a|act:c", id="a subagent whose node of tools has another name"),
    pytest.param("shop|tools:a", "shop|tools:b", id="an agent that keeps its own state"),
]
OTHERS = [
    pytest.param("tools:a|tools:c", "tools:b|tools:c", id="two subagents"),
    pytest.param("tools:a|tools:c", "tools:c", id="a subagent, and the agent"),
    pytest.param("tools:a|1|tools:c", "tools:a|2|tools:c", id="two graphs in one task"),
    pytest.param("shop:a|tools:b", "desk:a|tools:b", id="two agents that are nodes"),
    pytest.param("act:a|act:c", "act:b|act:c", id="two subagents whose node of tools has another name"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_they_have_one_conversation(one: str, other: str) -> None:
    assert caller(one).key == caller(other).key


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_they_have_a_conversation_each(one: str, other: str) -> None:
    assert caller(one).key != caller(other).key


def test_a_conversation_belongs_to_a_thread_a_tool_and_a_number() -> None:
    ids = {
        each.conversation(number)
        for each in (caller(), caller(thread="2"), caller(tool="order"), caller("shop:a|tools:b"))
        for number in (1, 2)
    }
    assert len(ids) == 8


def test_stored_conversations_are_found_again() -> None:
    assert caller("shop:a|tools:b").conversation(1) == "9bf10c8c-c2a7-5171-8e3a-432b2bd7fba6"


def test_what_is_langgraphs_own_is_not_passed_on() -> None:
    configurable = {"thread_id": "1", "checkpoint_ns": "a", "checkpoint_id": None, "__pregel_read": 1, "user": "u7"}
    assert read_caller("book", {"configurable": configurable}).configurable == {"user": "u7"}


@pytest.mark.parametrize("config", [{}, {"configurable": {}}, {"configurable": {"thread_id": None}}])
def test_without_a_thread_there_is_no_caller(config: Any) -> None:
    with pytest.raises(CallerError, match=r"the tool 'book': its caller has no thread.*\n  Run the agent with"):
        read_caller("book", config)


def calling(*ids: str, message_id: str = "m", tool: str = "book") -> AIMessage:
    return AIMessage("", id=message_id, tool_calls=[{"name": tool, "args": {}, "id": each} for each in ids])


def test_a_call_is_the_same_when_it_is_run_again() -> None:
    state = {"messages": [HumanMessage("hi"), calling("1")]}
    assert read_call("book", "yes", "1", state) == read_call("book", "yes", "1", state)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("yes", "1", [calling("1")]), ("yes", "1", [calling("1", message_id="n")]), id="another message"),
        pytest.param(("yes", "1", [calling("1", "2")]), ("yes", "2", [calling("1", "2")]), id="another call"),
        pytest.param(("yes", "1", [calling("1")]), ("no", "1", [calling("1")]), id="other words"),
        pytest.param(("yes", None, []), ("yes", None, []), id="two calls by hand"),
    ],
)
def test_another_call_brings_another_message(one: Any, other: Any) -> None:
    first, second = (read_call("book", text, call, {"messages": messages}) for text, call, messages in (one, other))
    assert first.message_id != second.message_id


@pytest.mark.parametrize(
    "state",
    [
        pytest.param([calling("1", "2", "3")], id="a list"),
        pytest.param({"messages": [calling("1", "2", "3")]}, id="a mapping"),
        pytest.param(type("State", (), {"messages": [calling("1", "2", "3")]})(), id="an object"),
    ],
)
def test_a_call_knows_those_before_it(state: Any) -> None:
    first, second, third = (read_call("book", "x", call, state) for call in "123")
    assert (first.before, second.before, third.before) == ((), (first.call,), (first.call, second.call))


@pytest.mark.parametrize(
    "messages",
    [
        pytest.param([calling("1", "2"), ToolMessage("no", tool_call_id="1")], id="it is answered"),
        pytest.param([calling("1", message_id="k"), calling("2")], id="it is of another message"),
        pytest.param([calling("2")], id="there is none"),
        pytest.param([], id="nobody knows the messages"),
    ],
)
def test_it_waits_for_no_call_that(messages: Any) -> None:
    assert read_call("book", "x", "2", {"messages": messages}).before == ()


def test_it_waits_for_no_call_of_another_tool() -> None:
    asking = AIMessage("", tool_calls=[{"name": "pay", "args": {}, "id": "1"}, {"name": "book", "args": {}, "id": "2"}])
    assert read_call("book", "x", "2", {"messages": [asking]}).before == ()


@pytest.mark.parametrize("text", ["", " \n"])
def test_no_words_are_no_message(text: str) -> None:
    assert read_call("book", text, "1", None).messages == []

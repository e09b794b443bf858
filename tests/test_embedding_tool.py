"""A machine's graph is a tool of an agent: what the user says goes in, what the machine says comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, StructuredTool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from machines import CONFIG, DRIVERS, FORM, Drive, Json, given, reply

from fsm_langgraph import Graph, ScriptedModel, compile_fsm

REPLIES = [
    "Your name?",
    reply("ask_email", "Your e-mail address?", name="Ann"),
    reply("done", "Thanks!", email="a@b.c"),
]
HEARD = ["sign me up", "Ann", "a@b.c"]
PASSED_ON = ["", "Ann", "a@b.c"]
SAID = ["Your name?", "Your e-mail address?", "Thanks!"]


class Caller(FakeMessagesListChatModel):
    """An agent's model: calls the tool with each text in turn, and then says that it has."""

    def __init__(self, texts: Sequence[str] = PASSED_ON) -> None:
        steps = [[_call(number, text), AIMessage("told")] for number, text in enumerate(texts)]
        super().__init__(responses=[message for step in steps for message in step])

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:  # noqa: ARG002 - LangChain's signature
        return self


def _call(number: int, text: str) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": "sign_up", "args": {"message": text}, "id": f"call_{number}"}])


def tool_of(graph: Graph, *, own_thread: bool) -> BaseTool:
    """Make a tool of a graph: one that keeps its conversations in the agent's thread, or in one of its own."""

    def place(config: RunnableConfig) -> RunnableConfig:
        if not own_thread:
            return config
        return {"configurable": {"thread_id": f"sign-up of {config['configurable']['thread_id']}"}}

    def sign_up(message: str, config: RunnableConfig) -> str:
        """Sign the user up; takes what the user says, and returns what to answer."""
        return str(graph.invoke(given(message), place(config))["messages"][-1].text)

    async def asign_up(message: str, config: RunnableConfig) -> str:
        return str((await graph.ainvoke(given(message), place(config)))["messages"][-1].text)

    return StructuredTool.from_function(sign_up, asign_up)


def tool_in_the_agents_thread() -> BaseTool:
    return tool_of(compile_fsm(FORM, ScriptedModel(replies=REPLIES), checkpointer=True), own_thread=False)


def tool_with_its_own_thread() -> BaseTool:
    return tool_of(compile_fsm(FORM, ScriptedModel(replies=REPLIES), checkpointer=InMemorySaver()), own_thread=True)


def ready_made(tool: BaseTool) -> Any:
    """Take LangChain's agent."""
    return create_agent(Caller(), [tool], checkpointer=InMemorySaver())


def by_hand(tool: BaseTool) -> Any:
    """Write an agent's loop."""
    caller = Caller()
    loop = StateGraph(MessagesState)
    loop.add_node("model", lambda values: {"messages": [caller.invoke(values["messages"])]})
    loop.add_node("tools", ToolNode([tool]))
    loop.add_edge(START, "model")
    loop.add_conditional_edges("model", tools_condition)
    loop.add_edge("tools", "model")
    return loop.compile(InMemorySaver())


def told(values: Json) -> list[str]:
    return [message.text for message in values["messages"] if isinstance(message, ToolMessage)]


TOOLS = pytest.mark.parametrize("make_tool", [tool_in_the_agents_thread, tool_with_its_own_thread])


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("agent", [ready_made, by_hand])
@TOOLS
def test_an_agent_holds_the_conversation_over_several_turns(make_tool: Any, agent: Any, drive: Drive) -> None:
    graph = agent(make_tool())
    for text in HEARD:
        values = drive(graph, given(text), CONFIG)
    assert told(values) == SAID


@TOOLS
def test_the_tools_tokens_are_seen_before_its_result(make_tool: Any) -> None:
    agent = ready_made(make_tool())
    parts = [chunk for _, (chunk, _) in agent.stream(given("x"), CONFIG, stream_mode="messages", subgraphs=True)]
    pieces = [chunk.text for chunk in parts if isinstance(chunk, AIMessageChunk) and chunk.text]
    assert "".join(pieces) == SAID[0]
    assert len(pieces) > 1


@TOOLS
def test_nothing_but_what_it_said_reaches_the_agent(make_tool: Any) -> None:
    agent = ready_made(make_tool())
    for text in HEARD:
        values = agent.invoke(given(text), CONFIG)
    assert [message.text for message in values["messages"]] == [
        *("sign me up", "", SAID[0], "told"),
        *("Ann", "", SAID[1], "told"),
        *("a@b.c", "", SAID[2], "told"),
    ]

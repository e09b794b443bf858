"""Agents that call a machine's tool, offline: their models follow scripts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents import create_agent
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from machines import AT_ONCE, CONFIG, FORM, Drive, Json, given, reply

from fsm_langgraph import Graph, ScriptedModel, compile_fsm

SIGN_UP = [
    reply("ask_name", "Your name?"),
    reply("ask_email", "Your e-mail address?", name="Ann"),
    reply("done", "Thanks!", email="a@b.c"),
]
"""The form's replies to somebody who says what is asked."""
HEARD = ["Sign me up", "Ann", "a@b.c"]
SAID = ["Your name?", "Your e-mail address?", "Thanks!"]


def form(replies: Sequence[Any] = SIGN_UP, definition: Any = FORM, **options: Any) -> Graph:
    """Compile a machine with a scripted model, and a checkpointer of its own unless another is given."""
    kept = {"checkpointer": InMemorySaver(), "retry_policy": AT_ONCE, **options}
    return compile_fsm(definition, ScriptedModel(replies=list(replies)), **kept)


def asking(*texts: str, tool: str = "sign_up", first: int = 0) -> AIMessage:
    """Write the message of an agent's model that calls the tool with each of the texts at once."""
    calls = [{"name": tool, "args": {"message": text}, "id": f"call_{n}"} for n, text in enumerate(texts, first)]
    return AIMessage("", tool_calls=calls)


def passing_on(*texts: str) -> list[AIMessage | str]:
    """Script an agent's model that passes on one text in each turn, and then says that it has."""
    return [step for number, text in enumerate(texts) for step in (asking(text, first=number), "told")]


def agent(tool: BaseTool, script: Sequence[Any], saver: BaseCheckpointSaver[Any] | None = None, **options: Any) -> Any:
    """Make LangChain's agent."""
    return create_agent(ScriptedModel(replies=list(script)), [tool], checkpointer=saver or InMemorySaver(), **options)


def answers(values: Json) -> list[ToolMessage]:
    """Return the answers that an agent has had from its tools."""
    return [message for message in values["messages"] if isinstance(message, ToolMessage)]


def said(values: Json) -> list[str]:
    """Return what the machine has said to an agent."""
    return [message.artifact["message"] for message in answers(values)]


def thread(artifact: Json) -> Any:
    """Write the config of the conversation that an artifact names."""
    return {"configurable": {"thread_id": artifact["thread_id"]}}


def heard(graph: Graph, artifact: Json) -> list[str]:
    """Return what was said in a conversation, by both sides."""
    return [message.text for message in graph.messages(thread(artifact))]


def asked(values: Json) -> list[Any]:
    """Return what a run that is paused asks."""
    return [question.value for question in values.get("__interrupt__", ())]


def resumed(graph: Any, drive: Drive, *answers: Any) -> Json:
    """Run a turn that asks a person, who gives these answers."""
    values = drive(graph, given("x"), CONFIG)
    for answer in answers:
        values = drive(graph, Command(resume=answer), CONFIG)
    return values


def call_sync(tool: BaseTool, given: Any, config: Any) -> Any:
    """Call a tool with `invoke`."""
    return tool.invoke(given, config)


def call_awaited(tool: BaseTool, given: Any, config: Any) -> Any:
    """Call a tool with `ainvoke`."""
    return asyncio.run(tool.ainvoke(given, config))


CALLS: Sequence[Callable[[BaseTool, Any, Any], Any]] = (call_sync, call_awaited)

"""The form as a state machine of tool calls: a step in the graph's state chooses the prompt and the tools."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

from langchain_core.messages import SystemMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, ToolRuntime, tools_condition
from langgraph.types import Command

KEYS = ("name", "email", "birthdate")
ROLE = """You are a friendly receptionist: warm, brief, never pushy.
You collect a name, an e-mail address and a date of birth, read them back and correct them until they are right.
When the user tells or corrects any of them, save it at once with the tool. Stay with the current step:
"""
STEPS = {
    "name": "Greet the user and say that you will ask for three things: a name, an e-mail address and a date of birth."
    " Do not ask for any of them yet; invite the user to begin. Then ask for the full name."
    " If only a first name is given, take it.",
    "email": "Ask for the e-mail address. If what the user gives is no e-mail address, say so kindly and ask again.",
    "birthdate": "Ask for the date of birth. Take any common way of writing a date.",
    "summary": "List the three values, one on each line, and ask whether they are right. If they are, confirm them."
    " If not, ask what is wrong: the name, the e-mail address or the date of birth.",
    "end": "Thank the user by name and say goodbye.",
}


class Form(MessagesState, total=False):
    """The state that the checkpointer keeps."""

    step: str
    name: str
    email: str
    birthdate: str


@tool
def save(
    runtime: ToolRuntime[None, Form], name: str | None = None, email: str | None = None, birthdate: str | None = None
) -> Command[Any]:
    """Save what the user has told or corrected; leave out the rest.

    Args:
        name: The user's full name
        email: The user's e-mail address
        birthdate: The user's date of birth, as YYYY-MM-DD
    """
    given = {key: value for key, value in zip(KEYS, (name, email, birthdate), strict=True) if value}
    known = {**runtime.state, **given}
    step = next((key for key in KEYS if not known.get(key)), "summary")
    return _done(runtime, f"Saved: {', '.join(given)}.", **given, step=step)


@tool
def confirm(runtime: ToolRuntime[None, Form]) -> Command[Any]:
    """Note that the user has said that all three values are right."""
    return _done(runtime, "Confirmed.", step="end")


def _done(runtime: ToolRuntime[None, Form], told: str, **update: str) -> Command[Any]:
    return Command(update={**update, "messages": [ToolMessage(told, tool_call_id=runtime.tool_call_id)]})


TOOLS = {"summary": [save, confirm], "end": []}
MODEL = ChatOpenAI(model="gpt-4o-mini")


async def answer(state: Form) -> dict[str, Any]:
    """Call the model with the prompt and the tools of the step."""
    step = state.get("step", "name")
    known = ", ".join(f"{key}: {value}" for key in KEYS if (value := state.get(key)))
    prompt = f"{ROLE}{STEPS[step]}\nKnown so far: {known or 'nothing'}."
    tools = TOOLS.get(step, [save])
    model = MODEL.bind_tools(tools) if tools else MODEL
    return {"messages": [await model.ainvoke([SystemMessage(prompt), *state["messages"]])]}


BUILDER = StateGraph(Form)
BUILDER.add_node("answer", answer)
BUILDER.add_node("tools", ToolNode([save, confirm]))
BUILDER.add_edge(START, "answer")
BUILDER.add_conditional_edges("answer", tools_condition)
BUILDER.add_edge("tools", "answer")
GRAPH = BUILDER.compile(checkpointer=InMemorySaver())


class Chat:
    """One conversation."""

    def __init__(self) -> None:
        self._config: RunnableConfig = {"configurable": {"thread_id": str(uuid.uuid4())}}

    async def say(self, text: str) -> AsyncIterator[str]:
        """Take what the user says, and yield the answer piece by piece."""
        given: Any = {"messages": [("user", text)] if text else []}
        pieces: AsyncIterator[Any] = GRAPH.astream(given, self._config, stream_mode="messages")
        async for chunk, metadata in pieces:
            if metadata["langgraph_node"] == "answer":
                yield chunk.text

    async def data(self) -> dict[str, Any]:
        """Return what is known."""
        return dict((await GRAPH.aget_state(self._config)).values)

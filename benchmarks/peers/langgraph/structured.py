"""The form in one structured call a turn, which brings both the data and the message, and so comes as a whole."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

from langchain_core.messages import AIMessage, SystemMessage
from langchain_core.runnables import RunnableConfig
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from pydantic import BaseModel, Field

KEYS = ("name", "email", "birthdate")
ROLE = """You are a friendly receptionist: warm, brief, never pushy.
You collect a name, an e-mail address and a date of birth, read them back and correct them until they are right.
Whatever the user tells or corrects goes into the reply's fields; leave the others null.
If what the user says completes the current step, write your message for the next one whose value is missing. The steps:
"""
STEPS = {
    "welcome": "Greet the user and say that you will ask for three things: a name, an e-mail address and a date of"
    " birth. Do not ask for any of them yet; invite the user to begin.",
    "name": "Ask for the full name. If only a first name is given, take it.",
    "email": "Ask for the e-mail address. If what the user gives is no e-mail address, say so kindly and ask again.",
    "birthdate": "Ask for the date of birth. Take any common way of writing a date.",
    "summary": "List the three values, one on each line, and ask whether they are right."
    " If not, ask what is wrong: the name, the e-mail address or the date of birth.",
    "end": "Thank the user by name and say goodbye.",
}


class Reply(BaseModel):
    """What the user has told, and what to say."""

    name: str | None = Field(description="The user's full name")
    email: str | None = Field(description="The user's e-mail address")
    birthdate: str | None = Field(description="The user's date of birth, as YYYY-MM-DD")
    confirmed: bool | None = Field(description="Whether the user has said that the summary is right")
    message: str = Field(description="The message to the user")


class Form(MessagesState, total=False):
    """The state that the checkpointer keeps."""

    step: str
    name: str
    email: str
    birthdate: str


MODEL = ChatOpenAI(model="gpt-4o-mini").with_structured_output(Reply)


async def turn(state: Form) -> dict[str, Any]:
    """Call the model with all steps and what is known, and go on as the data says."""
    step = state.get("step", "welcome")
    steps = "\n".join(f"{name}: {task}" for name, task in STEPS.items())
    known = ", ".join(f"{key}: {value}" for key in KEYS if (value := state.get(key)))
    prompt = f"{ROLE}{steps}\nThe current step: {step}. Known so far: {known or 'nothing'}."
    reply = await MODEL.ainvoke([SystemMessage(prompt), *state["messages"]])
    assert isinstance(reply, Reply)
    given = {key: value for key in KEYS if (value := getattr(reply, key))}
    known_now = {**state, **given}
    missing = next((key for key in KEYS if not known_now.get(key)), "summary")
    if not state["messages"]:
        missing = "welcome"
    elif step == "summary" and reply.confirmed:
        missing = "end"
    return {**given, "step": missing, "messages": [AIMessage(reply.message)]}


BUILDER = StateGraph(Form)
BUILDER.add_node("turn", turn)
BUILDER.add_edge(START, "turn")
BUILDER.add_edge("turn", END)
GRAPH = BUILDER.compile(checkpointer=InMemorySaver())


class Chat:
    """One conversation."""

    def __init__(self) -> None:
        self._config: RunnableConfig = {"configurable": {"thread_id": str(uuid.uuid4())}}

    async def say(self, text: str) -> AsyncIterator[str]:
        """Take what the user says, and yield the answer, which comes as a whole."""
        given: Any = {"messages": [("user", text)] if text else []}
        yield (await GRAPH.ainvoke(given, self._config))["messages"][-1].text

    async def data(self) -> dict[str, Any]:
        """Return what is known."""
        return dict((await GRAPH.aget_state(self._config)).values)

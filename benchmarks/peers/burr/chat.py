"""The form as a graph of actions: one call understands what the user says, another answers in the step reached."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import openai
from burr.core import Application, ApplicationBuilder, State, action, default, expr
from burr.core.action import streaming_action
from burr.core.graph import GraphBuilder
from pydantic import BaseModel, Field

KEYS = ("name", "email", "birthdate")
ROLE = """You are a friendly receptionist: warm, brief, never pushy.
You collect a name, an e-mail address and a date of birth, read them back and correct them until they are right.
Answer the user, and then: """
STEPS = {
    "welcome": "Greet the user and say that you will ask for three things: a name, an e-mail address and a date of"
    " birth. Do not ask for any of them yet; invite the user to begin.",
    "ask_name": "Ask for the full name. If only a first name is given, take it.",
    "ask_email": "Ask for the e-mail address. If what the user gives is no e-mail address, say so kindly and ask"
    " again.",
    "ask_birthdate": "Ask for the date of birth. Take any common way of writing a date.",
    "summary": "List the three values, one on each line, and ask whether they are right."
    " If they are not, ask what is wrong: the name, the e-mail address or the date of birth.",
    "end": "Thank the user by name and say goodbye.",
}
CLIENT = openai.AsyncOpenAI()
MODEL = "gpt-4o-mini"


class Told(BaseModel):
    """What the user's last message tells or corrects; null for the rest."""

    name: str | None = Field(description="The user's full name")
    email: str | None = Field(description="The user's e-mail address")
    birthdate: str | None = Field(description="The user's date of birth, as YYYY-MM-DD")
    confirmed: bool | None = Field(description="Whether the user has said that the summary is right")


@action(reads=["messages"], writes=["messages"])
def hear(state: State, text: str) -> State:
    """Take what the user says."""
    return state.append(messages={"role": "user", "content": text})


@action(reads=["messages"], writes=[*KEYS, "confirmed"])
async def understand(state: State) -> State:
    """Extract what it tells."""
    prompt = "Extract what the user's last message tells or corrects. Leave null what it does not say."
    messages = [{"role": "system", "content": prompt}, *state["messages"]]
    completion = await CLIENT.chat.completions.parse(model=MODEL, messages=messages, response_format=Told)
    told = completion.choices[0].message.parsed
    assert told is not None
    return state.update(**told.model_dump(exclude_none=True))


@streaming_action(reads=["messages", *KEYS], writes=["messages", "confirmed"])
async def speak(state: State, task: str) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Answer in a step, streamed."""
    known = ", ".join(f"{key}: {state[key]}" for key in KEYS if state[key])
    prompt = f"{ROLE}{task}\nKnown so far: {known or 'nothing'}."
    messages = [{"role": "system", "content": prompt}, *state["messages"]]
    said = ""
    async for chunk in await CLIENT.chat.completions.create(model=MODEL, messages=messages, stream=True):
        if delta := chunk.choices[0].delta.content:
            said += delta
            yield {"delta": delta}, None
    yield {"delta": ""}, state.append(messages={"role": "assistant", "content": said}).update(confirmed=False)


GRAPH = (
    GraphBuilder()
    .with_actions(hear, understand, **{step: speak.bind(task=task) for step, task in STEPS.items()})
    .with_transitions(
        (list(STEPS), "hear"),
        ("hear", "understand"),
        ("understand", "ask_name", expr("not name")),
        ("understand", "ask_email", expr("not email")),
        ("understand", "ask_birthdate", expr("not birthdate")),
        ("understand", "end", expr("confirmed")),
        ("understand", "summary", default),
    )
    .build()
)


class Chat:
    """One conversation."""

    def __init__(self) -> None:
        known = dict.fromkeys((*KEYS, "confirmed"))
        builder = ApplicationBuilder().with_graph(GRAPH).with_state(messages=[], **known)
        self._app: Application[Any] = builder.with_entrypoint("welcome").build()

    async def say(self, text: str) -> AsyncIterator[str]:
        """Take what the user says, and yield the answer piece by piece."""
        _, pieces = await self._app.astream_result(halt_after=list(STEPS), inputs={"text": text})
        async for piece in pieces:
            yield piece["delta"]

    async def data(self) -> dict[str, Any]:
        """Return what is known."""
        return dict(self._app.state.get_all())

"""The tool that a machine is to MCP clients: a call is a turn, or as many as the client's user is asked for.

    call ── a turn ── the user can be asked? ──no──> result: the machine's message, the conversation's id, …
              ^                 │ yes
              └─── the answer ──┘

The first text of a result is the machine's message and nothing else. A second one is for the model that called: it has
the conversation's id too, since some clients show their model no structured content.
"""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Annotated, Any

from mcp import types
from mcp.server.context import ServerRequestContext
from mcp.server.session import ServerSession
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from fsm_langgraph.errors import FSMError
from fsm_langgraph.mcp.elicitation import (
    MOST_QUESTIONS,
    ask,
    asks_by_result,
    can_ask,
    question,
    read_answer,
    read_asked,
)
from fsm_langgraph.mcp.served_machine import ServedMachine, Standing, Tell

Result = types.CallToolResult | types.InputRequiredResult

HOW_TO = """\
Holds a conversation with the user, turn by turn: pass on what the user says as `message`, word for word, and show the
user the message that comes back. Pass the `conversation_id` that comes back with every further message, until
`finished` is true.""".replace("\n", " ")

_Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
"""A text that may be left out: some models write `null` for that."""


class Arguments(BaseModel):
    """The arguments of a call."""

    model_config = ConfigDict(extra="forbid")

    message: _Text = Field(default="", description="What the user says; left out, the machine speaks first.")
    conversation_id: _Text = Field(
        default="", description="The conversation to go on with; left out, a new one begins."
    )


class Outcome(BaseModel):
    """The structured content of a result."""

    conversation_id: str = Field(description="The id by which the conversation goes on.")
    message: str = Field(description="What the machine says to the user.")
    finished: bool = Field(description="Whether the conversation has ended.")
    state: str = Field(description="The state that the conversation is in.")
    data: dict[str, Any] = Field(description="What the conversation has collected so far.")


class MachineTool:
    """A machine's tool.

    Args:
        machine: The machine.
        elicits: Whether the client's user is asked, where the client has forms for that.
    """

    def __init__(self, machine: ServedMachine, *, elicits: bool) -> None:
        self._machine = machine
        self._elicits = elicits

    def listed(self) -> types.Tool:
        """Describe it to clients."""
        definition = self._machine.definition
        return types.Tool(
            name=self._machine.name,
            title=definition.name,
            description=f"{definition.description}\n\n{HOW_TO}",
            input_schema=Arguments.model_json_schema(),
            output_schema=Outcome.model_json_schema(),
        )

    async def call(self, ctx: ServerRequestContext[Any, Any], params: types.CallToolRequestParams) -> Result:
        """Hold a turn, and further ones with what the user answers; an error is a result that tells it."""
        call = _Call(self._machine, ctx, elicits=self._elicits)
        try:
            return await call.hold(params)
        except ValidationError as error:
            return _failed(_arguments_told(error), "")
        except (FSMError, sqlite3.Error) as error:
            return _failed(str(error), call.conversation_id)


class _Call:
    """One call of the tool; it knows the conversation that an error has to name."""

    def __init__(self, machine: ServedMachine, ctx: ServerRequestContext[Any, Any], *, elicits: bool) -> None:
        self.conversation_id = ""
        self._machine = machine
        self._ctx = ctx
        self._elicits = elicits
        self._tell = _progress(ctx.session)

    async def hold(self, params: types.CallToolRequestParams) -> Result:
        asked = read_asked(params)
        if asked is None:
            standing = await self._first(Arguments.model_validate(params.arguments or {}))
        else:
            self.conversation_id = asked.conversation_id
            answer = read_answer(params)
            if answer is None:
                return _told(await self._machine.standing(asked.conversation_id), was_asked=True)
            standing = await self._machine.hear_answer(answer, asked.conversation_id, asked.question_id, self._tell)
        count = asked.count if asked is not None else 0
        while self._elicits and can_ask(self._ctx, standing):
            self.conversation_id = standing.conversation_id
            if asks_by_result(self._ctx):
                return question(standing, count + 1) if count < MOST_QUESTIONS else _told(standing)
            words = await ask(self._ctx, standing)
            if words is None:
                return _told(standing, was_asked=True)
            standing = await self._machine.hear(words, standing.conversation_id, self._tell)
        return _told(standing)

    async def _first(self, arguments: Arguments) -> Standing:
        """Hold the turn that the call asks for; one without a message in a conversation only says how that stands."""
        message, self.conversation_id = arguments.message.strip(), arguments.conversation_id.strip()
        if not self.conversation_id:
            return await self._machine.begin(message, self._tell)
        if not message:
            return await self._machine.standing(self.conversation_id)
        return await self._machine.hear(message, self.conversation_id, self._tell)


_PAUSE = 0.1
"""Seconds between two reports of a turn's progress."""


def _progress(session: ServerSession) -> Tell:
    """Make what reports a turn's progress, with the answer so far; nothing is sent where the client asks for none."""
    count, last = 0, 0.0

    async def tell(text: str) -> None:
        nonlocal count, last
        now = time.monotonic()
        if now - last >= _PAUSE:
            count, last = count + 1, now
            await session.report_progress(count, message=text)

    return tell


def _told(standing: Standing, *, was_asked: bool = False) -> types.CallToolResult:
    """Write a result; `was_asked` says that the user was asked, and has not answered."""
    outcome = Outcome(
        conversation_id=standing.conversation_id,
        message=standing.message,
        finished=standing.finished,
        state=standing.state,
        data=standing.data,
    )
    return types.CallToolResult(
        content=[types.TextContent(text=standing.message), _note(_remark(standing, was_asked=was_asked))],
        structured_content=outcome.model_dump(mode="json"),
    )


def _remark(standing: Standing, *, was_asked: bool) -> str:
    if standing.finished:
        collected = json.dumps(standing.data, ensure_ascii=False)
        return f"The conversation has ended. It has collected: {collected}"
    if was_asked:
        return (
            f"The user was asked this, and did not answer. To go on later: conversation_id {standing.conversation_id}, "
            "without a message to have the user asked again."
        )
    return f"To go on: conversation_id {standing.conversation_id}, with what the user says to this as message."


def _failed(sentence: str, conversation_id: str) -> types.CallToolResult:
    notes = [_note(f"conversation_id {conversation_id}")] if conversation_id else []
    return types.CallToolResult(content=[types.TextContent(text=sentence), *notes], is_error=True)


def _note(text: str) -> types.TextContent:
    return types.TextContent(text=text, annotations=types.Annotations(audience=["assistant"]))


def _arguments_told(error: ValidationError) -> str:
    found = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    return f"the arguments are not as they have to be: {found}.\n  Known ones: 'conversation_id', 'message'."

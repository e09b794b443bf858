"""The tool that a machine is to MCP clients: a call is a turn, or as many as the client's user is asked for.

    call ── a turn ── the user can be asked? ──no──> result: the machine's message, the conversation's id, …
              ^                 │ yes
              └─── the answer ──┘

The tool decides nothing: whatever a caller writes is a message to the machine.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Annotated, Any

from mcp import types
from mcp.server.context import ServerRequestContext
from mcp.server.session import ServerSession
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from fsm_langgraph.errors import FSMError
from fsm_langgraph.errors.advice_for_users import for_users
from fsm_langgraph.mcp.call_result import Outcome, tell_failure, tell_standing
from fsm_langgraph.mcp.elicitation import (
    MOST_QUESTIONS,
    ask,
    asks_by_result,
    can_ask,
    question,
    read_answer,
    read_question,
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


class ToolArgumentsError(FSMError):
    """A call's arguments are not those of the tool."""

    def __init__(self, found: str) -> None:
        self.found = found
        known = ", ".join(repr(name) for name in Arguments.model_fields)
        super().__init__(f"the arguments are not as they have to be: {found}.\n  Known ones: {known}.")


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
        exchange = _Exchange(self._machine, ctx, elicits=self._elicits)
        try:
            return await exchange.hold(params)
        except (FSMError, sqlite3.Error) as error:
            return tell_failure(for_users(str(error)), exchange.conversation_id)


class _Exchange:
    """One call of the tool; it knows the conversation that an error has to name."""

    def __init__(self, machine: ServedMachine, ctx: ServerRequestContext[Any, Any], *, elicits: bool) -> None:
        self.conversation_id = ""
        self._machine = machine
        self._ctx = ctx
        self._elicits = elicits
        self._tell = _progress(ctx.session)

    async def hold(self, params: types.CallToolRequestParams) -> Result:
        asked = read_question(params)
        if asked is None:
            standing = await self._first(_read(params))
        else:
            self.conversation_id = asked.conversation_id
            answer = read_answer(params)
            if answer is None:
                return tell_standing(await self._machine.standing(asked.conversation_id), was_asked=True)
            standing = await self._machine.hear_answer(answer, asked.conversation_id, asked.question_id, self._tell)
        count = asked.count if asked is not None else 0
        while self._elicits and can_ask(self._ctx, standing):
            self.conversation_id = standing.conversation_id
            if asks_by_result(self._ctx):
                return question(standing, count + 1) if count < MOST_QUESTIONS else tell_standing(standing)
            words = await ask(self._ctx, standing)
            if words is None:
                return tell_standing(standing, was_asked=True)
            standing = await self._machine.hear(words, standing.conversation_id, self._tell)
        return tell_standing(standing)

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


def _read(params: types.CallToolRequestParams) -> Arguments:
    try:
        return Arguments.model_validate(params.arguments or {})
    except ValidationError as error:
        found = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ToolArgumentsError("; ".join(found)) from error

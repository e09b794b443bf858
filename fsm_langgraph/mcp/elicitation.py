"""Asking the user, where the client lets a server do that: the machine's message over a form of one line.

Versions of the protocol up to 2025-11-25 have a request of the server for it, in the middle of a call. The later ones
have none: the call ends with the question, and the client calls again with the answer and with `requestState`, which
says what was asked. That holds nothing but what a client may say by itself, so it is neither sealed nor trusted.

A form is never shown for something secret: the protocol forbids it.
"""

from __future__ import annotations

from typing import Any

from mcp import types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import BaseModel, ConfigDict, ValidationError

from fsm_langgraph.errors import FSMError
from fsm_langgraph.mcp.served_machine import Standing

MOST_QUESTIONS = 8
"""Questions that end one call each; the SDKs' clients call again ten times at the most, and then give the call up."""
_FIELD = "reply"
_FORM: dict[str, Any] = {
    "type": "object",
    "properties": {_FIELD: {"type": "string", "title": "Your answer", "minLength": 1}},
    "required": [_FIELD],
}


class RequestStateError(FSMError):
    """A client has come back with a `requestState` that this server did not give it."""


class OpenQuestion(BaseModel):
    """The question that a call has ended with, as the client brings it back."""

    model_config = ConfigDict(extra="forbid")

    conversation_id: str
    question_id: str
    """The id of the machine's message that was shown."""
    count: int
    """How many questions there were, with this one."""


def can_ask(ctx: ServerRequestContext[Any, Any], standing: Standing) -> bool:
    """Say whether the client's user can be asked to go on with a conversation."""
    capabilities = ctx.session.client_capabilities
    forms = capabilities.elicitation if capabilities is not None else None
    # Forms are older than the name for them: a client that names nothing has them.
    has_forms = forms is not None and (forms.form is not None or forms.url is None)
    is_open = bool(standing.message) and not standing.finished and not standing.asks_secret
    return has_forms and is_open and (asks_by_result(ctx) or ctx.session.can_send_request)


def asks_by_result(ctx: ServerRequestContext[Any, Any]) -> bool:
    """Say whether a question to the user is a result of the call, and no request of the server."""
    return ctx.protocol_version in MODERN_PROTOCOL_VERSIONS


async def ask(ctx: ServerRequestContext[Any, Any], standing: Standing) -> str | None:
    """Ask the user by a request; return the answer, `None` where there is none."""
    try:
        result = await ctx.session.elicit_form(standing.message, _FORM, ctx.request_id)
    except (MCPError, ValidationError):  # the client has promised forms, and cannot show this one
        return None
    return _words(result)


def question(standing: Standing, count: int) -> types.InputRequiredResult:
    """Write the result that asks the user; `count` is the number of questions so far, with this one."""
    asked = OpenQuestion(conversation_id=standing.conversation_id, question_id=standing.message_id, count=count)
    form = types.ElicitRequestFormParams(message=standing.message, requested_schema=_FORM)
    return types.InputRequiredResult(
        input_requests={_FIELD: types.ElicitRequest(params=form)}, request_state=asked.model_dump_json()
    )


def read_question(params: types.CallToolRequestParams) -> OpenQuestion | None:
    """Read the question that a client comes back from; `None` in a call that begins.

    Raises:
        RequestStateError: It is not as it was written.
    """
    if params.request_state is None:
        return None
    try:
        return OpenQuestion.model_validate_json(params.request_state)
    except ValidationError as error:
        raise RequestStateError(
            "requestState is not as this server has written it.\n  Call again without it, with the conversation_id."
        ) from error


def read_answer(params: types.CallToolRequestParams) -> str | None:
    """Read the user's answer that a client comes back with; `None` where there is none."""
    return _words((params.input_responses or {}).get(_FIELD))


def _words(response: object) -> str | None:
    if not isinstance(response, types.ElicitResult) or response.action != "accept":
        return None
    return str((response.content or {}).get(_FIELD) or "").strip() or None

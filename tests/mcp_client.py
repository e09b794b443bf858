"""The official MCP client, with a user behind it who answers what a server asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mcp import Client, types
from mcp.client.session import ClientRequestContext

from fsm_langgraph import LLM_FSM, ScriptedModel
from fsm_langgraph.mcp.mcp_server import make_server

LATEST, HANDSHAKE = "auto", "legacy"
"""The two ways in which a client may connect: since 2026-07-28 a question to the user is a result, before a request."""
Answer = str | types.ElicitResult | types.ErrorData | None


class Asked:
    """A user who is shown forms.

    Args:
        answers: The answers, in order; a text is written into the form, `None` declines it.
    """

    def __init__(self, answers: Iterable[Answer]) -> None:
        self.questions: list[str] = []
        self._answers = iter(answers)

    async def __call__(
        self,
        context: ClientRequestContext,  # noqa: ARG002 - the protocol's signature
        params: types.ElicitRequestParams,
    ) -> types.ElicitResult | types.ErrorData:
        assert isinstance(params, types.ElicitRequestFormParams)
        assert [*params.requested_schema["properties"]] == ["reply"]
        self.questions.append(params.message)
        answer = next(self._answers)
        if isinstance(answer, str):
            return types.ElicitResult(action="accept", content={"reply": answer})
        return answer or types.ElicitResult(action="decline")


def machine_of(definition: Any, *replies: Any, **options: Any) -> LLM_FSM:
    """Make a machine whose model gives these replies."""
    return LLM_FSM(definition, ScriptedModel(replies=[*replies]), **options)


def client_of(*machines: LLM_FSM, mode: str = LATEST, user: Asked | None = None, elicits: bool = True) -> Client:
    """Make a client of a server in this process; without a user it has no forms."""
    return Client(make_server(machines, elicits=elicits), mode=mode, elicitation_callback=user)


def said(result: types.CallToolResult) -> str:
    """Return what a result tells the user."""
    content = result.content[0]
    assert isinstance(content, types.TextContent)
    return content.text


def noted(result: types.CallToolResult) -> str:
    """Return what a result tells the model besides."""
    content = result.content[1]
    assert isinstance(content, types.TextContent)
    assert content.annotations is not None
    assert content.annotations.audience == ["assistant"]
    return content.text

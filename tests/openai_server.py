"""A server on 127.0.0.1 that speaks `/v1/chat/completions` as OpenAI's does, for tests with `ChatOpenAI`.

    with OpenAIServer(["Hello!", Fault(429, "slow down")]) as server:
        model = server.chat_model()

It refuses the schemas that strict mode refuses, in the provider's words, and can be told to know no structured output
at all. The rest is `wire.server`'s.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Literal

from strict_schema import strict_schema_fault
from wire.answers import Answer, Body, Fault, Hang, Reaction, Script
from wire.chat_completions import ChatCompletions
from wire.server import WAIT, WireServer

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

__all__ = ["Answer", "Body", "Fault", "Feature", "Hang", "OpenAIServer", "Reaction", "Script", "aclose", "close"]

Feature = Literal["json_schema", "json_object", "tools", "tools with a format"]

_NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing is encrypted here, and a client that is given none reads a hundred authorities' certificates."""


class OpenAIServer(WireServer):
    """The server; a context manager.

    Args:
        script: What to say, one for each request that is not refused; or a function of the request's body.
            The last one of a list is said again and again.
        refuses: The features that the model does not have.
        piece_size: How many characters a streamed piece has.
        holds_to_schema: Whether a model that is given a schema can call no tool.
    """

    def __init__(
        self,
        script: Script = ("Hello!",),
        *,
        refuses: Collection[Feature] = (),
        piece_size: int = 4,
        holds_to_schema: bool = False,
    ) -> None:
        super().__init__(ChatCompletions(), script, piece_size=piece_size, holds_to_schema=holds_to_schema)
        self.refuses = frozenset(refuses)

    @property
    def base_url(self) -> str:
        """Where clients find it."""
        return f"{self.root}/v1"

    def chat_model(self, **options: Any) -> ChatOpenAI:
        """Make a chat model that talks to this server, with clients of its own for `close` or `aclose`."""
        from langchain_openai import ChatOpenAI
        from openai import DefaultAsyncHttpxClient, DefaultHttpxClient
        from pydantic import SecretStr

        chosen = {"model": "gpt-4o-mini", "max_retries": 0, "timeout": WAIT, "stream_usage": True, **options}
        return ChatOpenAI(
            base_url=self.base_url,
            api_key=SecretStr("sk-test"),
            http_client=DefaultHttpxClient(trust_env=False, verify=_NO_AUTHORITIES),
            http_async_client=DefaultAsyncHttpxClient(trust_env=False, verify=_NO_AUTHORITIES),
            **chosen,
        )

    def refusal(self, body: Body) -> Fault | None:
        """Refuse what the model does not have, and what strict mode does not take."""
        kind = body.get("response_format", {}).get("type")
        if kind in self.refuses:
            return Fault(
                400,
                f"Invalid parameter: 'response_format' of type '{kind}' is not supported with this model."
                " Learn more about supported models at the Structured Outputs guide:"
                " https://platform.openai.com/docs/guides/structured-outputs",
            )
        if "tools" in body and "tools" in self.refuses:
            return Fault(400, "tools is not supported in this model.", "unsupported_parameter", "tools")
        if "tools" in body and kind is not None and "tools with a format" in self.refuses:
            return Fault(400, "json mode cannot be combined with tool/function calling")
        if kind == "json_object" and "json" not in json.dumps(body["messages"]).lower():
            return Fault(
                400,
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
                param="messages",
            )
        if kind == "json_schema":
            named = body["response_format"]["json_schema"]
            if named.get("strict") and (fault := strict_schema_fault(named["schema"])):
                where = f"Invalid schema for response_format '{named['name']}': {fault}"
                return Fault(400, where, param="response_format")
        for index, tool in enumerate(body.get("tools", [])):
            function = tool["function"]
            if function.get("strict") and (fault := strict_schema_fault(function["parameters"])):
                where = f"Invalid schema for function '{function['name']}': {fault}"
                return Fault(400, where, "invalid_function_parameters", f"tools[{index}].function.parameters")
        return _unanswered_call(body)


def close(model: ChatOpenAI) -> None:
    """Close what a model of `chat_model` holds open, where only its sync methods were used."""
    model.root_client.close()


async def aclose(model: ChatOpenAI) -> None:
    """Close what a model of `chat_model` holds open."""
    model.root_client.close()
    await model.root_async_client.close()


def _unanswered_call(body: Body) -> Fault | None:
    """Refuse tool calls without their answers, and answers without their calls."""
    waiting: list[str] = []
    for message in [*body["messages"], {"role": "end"}]:
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                wrong = "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
                return Fault(400, f"Invalid parameter: {wrong}", param="messages")
            waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            wrong = "An assistant message with 'tool_calls' must be followed by tool messages responding to each"
            return Fault(400, f"{wrong} 'tool_call_id': {waiting}", param="messages")
        waiting = [call["id"] for call in message.get("tool_calls") or ()]
    return None

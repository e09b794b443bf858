"""A chat model that follows a script, for tests without a network.

    model = ScriptedModel(replies=[
        {"target_state": "ask_email", "name": "Ann", "message": "Hi Ann!"},   # written as JSON
        "Plain text, or text that is no JSON at all",
        Cut({"target_state": "ask_email", "message": "Than"}, after=30),      # the stream breaks
        AIMessage("Let me see.", tool_calls=[{"name": "find", "args": {"id": 7}, "id": "1"}]),  # tools are called
        TimeoutError("the provider is away"),                                 # raised
        lambda messages, schema: f"You said {messages[-1].text!r}",           # any of these
    ])

It streams in small pieces, at a pace if one is given, and records its calls. It counts pieces as tokens, so that a test
reads the same numbers every time.
"""

from __future__ import annotations

import asyncio
import json
import textwrap
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.output_parsers import JsonOutputParser
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import PrivateAttr

from fsm_langgraph.errors import FSMError
from fsm_langgraph.models.streamed import StreamedModel

JsonSchema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cut:
    """A reply whose stream breaks off."""

    reply: str | dict[str, Any]
    """The whole reply."""
    after: int
    """How many characters of it arrive."""
    error: Exception | None = None
    """The error that is raised then; `None` where the stream ends as if all were well."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was made."""

    messages: list[BaseMessage]
    """The messages that the model was given."""
    schema: JsonSchema | None
    """The schema that it was asked for; `None` for plain text."""
    tools: tuple[str, ...] = ()
    """The names of the tools that it might have called."""


Reply = str | dict[str, Any] | AIMessage | Exception | Cut
ReplyFunction = Callable[[list[BaseMessage], JsonSchema | None], Reply]


class OutOfReplies(FSMError):  # noqa: N818  it is no fault of the code, but the end of a script
    """A scripted model was called more often than it has replies."""

    def __init__(self, replies: int, calls: int, asked: str = "") -> None:
        self.replies = replies
        self.calls = calls
        self.asked = asked
        super().__init__(
            f"the script has {replies} repl{'y' if replies == 1 else 'ies'}, and this is call {calls}"
            f"{asked and f', {asked}'}.\n"
            "  Add a reply, or set repeat=True to begin anew; `model.calls` holds what was asked."
        )


class ScriptedModel(StreamedModel):
    """A chat model that gives the replies of a script, one after the other."""

    replies: list[Any]
    """The answers: a `Reply` or a `ReplyFunction` for each call."""
    repeat: bool = False
    """Whether the script begins anew at its end."""
    chunk_size: int = 4
    """How many characters a piece of the stream has; the usage counts such pieces."""
    first_delay: float = 0.0
    """Seconds before the first piece."""
    delay: float = 0.0
    """Seconds before each further piece."""

    _calls: list[Call] = PrivateAttr(default_factory=list)
    _lock: Any = PrivateAttr(default_factory=threading.Lock)

    @property
    def calls(self) -> list[Call]:
        """The calls made so far."""
        return list(self._calls)

    def forget(self) -> None:
        """Forget the calls made so far; the script begins anew."""
        with self._lock:
            self._calls.clear()

    def with_structured_output(
        self, schema: JsonSchema | type, *, include_raw: bool = False, method: str = "json_schema", **_: Any
    ) -> Runnable[Any, Any]:
        """Bind a schema in OpenAI's form, by `json_schema`, `function_calling` or `json_mode`."""
        if not isinstance(schema, dict) or include_raw:
            raise NotImplementedError("a scripted model takes JSON Schemas, without include_raw")
        named = {"name": schema.get("title", "reply"), "strict": True}
        bound: dict[str, dict[str, Any]] = {
            "json_schema": {"response_format": {"type": "json_schema", "json_schema": {**named, "schema": schema}}},
            "function_calling": {"tools": [{"type": "function", "function": {**named, "parameters": schema}}]},
            "json_mode": {"response_format": {"type": "json_object"}},
        }
        told = {"kwargs": {"method": method}, "schema": schema}
        return self.bind(**bound[method], ls_structured_output_format=told) | JsonOutputParser()

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: str | None = None, **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Bind tools in OpenAI's form."""
        choice = {"tool_choice": tool_choice} if tool_choice else {}
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **choice, **kwargs)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002  LangChain's signature; a script needs no stop words
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for seconds, chunk in self._play(messages, kwargs):
            if seconds:
                time.sleep(seconds)
            if chunk is not None:
                if run_manager:
                    run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002  LangChain's signature; a script needs no stop words
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for seconds, chunk in self._play(messages, kwargs):
            # Also with no delay: a stream that never waits could not be cancelled.
            await asyncio.sleep(seconds)
            if chunk is not None:
                if run_manager:
                    await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk

    def _play(
        self, messages: list[BaseMessage], kwargs: dict[str, Any]
    ) -> Iterator[tuple[float, ChatGenerationChunk | None]]:
        """Yield pieces of the stream, each with the seconds to wait before it; raise the script's errors."""
        form = _form(kwargs)
        schema = form["parameters"] if form else _schema(kwargs)
        named = [tool["function"]["name"] for tool in kwargs.get("tools", ())]
        reply = self._next_reply(Call(list(messages), schema, tuple(n for n in named if not form or n != form["name"])))
        yield self.first_delay, None
        if isinstance(reply, Exception):
            raise reply
        cut = reply if isinstance(reply, Cut) else None
        chunks = self._chunks(cut.reply if cut else reply, cut.after if cut else None, form)
        for index, chunk in enumerate(chunks):
            yield (self.delay if index else 0.0), ChatGenerationChunk(message=chunk)
        if cut and cut.error:
            raise cut.error
        if not cut:
            yield 0.0, self._usage(messages, len(chunks))

    def _next_reply(self, call: Call) -> Any:
        with self._lock:
            index = len(self._calls)
            self._calls.append(call)
        if not self.replies or (index >= len(self.replies) and not self.repeat):
            raise OutOfReplies(len(self.replies), index + 1, _asked(call))
        reply = self.replies[index % len(self.replies)]
        return reply(call.messages, call.schema) if callable(reply) else reply

    def _chunks(
        self, reply: str | dict[str, Any] | AIMessage, after: int | None, form: dict[str, Any] | None
    ) -> list[AIMessageChunk]:
        if isinstance(reply, AIMessage):
            said = [AIMessageChunk(content=piece) for piece in self._pieces(reply.text)]
            asked = [
                chunk
                for index, call in enumerate([*reply.tool_calls, *reply.invalid_tool_calls])
                for chunk in self._call(call["name"] or "", call["id"], _text(call["args"] or ""), index)
            ]
            return [*said, *asked]
        text = _text(reply)[:after]
        if form is not None:
            return self._call(form["name"], "call_scripted", text, 0)
        return [AIMessageChunk(content=piece) for piece in self._pieces(text)]

    def _call(self, name: str, call_id: str | None, arguments: str, index: int) -> list[AIMessageChunk]:
        """Cut a function call into pieces; the first of them alone brings its name."""
        pieces = [tool_call_chunk(name=name, args="", id=call_id, index=index)]
        pieces += [tool_call_chunk(args=piece, index=index) for piece in self._pieces(arguments)]
        return [AIMessageChunk(content="", tool_call_chunks=[piece]) for piece in pieces]

    def _pieces(self, text: str) -> list[str]:
        return [text[at : at + self.chunk_size] for at in range(0, len(text), self.chunk_size)]

    def _usage(self, messages: list[BaseMessage], output: int) -> ChatGenerationChunk:
        read = sum(-(-len(message.text) // self.chunk_size) for message in messages)
        usage = UsageMetadata(input_tokens=read, output_tokens=output, total_tokens=read + output)
        return ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=usage))


def _form(kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """Return the function that is the reply, among the tools: the only one that is bound with `strict`."""
    functions = (tool["function"] for tool in kwargs.get("tools", ()))
    return next((function for function in functions if function.get("strict")), None)


def _schema(kwargs: dict[str, Any]) -> JsonSchema | None:
    schema: JsonSchema | None = kwargs.get("response_format", {}).get("json_schema", {}).get("schema")
    return schema


def _asked(call: Call) -> str:
    """Say what a call wants; its last message tells why a reply before it was refused."""
    last = textwrap.shorten(call.messages[-1].text, 120) if call.messages else ""
    return f"with{'out' if call.schema is None else ''} a schema, after {last!r}"


def _text(reply: str | dict[str, Any]) -> str:
    return reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)

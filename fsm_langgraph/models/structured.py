"""Asking a model for structured output, by another method each time that its provider refuses one.

    json_schema  ->  function_calling  ->  json_mode  ->  prompt
    the schema binds the decoder       valid JSON     words only

The chain starts at the user's setting, or at the top. A refusal of the method moves it down one step, and it
stays there: for the model, or for one schema where the provider refuses just that, by its words or after it has taken
others. Two replies in a row that are no JSON move it in the same way, as some servers ignore what they do not know.
The keyword arguments come from the provider's own `with_structured_output`, without the parser behind it, which would
hold the stream back. Where the method does not carry the schema, its text goes into the system message, to the end of
the part that is the same on every turn.

Where tools may be called, they go beside the schema, in the form that the provider's own `bind_tools` gives them. With
function calling the reply is one more function, and the model chooses which one it calls. A provider may take schema
and tools, but not both together; so a refusal with tools is remembered for calls with tools only. A server that is not
known may take both and forbid the tools by the schema (`servers.py`). There the chain for calls with tools is shorter:

    function_calling  ->  prompt

Nothing here calls a model: `GatedModel` does, with the `Request` made here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, SystemMessage
from langchain_core.outputs import ChatGenerationChunk

from fsm_langgraph.models.arguments import (
    METHODS,
    JsonSchema,
    Method,
    Tools,
    carries_schema,
    provider_arguments,
    with_tools,
)
from fsm_langgraph.models.caching import cache_mark, marked
from fsm_langgraph.models.candidates import ModelCandidate
from fsm_langgraph.models.enum_limits import enum_limit, within
from fsm_langgraph.models.failures import refuses_method, refuses_schema
from fsm_langgraph.models.openai_api import hearing_refusals, sent_plainly
from fsm_langgraph.models.servers import forbids_tools_with_schema
from fsm_langgraph.prompts.prompt import stable_length
from fsm_langgraph.replies.reasoning import ReasoningHabit

_FAILURES = 2
"""After how many replies in a row that are no JSON the next method is taken."""
_KNOWN_FORMS = 4096
"""How many schemas are remembered with their arguments; a definition has one or two for each state."""


@dataclass(frozen=True, slots=True)
class Request:
    """One model call: the arguments for `_stream` and `_astream` of the model."""

    messages: list[BaseMessage]
    """The messages, with the schema's text where the method needs it."""
    kwargs: dict[str, Any]
    """The provider's keyword arguments."""
    stop: list[str] | None
    """The stop words that were bound to the model."""
    method: Method
    """The method by which the schema is asked for; `prompt` where there is none."""
    schema: JsonSchema | None
    """The reply's JSON Schema; `None` for plain text."""
    tools: Tools = ()
    """The tools that may be called instead."""


class StructuredOutput:
    """Asks one model for structured output, and remembers the methods that it refuses.

    Args:
        candidate: The model that will be called, with what is bound to it.
        method: Where the chain starts.
    """

    def __init__(self, candidate: ModelCandidate | BaseChatModel, *, method: Method | None = None) -> None:
        self.candidate = candidate if isinstance(candidate, ModelCandidate) else ModelCandidate(candidate)
        self.model = hearing_refusals(self.candidate.model)
        """The model as it is called."""
        self._step = METHODS.index(method or "json_schema")
        self._step_with_tools = self._step
        # What the user has chosen is sent as it is.
        self._is_format_free = method is None and forbids_tools_with_schema(self.candidate.model)
        self._cache_mark = cache_mark(self.candidate)
        self._enum_limit = enum_limit(self.candidate.model)
        # Both by whether there were tools: how many replies in a row were no JSON, and the methods that brought some.
        self._failed = {False: 0, True: 0}
        self._worked: set[tuple[Method, bool]] = set()
        self._known: dict[tuple[int, int], _KnownForm] = {}
        self.tells_end = False
        """Whether the model's streams tell why they end."""
        self.reply_habit, self.message_habit = ReasoningHabit(), ReasoningHabit()
        """How the model marks its reasoning, where it is asked for a reply and where for a message."""

    def request(
        self, messages: Sequence[BaseMessage], schema: JsonSchema | None, tools: Tools = (), *, cache_key: str = ""
    ) -> Request:
        """Make the request for a reply of this schema, or for plain text where there is none.

        Schema and tools are recognised by identity: with the same objects every turn, nothing is computed twice.

        Args:
            messages: The prompt.
            schema: The reply's JSON Schema.
            tools: The tools that may be called instead.
            cache_key: The same for all prompts with this beginning; sent to a provider that takes such a key.
        """
        method: Method = "prompt"
        kwargs = dict(self.candidate.kwargs)
        if schema is not None or tools:
            method, kwargs = self._arguments(self._recall(schema, tools))
        needs_text = None if carries_schema(method) else schema
        sent = list(messages) if needs_text is None else _with_schema_text(messages, needs_text)
        if self._cache_mark == "cache_control":
            sent = marked(sent)
        elif self._cache_mark == "prompt_cache_key" and cache_key:
            kwargs = {**kwargs, "prompt_cache_key": cache_key}
        return Request(sent, kwargs, self.candidate.stop, method, schema, tools)

    def downgrade(self, request: Request, error: BaseException) -> bool:
        """Take the next method if this error refuses the one that the request used; say whether to ask again.

        Of several requests that fail at the same time, only the first moves the chain.

        Args:
            request: The request that failed.
            error: Its error.
        """
        if request.schema is None or request.method == "prompt" or not refuses_method(error):
            return False
        if refuses_schema(error) or (request.method, bool(request.tools)) in self._worked:
            self._give_up_for_schema(request)
        else:
            self._give_up(request.method, has_tools=bool(request.tools))
        return True

    def note(self, request: Request, *, is_json: bool) -> None:
        """Note whether a reply was JSON at all; after two in a row that were not, the next method is taken.

        Args:
            request: The request that the reply came to.
            is_json: Whether it was an object, whatever that held.
        """
        has_tools = bool(request.tools)
        if is_json:
            self._failed[has_tools] = 0
            self._worked.add((request.method, has_tools))
            return
        self._failed[has_tools] += 1
        if self._failed[has_tools] >= _FAILURES and request.method != "prompt":
            self._failed[has_tools] = 0
            if (request.method, has_tools) in self._worked:
                self._give_up_for_schema(request)
            else:
                self._give_up(request.method, has_tools=has_tools)

    def _give_up_for_schema(self, request: Request) -> None:
        known = self._recall(request.schema, request.tools)
        known.step = max(known.step, METHODS.index(request.method) + 1)

    def _give_up(self, method: Method, *, has_tools: bool) -> None:
        step = METHODS.index(method) + 1
        if has_tools:
            self._step_with_tools = max(self._step_with_tools, step)
        else:
            self._step = max(self._step, step)

    def _recall(self, schema: JsonSchema | None, tools: Tools) -> _KnownForm:
        # An id is given again once its object is gone; so the objects are kept and compared too.
        key = (id(schema), id(tools))
        known = self._known.get(key)
        if known is None or known.schema is not schema or known.tools is not tools:
            if len(self._known) >= _KNOWN_FORMS:
                self._known.clear()
            known = self._known[key] = _KnownForm(schema, tools)
        return known

    def _arguments(self, known: _KnownForm) -> tuple[Method, dict[str, Any]]:
        step = max(self._step, self._step_with_tools if known.tools else 0, known.step)
        if step not in known.arguments:
            schema = within(self._enum_limit, known.schema) if known.schema is not None else None
            methods = [method for method in METHODS[step:] if not self._forbids(method, known.tools)]
            method, kwargs = _first_supported(self.candidate.model, schema, known.tools, methods)
            sent = sent_plainly(self.candidate.model, {**self.candidate.kwargs, **kwargs})
            known.arguments[step] = (method, sent)
        return known.arguments[step]

    def _forbids(self, method: Method, tools: Tools) -> bool:
        """Say whether the tools could not be called by this method."""
        return bool(tools) and self._is_format_free and method in ("json_schema", "json_mode")


@dataclass(slots=True)
class _KnownForm:
    """One schema with its tools, and the method that came of it."""

    schema: JsonSchema | None
    tools: Tools
    step: int = 0
    """The start of its own chain, where that is further down than the model's."""
    arguments: dict[int, tuple[Method, dict[str, Any]]] = field(default_factory=dict)
    """For each step that was needed, the method that its class took and the keyword arguments."""


def _first_supported(
    model: BaseChatModel, schema: JsonSchema | None, tools: Tools, methods: Sequence[Method]
) -> tuple[Method, dict[str, Any]]:
    """Return the first of these methods that the model's own class has arguments for."""
    for method in methods:
        found = provider_arguments(model, schema, method) if schema is not None else None
        # A class may take another method than the one asked for, but never one that was given up.
        if found is not None and found[0] in methods:
            return found[0], with_tools(model, *found, tools)
    return "prompt", with_tools(model, "prompt", {}, tools)


def chunk_text(chunk: ChatGenerationChunk | BaseMessage, method: Method | None) -> str:
    """Return the part of the reply's text in a piece of the stream: no reasoning, no signatures.

    With function calling the text is the call's arguments, or the content where a model writes JSON there.
    """
    message = chunk.message if isinstance(chunk, ChatGenerationChunk) else chunk
    if method == "function_calling":
        if isinstance(message, AIMessageChunk) and message.tool_call_chunks:
            return "".join(call["args"] or "" for call in message.tool_call_chunks)
        if isinstance(message, AIMessage) and message.tool_calls:
            return json.dumps(message.tool_calls[0]["args"], ensure_ascii=False)
    return message.content if isinstance(message.content, str) else str(message.text)


def _with_schema_text(messages: Sequence[BaseMessage], schema: JsonSchema) -> list[BaseMessage]:
    text = (
        "Answer with one JSON object that fits this JSON Schema, its members in this order:\n"
        f"<reply_schema>\n{json.dumps(schema, ensure_ascii=False, separators=(',', ':'))}\n</reply_schema>"
    )
    first, rest = (messages[0], messages[1:]) if messages else (None, [])
    if not isinstance(first, SystemMessage):
        return [SystemMessage(text), *messages]
    if isinstance(first.content, str):
        end = stable_length(first.content) or len(first.content)
        content: str | list[str | dict[Any, Any]] = f"{first.content[:end]}\n{text}{first.content[end:]}"
    else:
        content = [*first.content, {"type": "text", "text": text}]
    return [first.model_copy(update={"content": content}), *rest]

"""The chat model itself: LangChain's interface around the rules.

It streams in pieces of about a word, and is deterministic: the same messages get the same reply (days such as
"tomorrow" follow the calendar). `with_structured_output` binds the schema as OpenAI's `response_format`, so
that whoever prepares a provider's model prepares this one in the same way.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda
from langchain_core.utils.function_calling import convert_to_json_schema, convert_to_openai_tool
from pydantic import BaseModel

from fsm_langgraph.offline.replying import reply
from fsm_langgraph.offline.tool_choice import ChosenCall, read_tools

NOTICE = (
    "No model is configured, so replies come from fixed rules, not from a language model. "
    "Set OPENAI_API_KEY, or choose a model with --model, for a real one."
)
"""The notice for people who talk to this model; to be shown once, and not by the model."""

# A word with the space before it, or a run of signs: nothing of the text is lost between two pieces.
_PIECE = re.compile(r"\s*(?:\w+|[^\w\s]+)|\s+")


class OfflineModel(BaseChatModel):
    """A chat model that follows rules.

    Args:
        first_delay: Seconds before the first piece of a reply, as if a model were thinking.
        delay: Seconds before each further piece.
    """

    first_delay: float = 0.0
    """Seconds before the first piece of a reply."""
    delay: float = 0.0
    """Seconds before each further piece."""

    @property
    def _llm_type(self) -> str:
        return "fsm-langgraph-offline"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": "offline"}

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **_: Any
    ) -> Runnable[LanguageModelInput, dict[str, Any] | BaseModel]:
        """Return a runnable that answers in the schema, whatever method is asked for."""
        json_schema = convert_to_json_schema(schema)
        name = str(json_schema.get("title", "reply"))
        response_format = {
            "type": "json_schema",
            "json_schema": {"name": name, "schema": json_schema, "strict": True},
        }
        bound = self.bind(response_format=response_format)
        parser: Runnable[Any, Any] = JsonOutputParser()
        if isinstance(schema, type) and issubclass(schema, BaseModel):
            parser = PydanticOutputParser(pydantic_object=schema)
        if not include_raw:
            return bound | parser
        return bound | RunnableLambda(lambda raw: {"raw": raw, "parsed": parser.invoke(raw), "parsing_error": None})

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> Runnable[LanguageModelInput, AIMessage]:
        """Return a runnable that may call one of the tools before it answers, whatever choice is asked for."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain reports the pieces itself
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for delay, chunk in self._chunks(_answer(messages, stop, kwargs)):
            if delay:
                time.sleep(delay)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain reports the pieces itself
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for delay, chunk in self._chunks(_answer(messages, stop, kwargs)):
            if delay:
                await asyncio.sleep(delay)
            yield chunk

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - there is nothing to report
        **kwargs: Any,
    ) -> ChatResult:
        answer = _answer(messages, stop, kwargs)
        if total := self._total_delay(answer.text):
            time.sleep(total)
        return ChatResult(generations=[ChatGeneration(message=answer)])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 - there is nothing to report
        **kwargs: Any,
    ) -> ChatResult:
        answer = _answer(messages, stop, kwargs)
        if total := self._total_delay(answer.text):
            await asyncio.sleep(total)
        return ChatResult(generations=[ChatGeneration(message=answer)])

    def _chunks(self, answer: AIMessage) -> Iterator[tuple[float, ChatGenerationChunk]]:
        """Cut an answer into pieces, each with the seconds to wait before it."""
        pieces = _pieces(answer.text)
        for index, piece in enumerate(pieces):
            message = AIMessageChunk(content=piece)
            if index == len(pieces) - 1:
                last = {"usage_metadata": answer.usage_metadata, "chunk_position": "last"}
                message = AIMessageChunk(content=piece, tool_calls=answer.tool_calls, **last)
            yield self.delay if index else self.first_delay, ChatGenerationChunk(message=message)

    def _total_delay(self, text: str) -> float:
        if not (self.delay or self.first_delay):
            return 0.0
        return self.first_delay + self.delay * (len(_pieces(text)) - 1)


def _answer(messages: list[BaseMessage], stop: list[str] | None, kwargs: Mapping[str, Any]) -> AIMessage:
    answer = reply(messages, _schema(kwargs.get("response_format")), read_tools(kwargs.get("tools")))
    if isinstance(answer, ChosenCall):
        call = {"name": answer.tool, "args": answer.arguments, "id": f"call_{uuid.uuid4().hex}"}
        return AIMessage("", tool_calls=[call], usage_metadata=_usage(messages, str(answer.arguments)))
    for end in stop or ():
        answer = answer.split(end, 1)[0] if end else answer
    return AIMessage(answer, usage_metadata=_usage(messages, answer))


def _schema(response_format: Any) -> dict[str, Any] | None:
    """Return the schema out of OpenAI's form of asking for one."""
    if not isinstance(response_format, Mapping):
        return None
    described = response_format.get("json_schema")
    schema = described.get("schema") if isinstance(described, Mapping) else None
    return schema if isinstance(schema, dict) else None


def _pieces(text: str) -> list[str]:
    return _PIECE.findall(text) or [text]


def _usage(messages: list[BaseMessage], text: str) -> UsageMetadata:
    """Estimate the tokens, at four characters each."""
    read = sum(len(message.text) for message in messages) // 4 + 1
    written = len(text) // 4 + 1
    return UsageMetadata(input_tokens=read, output_tokens=written, total_tokens=read + written)

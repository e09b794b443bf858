"""The chat model that shows a reply's message and nothing else, and that only once the decision stands.

LangGraph streams every model call made inside a node, so a structured reply called plainly would show its JSON to the
user. `GatedModel` wraps the provider's model: it pulls the provider's stream, hands the decision over the moment it
is complete, and yields the message's text, or nothing. To LangChain it is one model run like any other: `messages`
streams, `astream_events` and tracers see exactly what the user sees, and usage is counted once.

    provider's chunks ──> ReplyParser ──> head ──> call.decide(head) ──> shown?  yes: text, piece by piece
                                                                                 no:  the stream is closed

The provider's own `_stream` is called, as its public methods would open a second run. Its rate limiter is honoured; a
cache is not, since a remembered answer would pass by the decision. What travels with a call besides its messages
is a `Call`, set on a copy of the gate, because anything given as an argument or put into the message reaches clients.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.language_models.chat_models import agenerate_from_stream, generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata, add_usage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.constants import TAG_NOSTREAM
from pydantic import PrivateAttr

from fsm_langgraph.errors import FSMError, ModelError
from fsm_langgraph.models.candidates import unwrap
from fsm_langgraph.models.failures import is_transient
from fsm_langgraph.models.openai_api import warm_up
from fsm_langgraph.models.structured import Method, Request, StructuredOutput, chunk_text
from fsm_langgraph.parser import MAX_LENGTH, MESSAGE, ReplyParser
from fsm_langgraph.reply import REASONING, BadReply, JsonSchema, expected_members
from fsm_langgraph.surrogates import ends_open, mended

Decide = Callable[[dict[str, Any]], bool]
"""Takes the members of a reply that are not its message; says whether the message may be shown."""


@dataclass(slots=True)
class Call:
    """One model call: what is asked for and, when it is over, what came of it."""

    state: str
    """The state that it is made in."""
    message_id: str
    """The id that the message gets, whichever call of the turn it comes from."""
    schema: JsonSchema | None = None
    """What the reply must look like; `None` for a plain message."""
    decide: Decide | None = None
    """Called once with a structured reply's head; raises `BadReply` where the head makes no sense."""

    text: str = ""
    """What was shown."""
    error: str = ""
    """Why the reply was refused, where it was; nothing was shown then."""
    cut: str = ""
    """Why the message broke off, where it did after its decision stood."""
    late: tuple[str, ...] = ()
    """Members that came after the decision, and were left out of it."""
    reasoning: str = ""
    """Why, where the reply said so after its message."""
    usage: UsageMetadata | None = None
    """The tokens used, as far as the provider told."""
    model_name: str = ""
    """The model that answered, by the provider's name for it; what counts tokens asks for it."""

    @property
    def is_silent(self) -> bool:
        """Whether the reply has no message."""
        return self.schema is not None and MESSAGE not in self.schema["properties"]


class GatedModel(BaseChatModel):
    """Streams the validated message of another chat model's replies.

    Made once for each graph by `gate`; `ask` and `aask` run one call through it.
    """

    streaming: bool = False
    cache: Literal[False] = False

    _outputs: list[StructuredOutput] = PrivateAttr(default_factory=list)
    _call: Call | None = PrivateAttr(default=None)

    @property
    def _llm_type(self) -> str:
        return "fsm-gate"

    def ask(self, call: Call, messages: LanguageModelInput, config: RunnableConfig) -> AIMessage:
        """Run one call; return the message that was shown, empty where none was.

        Raises:
            ModelError: The provider failed before anything was shown.
        """
        return self._for(call).invoke(messages, _hidden(config) if call.is_silent else config)

    async def aask(self, call: Call, messages: LanguageModelInput, config: RunnableConfig) -> AIMessage:
        """Run one call; the twin of `ask`."""
        return await self._for(call).ainvoke(messages, _hidden(config) if call.is_silent else config)

    def _for(self, call: Call) -> GatedModel:
        copy = self.__copy__()
        copy._call = call
        return copy

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> Any:
        return self._outputs[0].candidate.model._get_ls_params(stop=stop, **kwargs)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - what is bound to the model is used
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - its base class tells it the tokens
        **kwargs: Any,  # noqa: ARG002 - the gate takes none
    ) -> Iterator[ChatGenerationChunk]:
        call = self._current()
        for attempt in _attempts(self._outputs, call, messages):
            try:
                if attempt.model.rate_limiter is not None:
                    attempt.model.rate_limiter.acquire(blocking=True)
                with closing(_open(attempt)) as stream:
                    for chunk in stream:
                        if visible := attempt.take(chunk):
                            yield visible
                        if attempt.is_over:
                            break
            except Exception as error:  # noqa: BLE001 - any provider, any error: it is sorted and chained there
                attempt.fail(error)
            else:
                if visible := attempt.finish():
                    yield visible
        yield _last(call)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - what is bound to the model is used
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 - its base class tells it the tokens
        **kwargs: Any,  # noqa: ARG002 - the gate takes none
    ) -> AsyncIterator[ChatGenerationChunk]:
        call = self._current()
        for attempt in _attempts(self._outputs, call, messages):
            try:
                if attempt.model.rate_limiter is not None:
                    await attempt.model.rate_limiter.aacquire(blocking=True)
                async with aclosing(_aopen(attempt)) as stream:
                    async for chunk in stream:
                        if visible := attempt.take(chunk):
                            yield visible
                        if attempt.is_over:
                            break
            except Exception as error:  # noqa: BLE001 - any provider, any error: it is sorted and chained there
                attempt.fail(error)
            else:
                if visible := attempt.finish():
                    yield visible
        yield _last(call)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return await agenerate_from_stream(self._astream(messages, stop, run_manager, **kwargs))

    def _current(self) -> Call:
        if self._call is None:
            raise TypeError("a gated model is called through ask() or aask()")
        return self._call


def gate(model: Runnable[Any, Any], *, method: Method | None = None) -> GatedModel:
    """Put the gate before a chat model, with its fallbacks and bound arguments.

    Args:
        model: A chat model, or one wrapped by `bind`, `with_fallbacks` and their like.
        method: How structured output is asked for; found out where it is not given.

    Raises:
        ModelSetupError: There is no chat model inside.
    """
    candidates = unwrap(model)
    first = candidates[0].model
    gated = GatedModel(
        name=first.get_name(),
        tags=first.tags,
        metadata=first.metadata,
        callbacks=first.callbacks,
        streaming=True,  # LangChain reads the field only where it was set
    )
    gated._outputs = [StructuredOutput(candidate, method=method) for candidate in candidates]
    for candidate in candidates:
        warm_up(candidate.model)
    _ = gated._serialized  # computed once here, and copied with the gate for every call
    return gated


@dataclass(slots=True)
class _Attempt:
    """One request to one model: what was sent, and what its stream has brought so far."""

    call: Call
    model: BaseChatModel
    request: Request
    parser: ReplyParser | None
    """Reads a structured reply; `None` for a plain message."""
    is_over: bool = False
    """Whether the rest of the stream is of no interest."""
    failure: Exception | None = None
    """The provider's error, where nothing had been shown before it."""
    shows: bool | None = None
    """What the decision was; `None` before it."""
    length: int = 0
    is_limited: bool = False
    """Whether the provider stopped at its length limit."""
    half: str = ""
    """The first half of a character, held back until the second comes."""

    def take(self, chunk: ChatGenerationChunk) -> ChatGenerationChunk | None:
        """Read one chunk of the provider's; return what may be shown of it."""
        message = chunk.message
        if isinstance(message, AIMessageChunk | AIMessage) and message.usage_metadata is not None:
            self.call.usage = add_usage(self.call.usage, message.usage_metadata)
        told = {**(chunk.generation_info or {}), **message.response_metadata}
        self.call.model_name = told.get("model_name") or self.call.model_name
        self.is_limited |= told.get("finish_reason") == "length"
        text = chunk_text(chunk, self.request.method)
        if self.parser is None:
            self.length += len(text)
            if self.length > MAX_LENGTH:
                self.is_over, self.call.cut = True, f"it is longer than {MAX_LENGTH} characters"
            return self._visible(self._mended(text))
        return self._judged(self.parser, self.parser.feed(text))

    def finish(self) -> ChatGenerationChunk | None:
        """Say that the stream has ended; return what may still be shown."""
        if self.parser is None:
            visible = self._visible(mended(self.half))
            if not self.call.text.strip():
                self.call.error = "it is empty"
            elif self.is_limited:
                self.call.cut = "the provider's length limit was reached"
            return visible
        visible = self._judged(self.parser, self.parser.finish())
        reasoning = self.parser.late.pop(REASONING, "")
        self.call.reasoning = reasoning if isinstance(reasoning, str) else ""
        self.call.late = tuple(self.parser.late)
        if self.parser.error is not None and self.shows is None:
            self.call.error = self.parser.error
        elif self.parser.error is not None and self.shows:
            self.call.cut = self.parser.error
        return visible

    def fail(self, error: Exception) -> None:
        """Take the provider's error: what was shown cannot be taken back, so it stands; otherwise it is a failure."""
        if isinstance(error, FSMError):
            raise error
        if self.shows is None and not self.call.text:
            self.failure = error
        else:
            self.call.cut = f"the provider failed: {error}"

    def _judged(self, parser: ReplyParser, text: str) -> ChatGenerationChunk | None:
        if self.shows is None and parser.head is not None and self.call.decide is not None and not self.call.error:
            try:
                self.shows = self.call.decide(parser.head)
            except BadReply as error:
                self.call.error = str(error)
        self.is_over = parser.error is not None or bool(self.call.error) or self.shows is False
        return self._visible(text) if self.shows else None

    def _mended(self, text: str) -> str:
        text = self.half + text
        self.half = text[-1] if ends_open(text) else ""
        return mended(text.removesuffix(self.half))

    def _visible(self, text: str) -> ChatGenerationChunk | None:
        text = text if self.call.text else text.lstrip()
        if not text:
            return None
        self.call.text += text
        return ChatGenerationChunk(message=AIMessageChunk(content=text, id=self.call.message_id))


def _attempts(
    outputs: Sequence[StructuredOutput], call: Call, messages: list[BaseMessage]
) -> Iterator[_Attempt]:
    """Give one attempt after another until one is answered: weaker ways of asking, then the fallback models."""
    failure: Exception | None = None
    for output in outputs:
        while True:
            request = output.request(messages, call.schema)
            parser = ReplyParser(expected_members(call.schema)) if call.schema is not None else None
            attempt = _Attempt(call, output.candidate.model, request, parser)
            yield attempt
            if (failure := attempt.failure) is None:
                return
            if not output.downgrade(request, failure):
                break
        if not isinstance(failure, output.candidate.yields_to_next_on):
            break
    if failure is not None:
        raise ModelError(call.state, failure, transient=is_transient(failure)) from failure


def _open(attempt: _Attempt) -> Generator[ChatGenerationChunk]:
    model, request = attempt.model, attempt.request
    if type(model)._stream is not BaseChatModel._stream:
        yield from model._stream(request.messages, request.stop, **request.kwargs)
    else:
        yield _whole(model._generate(request.messages, request.stop, **request.kwargs))


async def _aopen(attempt: _Attempt) -> AsyncGenerator[ChatGenerationChunk]:
    model, request = attempt.model, attempt.request
    streams = (type(model)._stream, type(model)._astream) != (BaseChatModel._stream, BaseChatModel._astream)
    if streams:
        async for chunk in model._astream(request.messages, request.stop, **request.kwargs):
            yield chunk
    else:
        yield _whole(await model._agenerate(request.messages, request.stop, **request.kwargs))


def _whole(result: ChatResult) -> ChatGenerationChunk:
    """Make one chunk of the answer of a model that does not stream."""
    message = result.generations[0].message
    chunk = AIMessageChunk(**message.model_dump(exclude={"type"}))
    return ChatGenerationChunk(message=chunk, generation_info=result.generations[0].generation_info)


def _hidden(config: RunnableConfig) -> RunnableConfig:
    """Keep a call out of LangGraph's `messages` stream, which would show it as an empty message."""
    return {**config, "tags": [*(config.get("tags") or ()), TAG_NOSTREAM]}


def _last(call: Call) -> ChatGenerationChunk:
    """Close the message, and say what the call has used."""
    message = AIMessageChunk(
        content="",
        id=call.message_id,
        usage_metadata=call.usage,
        response_metadata={"model_name": call.model_name} if call.model_name else {},
        chunk_position="last",
    )
    return ChatGenerationChunk(message=message)

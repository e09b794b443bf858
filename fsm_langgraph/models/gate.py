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

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, closing
from typing import Any, Literal

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool
from langgraph.constants import TAG_NOSTREAM
from pydantic import PrivateAttr

from fsm_langgraph.effects.drivers import adrive, drive
from fsm_langgraph.errors import ModelSetupError
from fsm_langgraph.handlers import Handle, Outcome
from fsm_langgraph.models.arguments import Method, tool_arguments
from fsm_langgraph.models.attempt import aopen_stream, attempts, open_stream, shown
from fsm_langgraph.models.call import Call
from fsm_langgraph.models.candidates import ModelCandidate
from fsm_langgraph.models.openai_api import warm_up
from fsm_langgraph.models.streamed import StreamedModel
from fsm_langgraph.models.structured import StructuredOutput


class GatedModel(StreamedModel):
    """Streams the validated message of another chat model's replies.

    Made by `gate`, once for each model that a run may choose; `ask` and `aask` run one call through it.
    """

    streaming: bool = False
    cache: Literal[False] = False

    _outputs: list[StructuredOutput] = PrivateAttr(default_factory=list)
    _call: Call | None = PrivateAttr(default=None)
    _handle: Callable[[Handle], Outcome] = PrivateAttr()
    _ahandle: Callable[[Handle], Awaitable[Outcome]] = PrivateAttr()

    @property
    def _llm_type(self) -> str:
        return "fsm-gate"

    def ask(
        self,
        call: Call,
        messages: LanguageModelInput,
        config: RunnableConfig,
        handle: Callable[[Handle], Outcome],
    ) -> AIMessage:
        """Run one call; return the message that was shown, empty where none was.

        Args:
            call: What is asked for; what came of it is written there.
            messages: The prompt.
            config: The run's config.
            handle: Runs the handlers that the decision asks for.

        Raises:
            ModelError: The provider failed before anything was shown.
        """
        copy = self.__copy__()
        copy._call, copy._handle = call, handle
        return copy.invoke(messages, hidden(config) if call.is_silent else config)

    async def aask(
        self,
        call: Call,
        messages: LanguageModelInput,
        config: RunnableConfig,
        handle: Callable[[Handle], Awaitable[Outcome]],
    ) -> AIMessage:
        """Run one call; the twin of `ask`."""
        copy = self.__copy__()
        copy._call, copy._ahandle = call, handle
        return await copy.ainvoke(messages, hidden(config) if call.is_silent else config)

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> Any:
        if not self._outputs:
            return super()._get_ls_params(stop=stop, **kwargs)
        return self._outputs[0].candidate.model._get_ls_params(stop=stop, **kwargs)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - what is bound to the model is used
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - its base class tells it the tokens
        **kwargs: Any,  # noqa: ARG002 - the gate takes none
    ) -> Iterator[ChatGenerationChunk]:
        call = self._current()
        if call.ready:
            yield shown(call, call.ready)
        for attempt in attempts(self._outputs, call, messages):
            try:
                if attempt.model.rate_limiter is not None:
                    attempt.model.rate_limiter.acquire(blocking=True)
                with closing(open_stream(attempt)) as stream:
                    for chunk in stream:
                        visible = attempt.take(chunk)
                        if attempt.is_undecided:
                            visible = drive(attempt.judge(), self._handle)
                        if visible is not None:
                            yield visible
                        if attempt.is_over:
                            break
            except Exception as error:  # noqa: BLE001 - any provider, any error: it is sorted and chained there
                attempt.fail(error)
            else:
                if (visible := attempt.finish()) is not None:
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
        if call.ready:
            yield shown(call, call.ready)
        for attempt in attempts(self._outputs, call, messages):
            try:
                if attempt.model.rate_limiter is not None:
                    await attempt.model.rate_limiter.aacquire(blocking=True)
                async with aclosing(aopen_stream(attempt)) as stream:
                    async for chunk in stream:
                        visible = attempt.take(chunk)
                        if attempt.is_undecided:
                            visible = await adrive(attempt.judge(), self._ahandle)
                        if visible is not None:
                            yield visible
                        if attempt.is_over:
                            break
            except Exception as error:  # noqa: BLE001 - any provider, any error: it is sorted and chained there
                attempt.fail(error)
            else:
                if (visible := attempt.finish()) is not None:
                    yield visible
        yield _last(call)

    def _current(self) -> Call:
        if self._call is None:
            raise TypeError("a gated model is called through ask() or aask()")
        return self._call


def gate(
    candidates: Sequence[ModelCandidate], *, method: Method | None = None, tools: Iterable[tuple[BaseTool, ...]] = ()
) -> GatedModel:
    """Put the gate before the chat models that may answer; without any it shows what is written already.

    Args:
        candidates: The chat models, the first to be asked first.
        method: How structured output is asked for; found out where it is not given.
        tools: The tools that calls will come with, together in one call each.

    Raises:
        ModelSetupError: One of the models cannot call tools though there are some.
    """
    gated = GatedModel(streaming=True)  # LangChain reads the field only where it was set
    if candidates:
        first = candidates[0].model
        gated.name, gated.tags = first.get_name(), first.tags
        gated.metadata, gated.callbacks = first.metadata, first.callbacks
    gated._outputs = [StructuredOutput(candidate, method=method) for candidate in candidates]
    for candidate in candidates:
        warm_up(candidate.model)
        for together in tools:
            _check_tools(candidate.model, together)
    _ = gated._serialized  # computed once here, and copied with the gate for every call
    return gated


def _check_tools(model: BaseChatModel, tools: tuple[BaseTool, ...]) -> None:
    try:
        tool_arguments(model, tools)
    except NotImplementedError as error:
        raise ModelSetupError(
            type(model).__name__,
            f"its class cannot call tools (it has no bind_tools), and a state has {tools[0].name!r}.",
            "Choose a model whose class can, or take the tools out of the definition.",
        ) from error


def hidden(config: RunnableConfig) -> RunnableConfig:
    """Keep what is called with this config out of LangGraph's `messages` stream."""
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

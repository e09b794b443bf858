"""The chat model that shows a reply's message and nothing else, and that only once the decision stands.

LangGraph streams every model call made inside a node, so a structured reply called plainly would show its JSON to the
user. `GatedModel` wraps the provider's model: it pulls the provider's stream, hands the decision over the moment it
is complete, and yields the message's text, or nothing. To LangChain it is one model run like any other: `messages`
streams and `astream_events` see exactly what the user sees, tracers the reply too (`traced_reply.py`), and usage is
counted once.

    provider's chunks ──> ReplyReader ──> head ──> decide(head) ──> shown?  yes: HiddenText ──> piece by piece
                                                                            no:  the stream is closed

The provider's own `_stream` is called, as its public methods would open a second run. Its rate limiter is honoured. A
cache is not, since a remembered answer would pass by the decision. The request and the answer travel on a copy of the
gate: anything given as an argument or put into the message would reach clients.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import aclosing, closing
from functools import cached_property
from typing import Any, Literal, TypeVar

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LangSmithParams
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk
from langchain_core.prompt_values import ChatPromptValue
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool
from pydantic import Field

from fsm_langgraph.data.model_copies import copied_with
from fsm_langgraph.effects import Outside, adrive, drive
from fsm_langgraph.effects.outside import hidden
from fsm_langgraph.errors import ModelSetupError, RefusedReply
from fsm_langgraph.models.arguments import Method, tool_arguments
from fsm_langgraph.models.attempt import shown
from fsm_langgraph.models.attempt_end import fail, finish
from fsm_langgraph.models.candidates import ModelCandidate
from fsm_langgraph.models.gated_call import GatedCall
from fsm_langgraph.models.message_events import MessageEvent, amessage_events, message_events
from fsm_langgraph.models.openai_api import warm_up
from fsm_langgraph.models.provider_stream import aopen_stream, open_stream
from fsm_langgraph.models.request import Decide, ModelAnswer, ModelRequest
from fsm_langgraph.models.structured import StructuredOutput
from fsm_langgraph.models.succession import attempts
from fsm_langgraph.models.token_count import UntoldTokens
from fsm_langgraph.models.traced_model import TracedModel
from fsm_langgraph.models.traced_reply import UnshownGeneration

DecidedT = TypeVar("DecidedT")


class GatedModel(TracedModel):
    """Streams the validated message of another chat model's replies.

    Made by `gate`, once for each model that a run may choose; `ask` and `aask` run one call through it.
    """

    cache: Literal[False] = False

    # None of what follows is a private attribute: pydantic looks those up in several steps.
    outputs: Sequence[StructuredOutput] = Field(default=(), repr=False)
    """The models that are asked in turn."""
    speaker: str | None = Field(default=None, repr=False)
    """The name that its messages carry."""
    traces_replies: bool = Field(default=True, repr=False)
    """Whether traces tell the replies as they were written."""

    @cached_property
    def _call(self) -> GatedCall:
        """The one call that a copy is made for."""
        raise TypeError("a gated model is called through ask() or aask()")

    @cached_property
    def _ls_params(self) -> LangSmithParams:
        """Tell traces of the first model; to tell the models of a run apart is for the run's own metadata."""
        return self.outputs[0].candidate.model._get_ls_params() if self.outputs else super()._get_ls_params()

    @property
    def _llm_type(self) -> str:
        return "fsm-gate"

    def ask(
        self,
        request: ModelRequest,
        messages: list[BaseMessage],
        config: RunnableConfig,
        outside: Outside,
        decide: Decide[DecidedT] | None = None,
    ) -> ModelAnswer[DecidedT]:
        """Run one call.

        Args:
            request: The request.
            messages: The prompt.
            config: The call's config.
            outside: Where the effects of the decision are carried out.
            decide: Decides on a structured reply.

        Raises:
            ModelError: The provider failed, or was late.
            ModelRefusal: The model or its provider refused to answer, before anything was shown.
        """
        call = GatedCall(request, outside, decide)
        try:
            message = self._copy_for(call).invoke(_unchecked(messages), _told(request, config))
        except RefusedReply:
            message = AIMessage("", id=request.message_id)
        return call.answer(message)

    async def aask(
        self,
        request: ModelRequest,
        messages: list[BaseMessage],
        config: RunnableConfig,
        outside: Outside,
        decide: Decide[DecidedT] | None = None,
    ) -> ModelAnswer[DecidedT]:
        """Run one call; the twin of `ask`."""
        call = GatedCall(request, outside, decide)
        try:
            message = await self._copy_for(call).ainvoke(_unchecked(messages), _told(request, config))
        except RefusedReply:
            message = AIMessage("", id=request.message_id)
        return call.answer(message)

    def show(
        self, text: str, message_id: str, config: RunnableConfig, outside: Outside, untold: UntoldTokens | None = None
    ) -> None:
        """Show a message that is written already.

        Args:
            text: The message.
            message_id: Its id.
            config: The config of the run that shows it.
            outside: Where effects are carried out.
            untold: Tokens that its run is to tell.
        """
        self._showing(text, message_id, outside, untold).invoke([], config)

    async def ashow(
        self, text: str, message_id: str, config: RunnableConfig, outside: Outside, untold: UntoldTokens | None = None
    ) -> None:
        """Show a message that is written already; the twin of `show`."""
        await self._showing(text, message_id, outside, untold).ainvoke([], config)

    def _showing(self, text: str, message_id: str, outside: Outside, untold: UntoldTokens | None) -> GatedModel:
        request = ModelRequest("", message_id, speaker=self.speaker, untold=untold)
        return self._copy_for(GatedCall(request, outside, written=text))

    def _copy_for(self, call: GatedCall) -> GatedModel:
        return copied_with(self, _call=call)

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:  # noqa: ARG002 - see above
        return self._ls_params.copy()

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - what is bound to the model is used
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - its base class tells it the tokens
        **kwargs: Any,  # noqa: ARG002 - the gate takes none
    ) -> Iterator[ChatGenerationChunk]:
        call = self._call
        if call.written:
            yield shown(call.written, call.request)
        for attempt in attempts(self._asked(call), call.request, messages, call.decide):
            call.begin(attempt)
            try:
                # Closed as soon as the rest is of no interest, so that the provider stops writing.
                with closing(open_stream(attempt, call.outside.time)) as stream:
                    for chunk in stream:
                        call.outside.end_if_superseded()
                        visible = attempt.take(chunk)
                        if attempt.is_undecided:
                            visible = drive(attempt.judge(), call.outside)
                        if visible is not None:
                            yield visible
                        if attempt.is_over:
                            break
                    else:
                        attempt.is_read = True
            except Exception as error:  # noqa: BLE001 - any provider, any error: it is sorted and chained there
                fail(attempt, error)
            else:
                visible = finish(attempt)
                if attempt.is_undecided:
                    visible = drive(attempt.judge(), call.outside)
                if visible is not None:
                    yield visible
        yield call.last()

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - what is bound to the model is used
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 - its base class tells it the tokens
        **kwargs: Any,  # noqa: ARG002 - the gate takes none
    ) -> AsyncIterator[ChatGenerationChunk]:
        call = self._call
        if call.written:
            yield shown(call.written, call.request)
        for attempt in attempts(self._asked(call), call.request, messages, call.decide):
            call.begin(attempt)
            try:
                async with aclosing(aopen_stream(attempt, call.outside.time)) as stream:
                    async for chunk in stream:
                        call.outside.end_if_superseded()
                        visible = attempt.take(chunk)
                        if attempt.is_undecided:
                            visible = await adrive(attempt.judge(), call.outside)
                        if visible is not None:
                            yield visible
                        if attempt.is_over:
                            break
                    else:
                        attempt.is_read = True
            except Exception as error:  # noqa: BLE001 - any provider, any error: it is sorted and chained there
                fail(attempt, error)
            else:
                visible = finish(attempt)
                if attempt.is_undecided:
                    visible = await adrive(attempt.judge(), call.outside)
                if visible is not None:
                    yield visible
        yield call.last()

    def _stream_chat_model_events(self, messages: list[BaseMessage], **kwargs: Any) -> Iterator[MessageEvent]:
        return message_events(self._stream(messages, **kwargs), self._call.request.message_id)

    def _astream_chat_model_events(self, messages: list[BaseMessage], **kwargs: Any) -> AsyncIterator[MessageEvent]:
        return amessage_events(self._astream(messages, **kwargs), self._call.request.message_id)

    def _begin_trace(self) -> None:
        self._call.is_traced = self.traces_replies

    def _end_trace(self) -> dict[str, Any] | None:
        return self._call.facts()

    def _whole(self) -> AIMessage:
        return self._call.whole()

    def _unshown(self) -> ChatGeneration | UnshownGeneration:
        return self._call.unshown()

    def _asked(self, call: GatedCall) -> Sequence[StructuredOutput]:
        """Return the models that are asked in turn; none where the message is written already."""
        return () if call.written else self.outputs


def _told(request: ModelRequest, config: RunnableConfig) -> RunnableConfig:
    """Return the config of a call, which is hidden from clients where its message is not for the user."""
    return hidden(config) if request.is_silent else config


def _unchecked(messages: list[BaseMessage]) -> ChatPromptValue:
    """Make LangChain's prompt of messages that it need not look at one by one, since they are our own."""
    return ChatPromptValue.model_construct(messages=messages)


def gate(
    candidates: Sequence[ModelCandidate],
    *,
    method: Method | None = None,
    tools: Iterable[tuple[BaseTool, ...]] = (),
    speaker: str | None = None,
    trace_replies: bool = True,
) -> GatedModel:
    """Put the gate before the chat models that may answer; without any it shows what is written already.

    Args:
        candidates: The chat models, the first to be asked first.
        method: How structured output is asked for; found out where it is not given.
        tools: The tools that calls will come with, together in one call each.
        speaker: The name that the messages carry.
        trace_replies: Whether traces tell the replies as they were written.

    Raises:
        ModelSetupError: One of the models cannot call tools though there are some.
    """
    outputs = [StructuredOutput(candidate, method=method) for candidate in candidates]
    gated = GatedModel(outputs=outputs, speaker=speaker, traces_replies=trace_replies)
    if candidates:
        first = candidates[0].model
        gated.name, gated.tags = first.get_name(), first.tags
        gated.metadata, gated.callbacks = first.metadata, first.callbacks
    for candidate in candidates:
        warm_up(candidate.model)
        for together in tools:
            _check_tools(candidate.model, together)
    _ = gated._serialized, gated._ls_params  # computed once here, and copied with the gate for every call
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

"""The base of chat models whose runs tell traces more than streams: see `traced_reply.py`.

What stands in the message of a run's `LLMResult`, streams carry too. The one place to add to the rest of it is the
method that makes the result of one prompt, within the run. It has no public name. Should it go, traces lack the
replies, and a run that shows nothing, without being refused, ends by `NothingShown` and fails its turn.

LangChain would put the message together of the pieces of the stream. That costs as much as to make the pieces, and the
message is known: `_whole` makes it.
"""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, BaseCallbackHandler, CallbackManagerForLLMRun
from langchain_core.callbacks.manager import handle_event
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.tracers.base import AsyncBaseTracer, BaseTracer
from langchain_core.tracers.log_stream import LogStreamCallbackHandler

from fsm_langgraph.errors import RefusedReply
from fsm_langgraph.models.traced_reply import REFUSED_TAG, NothingShown, UnshownGeneration

_Manager = CallbackManagerForLLMRun | AsyncCallbackManagerForLLMRun | None
MethodT = TypeVar("MethodT", bound=Callable[..., Any])


def _signed(method: MethodT) -> MethodT:
    """Write down the signature of a method of which LangChain asks it in every run; to work it out costs more."""
    vars(method)["__signature__"] = inspect.signature(method)
    return method


class TracedModel(BaseChatModel):
    """A chat model whose runs may end without a message, and tell traces of the reply.

    Its streams raise `NothingShown` or `RefusedReply` where nothing was shown.
    """

    @abstractmethod
    def _begin_trace(self) -> None:
        """Keep the reply for traces."""

    @abstractmethod
    def _end_trace(self) -> dict[str, Any] | None:
        """Tell the reply; nothing where it is not kept."""

    @abstractmethod
    def _whole(self) -> AIMessage:
        """Return the message that was shown."""

    @abstractmethod
    def _unshown(self) -> ChatGeneration | UnshownGeneration:
        """Return the outcome of a run that has shown nothing."""

    def _should_stream(self, **given: Any) -> bool:
        """Say whether LangChain reads the stream. Only to make blocks of the pieces, else `_generate` does."""
        return self.output_version == "v1" and super()._should_stream(**given)

    @_signed
    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        for chunk in self._stream(messages, stop, **kwargs):
            if run_manager is not None:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
        return ChatResult(generations=[ChatGeneration(message=self._whole())])

    @_signed
    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        takes_at_once = run_manager is not None and all(map(_takes_at_once, run_manager.handlers))
        async for chunk in self._astream(messages, stop, **kwargs):
            if run_manager is None:
                continue
            if takes_at_once:
                _tell(run_manager, chunk)
            else:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
        return ChatResult(generations=[ChatGeneration(message=self._whole())])

    def _generate_with_cache(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        if _is_traced(run_manager):
            self._begin_trace()
        try:
            result = super()._generate_with_cache(messages, stop, run_manager, **kwargs)
        except NothingShown:
            result = _result(self._unshown())
        except RefusedReply:
            _tag(run_manager)
            raise
        result.llm_output = self._end_trace()
        return result

    async def _agenerate_with_cache(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        if _is_traced(run_manager):
            self._begin_trace()
        try:
            result = await super()._agenerate_with_cache(messages, stop, run_manager, **kwargs)
        except NothingShown:
            result = _result(self._unshown())
        except RefusedReply:
            _tag(run_manager)
            raise
        result.llm_output = self._end_trace()
        return result


def _takes_at_once(handler: BaseCallbackHandler) -> bool:
    """Say whether a handler takes a token without waiting, as LangGraph's own and tracers do."""
    return handler.run_inline and not inspect.iscoroutinefunction(handler.on_llm_new_token)


def _tell(run_manager: AsyncCallbackManagerForLLMRun, chunk: ChatGenerationChunk) -> None:
    """Tell a token to handlers that do not wait; what an async manager does around that costs several times as much."""
    ids = {"run_id": run_manager.run_id, "parent_run_id": run_manager.parent_run_id, "tags": run_manager.tags}
    handle_event(run_manager.handlers, "on_llm_new_token", "ignore_llm", chunk.text, chunk=chunk, **ids)


def _is_traced(run_manager: _Manager) -> bool:
    """Say whether anybody looks at a run who may see its reply; LangChain's log of runs is a stream for clients."""
    if run_manager is None or not run_manager.handlers:
        return False
    return not any(isinstance(handler, LogStreamCallbackHandler) for handler in run_manager.handlers)


def _result(generation: ChatGeneration | UnshownGeneration) -> ChatResult:
    """Make a run's result; LangChain's class, when it is made as usual, takes none but a `ChatGeneration`."""
    values: dict[str, Any] = {"generations": [generation]}
    return ChatResult.model_construct(**values)


def _tag(run_manager: _Manager) -> None:
    """Tag a run that is under way; tracers have taken its tags over when it began."""
    if run_manager is None:
        return
    run_manager.tags = [*run_manager.tags, REFUSED_TAG]
    for handler in run_manager.handlers:
        if isinstance(handler, BaseTracer | AsyncBaseTracer):
            run = handler.run_map.get(str(run_manager.run_id))
            if run is not None:
                run.tags = [*(run.tags or ()), REFUSED_TAG]

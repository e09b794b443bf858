"""The base of chat models whose runs tell traces more than streams: see `traced_reply.py`.

LangChain makes a run's `LLMResult` of a stream's pieces alone, which streams carry too. The one place to add to it is
the method that makes the result of one prompt, within the run. It has no public name. Should it go, traces lack the
replies, and a run that shows nothing, without being refused, ends by `NothingShown` and fails its turn.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tracers.base import AsyncBaseTracer, BaseTracer
from langchain_core.tracers.log_stream import LogStreamCallbackHandler

from fsm_langgraph.errors import RefusedReply
from fsm_langgraph.models.streamed import StreamedModel
from fsm_langgraph.models.traced_reply import REFUSED_TAG, NothingShown, UnshownGeneration

_Manager = CallbackManagerForLLMRun | AsyncCallbackManagerForLLMRun | None


class TracedModel(StreamedModel):
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
    def _unshown(self) -> ChatGeneration | UnshownGeneration:
        """Return the outcome of a run that has shown nothing."""

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

"""The run of a chat model, told to LangChain's callbacks: each piece of its message, and its end.

The gate shows messages that no model of LangChain's would show so, and to all who listen it is one model run like any
other. Streams, tracers and counters of tokens are callbacks, so the run is told to them here. `BaseChatModel.invoke`
would tell them the same; on the way it copies what the gate knows already, and waits for each callback in a task.

    ToldModel.begin ──> show ──> show ──> … ──> close ──> end     with the message that was shown
                                           ├────────────> end     nothing was shown
                                           └────────────> fail    by an error
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk, Generation, LLMResult
from langchain_core.tracers.base import AsyncBaseTracer, BaseTracer
from langchain_core.tracers.log_stream import LogStreamCallbackHandler

from fsm_langgraph.data.model_copies import copied_with
from fsm_langgraph.models.fresh_messages import fresh_message
from fsm_langgraph.models.message_events import MessageEvents

Told = Coroutine[Any, Any, None] | None
"""The coroutine that is left to await, where callbacks are told that wait."""


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """The message that a run shows, as far as it is known beforehand."""

    id: str
    name: str | None


class ModelRun:
    """A run that is under way. Each method returns what is left to await in an async run."""

    __slots__ = ("_blank", "_events", "_run", "_shown")

    def __init__(self, run: _RunManager, shown: ShownMessage) -> None:
        self._run = run
        self._shown = shown
        self._events = MessageEvents(shown.id) if any(map(_takes_events, run.handlers)) else None
        self._blank: ChatGenerationChunk | None = None

    @property
    def is_traced(self) -> bool:
        """Whether anybody looks who may see the reply; LangChain's log of runs is a stream for clients."""
        handlers = self._run.handlers
        return bool(handlers) and not any(isinstance(handler, LogStreamCallbackHandler) for handler in handlers)

    def show(self, text: str) -> Told:
        """Show a piece of the message."""
        run = self._run
        if not run.handlers:
            return None
        told = self._tell(text)
        if self._events is None:
            return told
        return _in_turn([told, *map(run.on_stream_event, self._events.of(text))])

    def close(self, message: AIMessage) -> Told:
        """Show the last piece of the message, which has no text and tells the tokens."""
        run = self._run
        if not run.handlers:
            return None
        usage, metadata = message.usage_metadata, {**message.response_metadata}
        told = self._tell("", usage_metadata=usage, response_metadata=metadata, chunk_position="last")
        if self._events is None:
            return told
        return _in_turn([told, *map(run.on_stream_event, self._events.last(usage, metadata))])

    def end(self, generation: Generation, facts: dict[str, Any] | None) -> Told:
        """End the run with its outcome.

        Args:
            generation: The message that was shown, or else what there is to tell.
            facts: The facts about the reply, for traces.
        """
        run = self._run
        if not run.handlers:
            return None
        told: Told = run.on_llm_end(copied_with(_RESULT, generations=[[generation]], llm_output=facts))
        return told

    def fail(self, error: BaseException, tag: str = "", facts: dict[str, Any] | None = None) -> Told:
        """End the run by an error.

        Args:
            error: The error.
            tag: A tag that the run gets.
            facts: The facts about the reply, for traces.
        """
        if tag:
            _tag(self._run, tag)
        told: Told = self._run.on_llm_error(error, response=LLMResult(generations=[[]], llm_output=facts))
        return told

    def _tell(self, text: str, **values: Any) -> Told:
        """Tell a piece."""
        if self._blank is None:
            message = fresh_message(AIMessageChunk, "", self._shown.id, self._shown.name)
            self._blank = copied_with(_PIECE, message=message)
        blank = self._blank
        piece = copied_with(blank, message=copied_with(blank.message, content=text, **values), text=text)
        told: Told = self._run.on_llm_new_token(text, chunk=piece)
        return told


_PIECE = ChatGenerationChunk(message=AIMessageChunk(content=""))
_RESULT = LLMResult(generations=[], llm_output=None)
"""Copied in each turn: to make one costs several times as much."""


class _RunManager(Protocol):
    """LangChain's managers of a run's callbacks; the methods of the awaited one return coroutines."""

    run_id: Any
    handlers: list[BaseCallbackHandler]
    tags: list[str]

    def on_llm_new_token(self, token: str, *, chunk: ChatGenerationChunk) -> Any: ...

    def on_stream_event(self, event: Any) -> Any: ...

    def on_llm_end(self, response: LLMResult) -> Any: ...

    def on_llm_error(self, error: BaseException, *, response: LLMResult) -> Any: ...


def _takes_events(handler: BaseCallbackHandler) -> bool:
    """Say whether a handler takes a message as events; LangGraph's that does passes over the pieces."""
    method = getattr(handler, "on_stream_event", None)
    return getattr(method, "__func__", method) not in _PASSED_OVER


_PASSED_OVER = (None, BaseCallbackHandler.on_stream_event, AsyncCallbackHandler.on_stream_event)


def _tag(run: _RunManager, tag: str) -> None:
    """Tag a run that is under way; tracers have taken its tags over when it began."""
    run.tags = [*run.tags, tag]
    for handler in run.handlers:
        if isinstance(handler, BaseTracer | AsyncBaseTracer):
            traced = handler.run_map.get(str(run.run_id))
            if traced is not None:
                traced.tags = [*(traced.tags or ()), tag]


def _in_turn(told: Sequence[Told]) -> Told:
    waiting = [each for each in told if each is not None]
    return _await_each(waiting) if waiting else None


async def _await_each(waiting: Sequence[Coroutine[Any, Any, None]]) -> None:
    try:
        for each in waiting:
            await each
    finally:
        for each in waiting:  # where one fails, Python would warn of those that nobody has awaited
            each.close()

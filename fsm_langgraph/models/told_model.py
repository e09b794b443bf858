"""A model as its runs tell it to LangChain's callbacks: its name, its provider, and where its runs begin."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any

from langchain_core.callbacks import (
    AsyncCallbackManager,
    BaseCallbackHandler,
    CallbackManager,
    CallbackManagerForLLMRun,
    Callbacks,
)
from langchain_core.callbacks.manager import handle_event
from langchain_core.globals import get_verbose
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, GenerationChunk
from langchain_core.runnables import RunnableConfig

from fsm_langgraph.models.langchain_internals import as_traced
from fsm_langgraph.models.model_run import ModelRun, ShownMessage


@dataclass(frozen=True, slots=True)
class ToldModel:
    """A model as its runs tell it."""

    name: str = "GatedModel"
    tags: list[str] | None = None
    metadata: dict[str, Any] | None = None
    callbacks: Callbacks = None
    params: dict[str, Any] = field(default_factory=dict)
    """LangChain's names for its provider and its settings, which go with the metadata."""

    def begin(self, messages: list[BaseMessage], config: RunnableConfig, shown: ShownMessage) -> ModelRun:
        """Begin a run.

        Args:
            messages: The prompt.
            config: The run's config.
            shown: The message that it is going to show.
        """
        manager = self._manager(config)
        (run,) = manager.on_chat_model_start(self._serialized(), [as_traced(messages)], **_arguments(config))
        return ModelRun(run, shown)

    async def abegin(self, messages: list[BaseMessage], config: RunnableConfig, shown: ShownMessage) -> ModelRun:
        """Begin a run; the twin of `begin`. Callbacks that wait are waited for."""
        manager = self._manager(config)
        if all(map(_takes_at_once, manager.handlers)):
            (run,) = manager.on_chat_model_start(self._serialized(), [as_traced(messages)], **_arguments(config))
            return ModelRun(_TakenAtOnce(**vars(run)), shown)
        waiting = AsyncCallbackManager(
            manager.handlers,
            manager.inheritable_handlers,
            manager.parent_run_id,
            tags=manager.tags,
            inheritable_tags=manager.inheritable_tags,
            metadata=manager.metadata,
            inheritable_metadata=manager.inheritable_metadata,
        )
        (arun,) = await waiting.on_chat_model_start(self._serialized(), [as_traced(messages)], **_arguments(config))
        return ModelRun(arun, shown)

    def _manager(self, config: RunnableConfig) -> CallbackManager:
        return CallbackManager.configure(
            config.get("callbacks"),
            self.callbacks,
            get_verbose(),
            config.get("tags"),
            self.tags,
            {**config.get("metadata", {}), **self.params},
            self.metadata,
            langsmith_inheritable_metadata=_PARAMS,
        )

    def _serialized(self) -> dict[str, Any]:
        return {"lc": 1, "type": "not_implemented", "id": _ID, "repr": f"GatedModel({self.name})", "name": self.name}


def _takes_at_once(handler: BaseCallbackHandler) -> bool:
    """Say whether a handler takes what it is told without waiting, as LangGraph's own and tracers do."""
    return handler.run_inline and not any(
        inspect.iscoroutinefunction(getattr(handler, moment, None)) for moment in _MOMENTS
    )


_MOMENTS = ("on_chat_model_start", "on_llm_start", "on_llm_new_token", "on_stream_event", "on_llm_end", "on_llm_error")


class _TakenAtOnce(CallbackManagerForLLMRun):
    """Tells an awaited run to callbacks that do not wait: the piece comes by its position, as in LangChain's."""

    def on_llm_new_token(
        self, token: Any, *, chunk: GenerationChunk | ChatGenerationChunk | None = None, **kwargs: Any
    ) -> None:
        ids = {"run_id": self.run_id, "parent_run_id": self.parent_run_id, "tags": self.tags}
        handle_event(self.handlers, "on_llm_new_token", "ignore_llm", token, chunk=chunk, **ids, **kwargs)


def _arguments(config: RunnableConfig) -> dict[str, Any]:
    """Return what LangChain tells of a run's beginning besides the model and the prompt."""
    return {
        "invocation_params": {**_PARAMS},
        "options": {"stop": None},
        "name": config.get("run_name"),
        "run_id": config.get("run_id"),
        "batch_size": 1,
    }


_PARAMS = {"_type": "fsm-gate", "stop": None}
_ID = ["fsm_langgraph", "models", "gate", "GatedModel"]

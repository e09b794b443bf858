"""A model as its runs tell it to LangChain's callbacks: its name, its provider, and where its runs begin."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from langchain_core.callbacks import (
    AsyncCallbackManager,
    BaseCallbackHandler,
    CallbackManager,
    CallbackManagerForLLMRun,
)
from langchain_core.callbacks.manager import handle_event
from langchain_core.globals import get_verbose
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, GenerationChunk
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import merge_configs

from fsm_langgraph.models.langchain_internals import as_traces_read
from fsm_langgraph.models.model_run import ModelRun, ShownMessage


@dataclass(frozen=True, slots=True)
class ToldModel:
    """A model as its runs tell it."""

    name: str = "GatedModel"
    config: RunnableConfig = field(default_factory=RunnableConfig)
    """The callbacks, tags and metadata of its own, and the name of its runs."""
    listeners: Sequence[Callable[[RunnableConfig], RunnableConfig]] = ()
    """Make what is added to this for each run."""
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
        (run,) = manager.on_chat_model_start(**self._begun(messages))
        return ModelRun(run, shown)

    async def abegin(self, messages: list[BaseMessage], config: RunnableConfig, shown: ShownMessage) -> ModelRun:
        """Begin a run; the twin of `begin`. Callbacks that wait are waited for."""
        manager = self._manager(config)
        if all(map(_takes_at_once, manager.handlers)):
            (run,) = manager.on_chat_model_start(**self._begun(messages))
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
        (arun,) = await waiting.on_chat_model_start(**self._begun(messages))
        return ModelRun(arun, shown)

    def _manager(self, config: RunnableConfig) -> CallbackManager:
        own = self.config
        if self.listeners:
            own = merge_configs(own, *(listen(config) for listen in self.listeners))
        return CallbackManager.configure(
            config.get("callbacks"),
            own.get("callbacks"),
            get_verbose(),
            config.get("tags"),
            own.get("tags"),
            {**config.get("metadata", {}), **self.params},
            own.get("metadata"),
            langsmith_inheritable_metadata=_PARAMS,
        )

    def _begun(self, messages: list[BaseMessage]) -> dict[str, Any]:
        """Return what is told of a run's beginning."""
        repr_ = f"GatedModel({self.name})"
        return {
            "serialized": {"lc": 1, "type": "not_implemented", "id": [*_ID], "repr": repr_, "name": self.name},
            "messages": [as_traces_read(messages)],
            "invocation_params": {**_PARAMS},
            "options": {"stop": None},
            "name": self.config.get("run_name"),
            "batch_size": 1,
        }


def _takes_at_once(handler: BaseCallbackHandler) -> bool:
    """Say whether a handler takes what it is told without waiting, as LangGraph's own and tracers do."""
    kind: Any = type(handler)
    own: dict[str, Any] = getattr(handler, "__dict__", {})
    replaced = [own[moment] for moment in _MOMENTS if moment in own]
    return handler.run_inline and not _waits(kind) and not any(map(inspect.iscoroutinefunction, replaced))


@lru_cache(maxsize=128)
def _waits(kind: type[BaseCallbackHandler]) -> bool:
    return any(inspect.iscoroutinefunction(getattr(kind, moment, None)) for moment in _MOMENTS)


class _TakenAtOnce(CallbackManagerForLLMRun):
    """Tells an awaited run to callbacks that do not wait: the piece comes by its position, as in LangChain's."""

    def on_llm_new_token(
        self, token: Any, *, chunk: GenerationChunk | ChatGenerationChunk | None = None, **kwargs: Any
    ) -> None:
        ids = {"run_id": self.run_id, "parent_run_id": self.parent_run_id, "tags": self.tags}
        handle_event(self.handlers, "on_llm_new_token", "ignore_llm", token, chunk=chunk, **ids, **kwargs)


_MOMENTS = ("on_chat_model_start", "on_llm_start", "on_llm_new_token", "on_stream_event", "on_llm_end", "on_llm_error")


_PARAMS: dict[str, Any] = {"_type": "fsm-gate", "stop": None}
_ID = ["fsm_langgraph", "models", "gate", "GatedModel"]

"""Where the conversation of a run is kept: the checkpointer and the thread, as LangGraph is going to find them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.types import StateSnapshot

from fsm_langgraph.graph.langgraph_internals import (
    checkpointer_of,
    config_of_run,
    is_nested,
    is_within_a_run,
    with_checkpointer,
)
from fsm_langgraph.graph.read_ahead import ReadAhead

if TYPE_CHECKING:
    from fsm_langgraph.graph.graph import Graph


@dataclass(frozen=True, slots=True)
class Thread:
    """Where the conversation of a run is kept."""

    saver: BaseCheckpointSaver[Any]
    thread_id: str
    checkpoint_id: str | None
    """The checkpoint that the run goes on from, where one was named."""

    @property
    def config(self) -> RunnableConfig:
        """The config by which LangGraph is going to read it."""
        named = {"checkpoint_id": self.checkpoint_id} if self.checkpoint_id is not None else {}
        return {"configurable": {"thread_id": self.thread_id, "checkpoint_ns": "", **named}}

    @property
    def head(self) -> RunnableConfig:
        """The config of the newest checkpoint, of a graph that need not have a checkpointer of its own."""
        return with_checkpointer({"configurable": {"thread_id": self.thread_id, "checkpoint_ns": ""}}, self.saver)

    def is_at(self, head: StateSnapshot) -> bool:
        """Say whether the run goes on from the newest checkpoint, be it that this was named."""
        return self.checkpoint_id in (None, head.config.get("configurable", {}).get("checkpoint_id"))

    def at_head(self, config: RunnableConfig | None) -> tuple[Thread, RunnableConfig]:
        """Return the same for a run that goes on from the newest checkpoint, whatever its config has named."""
        if self.checkpoint_id is None:
            return self, config or RunnableConfig()
        given = config or RunnableConfig()
        named = {**given.get("configurable", {}), "checkpoint_id": None}
        return replace(self, checkpoint_id=None), {**given, "configurable": named}

    def lends(self, config: RunnableConfig | None, saved: CheckpointTuple | None) -> RunnableConfig:
        """Return the config of a run that is given a checkpoint which was read before."""
        return with_checkpointer(config or {}, ReadAhead(self.saver, saved))


def thread_of_run(graph: Graph, config: RunnableConfig | None) -> Thread | None:
    """Return where the conversation of a run is kept; `None` where it is in another graph, or is kept nowhere."""
    merged = config or {}
    # What a graph's own config has besides, its metadata, says nothing of where it is kept.
    if is_within_a_run(config) or (graph.config or {}).get("configurable"):
        merged = config_of_run(graph.config, config)
    configurable = merged.get("configurable") or {}
    thread_id = configurable.get("thread_id")
    if thread_id is None or is_nested(configurable) or "checkpoint_map" in configurable or graph.checkpointer is False:
        return None
    saver = checkpointer_of(merged) or graph.checkpointer
    if not isinstance(saver, BaseCheckpointSaver):
        return None
    # LangGraph begins a run that is in no other graph at the root, whatever namespace it is given.
    checkpoint_id = None if configurable.get("checkpoint_ns") else configurable.get("checkpoint_id")
    return Thread(saver, str(thread_id), checkpoint_id or None)

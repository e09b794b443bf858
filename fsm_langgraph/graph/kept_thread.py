"""Where the conversation of a run is kept: the checkpointer and the thread, as LangGraph is going to find them.

What holds a conversation (`exclusive.py`) and what reads it before a run (`before_run.py`) go by this.
"""

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
    with_checkpointer,
)
from fsm_langgraph.graph.read_ahead import ReadAhead

if TYPE_CHECKING:
    from fsm_langgraph.graph.shown_graph import ShownGraph


@dataclass(frozen=True, slots=True)
class Thread:
    """Where the conversation of a run or an edit is kept."""

    saver: BaseCheckpointSaver[Any]
    thread_id: str
    checkpoint_id: str | None
    """The checkpoint that the run goes on from, where one was named."""
    namespace: str = ""
    """The namespace there; empty but for a graph within another one that keeps its own state."""
    is_outermost: bool = True
    """Whether its runs are in no other graph, and go on from a checkpoint of their own."""

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


def find_thread(graph: ShownGraph, config: RunnableConfig | None) -> Thread | None:
    """Return where the conversation of a run or an edit is kept; `None` where it is kept nowhere of its own.

    Args:
        graph: The machine's graph.
        config: The config that the run or the edit begins with.
    """
    configurable = (config or {}).get("configurable") or {}
    # One that names a thread takes nothing of the kind from what runs around it, and to merge costs.
    if not configurable.get("thread_id") or (graph.config or {}).get("configurable"):
        configurable = config_of_run(graph.config, config).get("configurable") or {}
    thread_id, within = configurable.get("thread_id"), is_nested(configurable)
    if thread_id is None or graph.checkpointer is False or (within and graph.checkpointer is not True):
        return None
    saver = checkpointer_of({"configurable": configurable}) or graph.checkpointer
    if not isinstance(saver, BaseCheckpointSaver):
        return None
    namespace, checkpoints = configurable.get("checkpoint_ns") or "", configurable.get("checkpoint_map")
    # LangGraph begins a run that is in no other graph at the root, whatever namespace it is given.
    checkpoint_id = (checkpoints or {}).get("") if namespace else configurable.get("checkpoint_id")
    return Thread(
        saver,
        str(thread_id),
        checkpoint_id or None,
        namespace=_kept_namespace(namespace) if within else "",
        is_outermost=not within and checkpoints is None,
    )


def thread_id_of(config: RunnableConfig) -> str:
    """Return the id of the conversation that a config names, for errors and the store."""
    return str(config.get("configurable", {}).get("thread_id"))


def _kept_namespace(namespace: str) -> str:
    """Return the namespace in which a graph with `checkpointer=True` keeps its state: without the ids of tasks."""
    return "|".join(part.partition(":")[0] for part in namespace.split("|"))

"""A landing that a crash has left unfinished: its writes are stored, and the checkpoint that they lead to is not.

LangGraph shows such writes as if they had landed, and drops them with the next input. So a run without input comes
before that: it finds that every node has written, stores the checkpoint, and runs nothing. The same goes for an edit.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.types import StateSnapshot, StateUpdate

from fsm_langgraph.errors import TurnConflict
from fsm_langgraph.graph.before.changed_since import refuse_stale_edit
from fsm_langgraph.graph.kept_thread import Thread, find_thread
from fsm_langgraph.turn.unread_messages import unread_of

if TYPE_CHECKING:
    from fsm_langgraph.graph.graph import Graph

Run = Callable[..., Iterator[Any]]
AsyncRun = Callable[..., AsyncIterator[Any]]
Steps = Sequence[Sequence[StateUpdate]]


def finish_landing(run: Run, graph: Graph, thread: Thread, saved: CheckpointTuple | None) -> bool:
    """Finish a landing, if there is one to be finished; say whether there was.

    Args:
        run: Runs the machine's graph.
        graph: The machine's graph.
        thread: Where the conversation is kept.
        saved: The checkpoint that a run, or an edit, would go on from.
    """
    if saved is None or not saved.pending_writes:
        return False
    try:
        head = graph.get_state(thread.head)
    except TurnConflict:  # two turns have landed in one step, so neither has
        return False
    if not (_is_unfinished(head) and thread.is_at(head)):
        return False
    for _ in run(None, _finishing(thread, saved), **_FINISHING):
        pass
    return True


async def afinish_landing(run: AsyncRun, graph: Graph, thread: Thread, saved: CheckpointTuple | None) -> bool:
    """Finish a landing, if there is one to be finished; the twin of `finish_landing`."""
    if saved is None or not saved.pending_writes:
        return False
    try:
        head = await graph.aget_state(thread.head)
    except TurnConflict:
        return False
    if not (_is_unfinished(head) and thread.is_at(head)):
        return False
    async for _ in run(None, _finishing(thread, saved), **_FINISHING):
        pass
    return True


def finish_before_edit(run: Run, graph: Graph, config: RunnableConfig, steps: Steps) -> RunnableConfig:
    """Finish a landing before an edit; return the config of the edit, which goes on from there.

    Args:
        run: Runs the machine's graph.
        graph: The machine's graph.
        config: The config of the edit.
        steps: The edit.

    Raises:
        StaleDefinition: The conversation would not fit the definition, which has changed.
    """
    thread = _edited(graph, config)
    if thread is None:
        return config
    saved = thread.saver.get_tuple(thread.config)
    _refuse_stale(graph, thread, saved, steps)
    return thread.at_head(config)[1] if finish_landing(run, graph, thread, saved) else config


async def afinish_before_edit(run: AsyncRun, graph: Graph, config: RunnableConfig, steps: Steps) -> RunnableConfig:
    """Finish a landing before an edit; the twin of `finish_before_edit`."""
    thread = _edited(graph, config)
    if thread is None:
        return config
    saved = await thread.saver.aget_tuple(thread.config)
    _refuse_stale(graph, thread, saved, steps)
    return thread.at_head(config)[1] if await afinish_landing(run, graph, thread, saved) else config


def _refuse_stale(graph: Graph, thread: Thread, saved: CheckpointTuple | None, steps: Steps) -> None:
    if saved is not None:
        values = saved.checkpoint["channel_values"]
        refuse_stale_edit(graph.builder.definition, values, thread.thread_id, steps)


def _edited(graph: Graph, config: RunnableConfig) -> Thread | None:
    is_inside = bool(config.get("configurable", {}).get("checkpoint_ns"))  # a paused turn in a sub-machine
    thread = None if is_inside else find_thread(graph, config)
    return thread if thread is not None and thread.is_outermost else None


_FINISHING: Mapping[str, Any] = {"stream_mode": "values", "durability": "sync", "interrupt_after": "*"}
"""LangGraph's arguments of the run that finishes a landing, after which no further node runs."""
_LANGGRAPHS_OWN = ("source", "step", "parents", "run_id", "thread_id", "counters_since_delta_snapshot")
"""The metadata of a checkpoint that its run was not given."""


def _is_unfinished(head: StateSnapshot) -> bool:
    """Say whether the newest checkpoint has the writes of a turn that has landed, be it in a step of several nodes."""
    if not head.tasks or head.next or any(task.error or task.interrupts for task in head.tasks):
        return False
    if any(isinstance(task.result, Mapping) and "last_turn" in task.result for task in head.tasks):
        return True
    # A node of somebody's own that comes after the landing, and not before a turn, whose message would wait.
    values, flight = head.values, head.values.get("turn") or {}
    has_landed = bool(values.get("last_turn")) and "message_id" not in flight
    return has_landed and not unread_of(values.get("messages") or (), flight.get("read"))


def _finishing(thread: Thread, saved: CheckpointTuple) -> RunnableConfig:
    """Return the config of the run that finishes a landing, with the metadata of the run that the crash has ended."""
    metadata = {key: value for key, value in saved.metadata.items() if key not in _LANGGRAPHS_OWN}
    return {**thread.lends(thread.config, saved), "metadata": metadata}

"""A landing that a crash has left unfinished: its writes are stored, and the checkpoint that they lead to is not.

LangGraph shows such writes as if they had landed, and drops them with the next input. So a run without input comes
before that: it finds that every node has written, stores the checkpoint, and runs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.types import StateSnapshot

from fsm_langgraph.graph.kept_thread import Thread
from fsm_langgraph.turn.unread_messages import unread_of

FINISHING: Mapping[str, Any] = {"stream_mode": "values", "durability": "sync", "interrupt_after": "*"}
"""LangGraph's arguments of the run that finishes a landing, after which no further node runs."""
_LANGGRAPHS_OWN = ("source", "step", "parents", "run_id", "thread_id", "counters_since_delta_snapshot")
"""The metadata of a checkpoint that its run was not given."""


def is_unfinished(head: StateSnapshot) -> bool:
    """Say whether the newest checkpoint has the writes of a turn that has landed, be it in a step of several nodes."""
    if not head.tasks or head.next or any(task.error or task.interrupts for task in head.tasks):
        return False
    if any(isinstance(task.result, Mapping) and "last_turn" in task.result for task in head.tasks):
        return True
    # A node of somebody's own that comes after the landing, and not before a turn, whose message would wait.
    values, flight = head.values, head.values.get("turn") or {}
    has_landed = bool(values.get("last_turn")) and "message_id" not in flight
    return has_landed and not unread_of(values.get("messages") or (), flight.get("read"))


def finishing(thread: Thread, saved: CheckpointTuple) -> RunnableConfig:
    """Return the config of the run that finishes a landing, with the metadata of the run that the crash has ended."""
    metadata = {key: value for key, value in saved.metadata.items() if key not in _LANGGRAPHS_OWN}
    return {**thread.lends(thread.config, saved), "metadata": metadata}

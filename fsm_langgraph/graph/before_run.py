"""What comes before a run of a conversation: the checkpoint is read, once, and says what there is to run.

    a turn that a crash has kept from landing      is finished first; nothing of that is streamed
    a message whose id a landed turn has read      is not read again: the stored answer is given, and nothing runs
    one whose id is there with another content     `TurnConflict`: what was said is not edited in passing
    one whose id is there, of a turn that failed   runs again, as the same turn (`effects/idempotency_key.py`)
    a closed conversation                          takes no more messages

It concerns runs that are in no other graph and are kept. Within another graph that graph reads the messages, and gives
them ids. `known_messages.py` knows the messages by their ids, and `stored_answer.py` gives an answer once more.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.types import StateSnapshot

from fsm_langgraph.errors import ConversationError
from fsm_langgraph.graph.known_messages import Known, look_up, look_up_older
from fsm_langgraph.graph.langgraph_internals import (
    checkpointer_of,
    config_of_run,
    is_nested,
    is_within_a_run,
    with_checkpointer,
)
from fsm_langgraph.graph.older_messages import ahas_moved, aread_messages, has_moved, read_messages
from fsm_langgraph.graph.read_ahead import ReadAhead
from fsm_langgraph.graph.standing import is_closed
from fsm_langgraph.graph.stored_answer import agive, at_rest, give
from fsm_langgraph.turn.beginning import CALLERS_ID, SENT_AGAIN
from fsm_langgraph.turn.unread_messages import unread_of

if TYPE_CHECKING:
    from fsm_langgraph.graph.graph import Graph

Options = Mapping[str, Any]


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


def thread_of_run(graph: Graph, config: RunnableConfig | None) -> Thread | None:
    """Return where the conversation of a run is kept; `None` where it is in another graph, or is kept nowhere."""
    merged = config or {}
    if graph.config is not None or is_within_a_run(config):
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


def stream_kept(
    run: Callable[..., Iterator[Any]],
    graph: Graph,
    thread: Thread,
    given: Any,
    config: RunnableConfig | None,
    options: Mapping[str, Any],
) -> Iterator[Any]:
    """Read a conversation, then run what there is to run; yield the parts of that.

    Args:
        run: Runs the machine's graph.
        graph: The machine's graph.
        thread: Where the conversation is kept.
        given: The input.
        config: The config that the run begins with.
        options: LangGraph's further arguments.

    Raises:
        TurnConflict: A message has the id of another one.
        ConversationError: The conversation is closed.
    """
    saved = thread.saver.get_tuple(thread.config)
    if saved is not None and saved.pending_writes and given is not None:
        head = graph.get_state(thread.head)
        if _is_unlanded(head) and _is_at(thread, head):
            thread, config = replace(thread, checkpoint_id=None), _at_head(thread, config)
            for _ in run(None, _finishing(thread, saved), **_FINISHING):
                pass
            saved = thread.saver.get_tuple(thread.config)
    known, values = _look_up(given, saved)
    if known is not None and has_moved(graph.store, known.id, values):
        known = look_up_older(known, read_messages(graph.store, thread.thread_id, values))
    if known is None or known.answer is None:
        _refuse_if_closed(thread, given, values)
        yield from run(given, _begun(thread, given, config, saved, known), **options)
        return
    begun = _lent(config, thread, at_rest(graph, saved) if saved is not None else None)
    yield from give(run(None, begun, **options), known.answer, graph, begun, options)


async def astream_kept(
    run: Callable[..., AsyncGenerator[Any]],
    graph: Graph,
    thread: Thread,
    given: Any,
    config: RunnableConfig | None,
    options: Mapping[str, Any],
) -> AsyncIterator[Any]:
    """Read a conversation, then run what there is to run; the twin of `stream_kept`."""
    saved = await thread.saver.aget_tuple(thread.config)
    if saved is not None and saved.pending_writes and given is not None:
        head = await graph.aget_state(thread.head)
        if _is_unlanded(head) and _is_at(thread, head):
            thread, config = replace(thread, checkpoint_id=None), _at_head(thread, config)
            async with aclosing(run(None, _finishing(thread, saved), **_FINISHING)) as parts:
                async for _ in parts:
                    pass
            saved = await thread.saver.aget_tuple(thread.config)
    known, values = _look_up(given, saved)
    if known is not None and await ahas_moved(graph.store, known.id, values):
        known = look_up_older(known, await aread_messages(graph.store, thread.thread_id, values))
    if known is None or known.answer is None:
        _refuse_if_closed(thread, given, values)
        parts = run(given, _begun(thread, given, config, saved, known), **options)
    else:
        begun = _lent(config, thread, at_rest(graph, saved) if saved is not None else None)
        parts = agive(run(None, begun, **options), known.answer, graph, begun, options)
    async with aclosing(parts):
        async for part in parts:
            yield part


_FINISHING: Mapping[str, Any] = {"stream_mode": "values", "durability": "sync", "interrupt_after": "*"}
"""How a landing is finished: what is written is stored, and no further node runs."""


def _is_unlanded(head: StateSnapshot) -> bool:
    """Say whether a crash has come between a turn's last writes and the checkpoint that they lead to."""
    if not head.tasks or head.next or any(task.error or task.interrupts for task in head.tasks):
        return False
    if any(isinstance(task.result, Mapping) and "last_turn" in task.result for task in head.tasks):
        return True
    # A node of somebody's own that comes after the landing, and not before a turn, whose message would wait.
    values, flight = head.values, head.values.get("turn") or {}
    has_landed = bool(values.get("last_turn")) and "message_id" not in flight
    return has_landed and not unread_of(values.get("messages") or (), flight.get("read"))


def _is_at(thread: Thread, head: StateSnapshot) -> bool:
    """Say whether a run goes on from the newest checkpoint, be it that this was named."""
    return thread.checkpoint_id in (None, head.config.get("configurable", {}).get("checkpoint_id"))


def _at_head(thread: Thread, config: RunnableConfig | None) -> RunnableConfig | None:
    """Return the config of a run that goes on from the newest checkpoint, whatever it has named."""
    return config if thread.checkpoint_id is None else _with(config, checkpoint_id=None)


def _finishing(thread: Thread, saved: CheckpointTuple) -> RunnableConfig:
    """Return the config of the run that finishes a landing, with the metadata of the run that the crash has ended."""
    config = _lent(thread.config, thread, saved)
    return {**config, "metadata": {key: value for key, value in saved.metadata.items() if key not in _LANGGRAPHS_OWN}}


_LANGGRAPHS_OWN = ("source", "step", "parents", "run_id", "thread_id", "counters_since_delta_snapshot")
"""The metadata of a checkpoint that its run has not been given."""


def _look_up(given: Any, saved: CheckpointTuple | None) -> tuple[Known | None, Mapping[str, Any]]:
    values: Mapping[str, Any] = saved.checkpoint["channel_values"] if saved is not None else {}
    return look_up(given, values), values


def _refuse_if_closed(thread: Thread, given: Any, values: Mapping[str, Any]) -> None:
    if isinstance(given, Mapping) and is_closed(values):
        raise ConversationError(thread.thread_id, "it was closed by end_conversation(). Begin a new one.")


def _begun(
    thread: Thread, given: Any, config: RunnableConfig | None, saved: CheckpointTuple | None, known: Known | None
) -> RunnableConfig:
    """Return the config of a run that reads what was given to it."""
    told: dict[str, Any] = {}
    if known is not None:
        told = {CALLERS_ID: known.id, **({SENT_AGAIN: True} if known.is_stored else {})}
    elif given is None and saved is not None and saved.metadata.get("source") == "input":
        # The turn has not begun: what its run was told goes on.
        told = {key: value for key, value in saved.metadata.items() if key in (CALLERS_ID, SENT_AGAIN)}
    lent = _lent(config, thread, saved)
    return {**lent, "metadata": {**lent.get("metadata", {}), **told}} if told else lent


def _lent(config: RunnableConfig | None, thread: Thread, saved: CheckpointTuple | None) -> RunnableConfig:
    return with_checkpointer(config or {}, ReadAhead(thread.saver, saved))


def _with(config: RunnableConfig | None, **named: Any) -> RunnableConfig:
    given = config or RunnableConfig()
    return {**given, "configurable": {**given.get("configurable", {}), **named}}

"""The reading of a conversation before a run: its checkpoint, read once, says what there is to run.

    a turn that a crash has kept from landing      is finished first; nothing of that is streamed
    a message whose id a landed turn has read      is not read again: the stored answer is given, and nothing runs
    one whose id is there with another content     `TurnConflict`: what was said is not edited in passing
    one whose id is there, of a turn that failed   runs again, as the same turn (`effects/idempotency_key.py`)
    a closed conversation                          takes no more messages
    one that does not fit its definition any more  neither
    a secret that was stored in the clear          gets a token, as all are given (`taking_over.py`)

It concerns runs that are in no other graph and are kept. Within another graph that graph reads the messages, and gives
them ids. `known_messages.py` knows the messages by their ids, and `stored_answer.py` gives an answer once more.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.types import Command

from fsm_langgraph.errors import ConversationError
from fsm_langgraph.graph.before.admission import check_room
from fsm_langgraph.graph.before.changed_since import refuse_stale_run
from fsm_langgraph.graph.before.known_messages import Known, look_up, look_up_older
from fsm_langgraph.graph.before.stored_answer import agive, at_rest, give, parts_of
from fsm_langgraph.graph.before.taking_over import ahide_stored, astore_brought, hide_stored, store_brought
from fsm_langgraph.graph.before.unfinished_landing import afinish_landing, finish_landing
from fsm_langgraph.graph.kept_thread import Thread
from fsm_langgraph.graph.older_messages import ahas_moved, aread_messages, has_moved, read_messages
from fsm_langgraph.graph.putting_away import keeping_all
from fsm_langgraph.graph.standing import is_closed, stored_state
from fsm_langgraph.turn.beginning import CALLERS_ID, SENT_AGAIN

if TYPE_CHECKING:
    from fsm_langgraph.graph.graph import Graph


def open_kept(
    run: Callable[..., Iterator[Any]],
    graph: Graph,
    thread: Thread | None,
    given: Any,
    config: RunnableConfig | None,
    options: Mapping[str, Any],
) -> Iterator[Any]:
    """Read a conversation, if it is kept, then begin what there is to run; return the parts of that.

    Args:
        run: Runs the machine's graph.
        graph: The machine's graph.
        thread: Where the conversation is kept, if it is.
        given: The input.
        config: The config that the run begins with.
        options: LangGraph's further arguments.

    Raises:
        TurnConflict: A message has the id of another one.
        ConversationError: The conversation is closed.
        StaleDefinition: The definition has changed, and the conversation does not fit it.
    """
    if thread is None or not thread.is_outermost:
        return run(given, config, **options)
    saved = thread.saver.get_tuple(thread.config)
    # Without an input the run itself finishes it.
    if given is not None and finish_landing(run, graph, thread, saved):
        thread, config = thread.at_head(config)
        saved = thread.saver.get_tuple(thread.config)
    given, saved, config = hide_stored(graph, config, given, saved)
    known, values = _look_up(given, saved)
    if known is not None and has_moved(graph.store, known.id, values):
        known = look_up_older(known, read_messages(graph.store, thread.thread_id, values, thread.saver))
    if known is None or known.answer is None:
        _refuse_if_closed(thread, given, values)
        brought = refuse_stale_run(graph.builder.definition, values, thread.thread_id, given, config)
        if brought is not None:
            store_brought(config, brought)
        check_room(graph.builder.definition, graph.builder.limits, given, values)
        return run(given, _begun(graph, thread, given, config, saved, known), **options)
    resting, told = _resting(graph, thread, config, saved, known.answer, options)
    return give(run(None, resting, **options), told)


async def aopen_kept(
    run: Callable[..., AsyncGenerator[Any]],
    graph: Graph,
    thread: Thread | None,
    given: Any,
    config: RunnableConfig | None,
    options: Mapping[str, Any],
) -> AsyncGenerator[Any]:
    """Read a conversation, if it is kept, then begin what there is to run; the twin of `open_kept`."""
    if thread is None or not thread.is_outermost:
        return run(given, config, **options)
    saved = await thread.saver.aget_tuple(thread.config)
    if given is not None and await afinish_landing(run, graph, thread, saved):
        thread, config = thread.at_head(config)
        saved = await thread.saver.aget_tuple(thread.config)
    given, saved, config = await ahide_stored(graph, config, given, saved)
    known, values = _look_up(given, saved)
    if known is not None and await ahas_moved(graph.store, known.id, values):
        known = look_up_older(known, await aread_messages(graph.store, thread.thread_id, values, thread.saver))
    if known is None or known.answer is None:
        _refuse_if_closed(thread, given, values)
        brought = refuse_stale_run(graph.builder.definition, values, thread.thread_id, given, config)
        if brought is not None:
            await astore_brought(config, brought)
        check_room(graph.builder.definition, graph.builder.limits, given, values)
        return run(given, _begun(graph, thread, given, config, saved, known), **options)
    resting, told = _resting(graph, thread, config, saved, known.answer, options)
    return agive(run(None, resting, **options), told)


def _look_up(given: Any, saved: CheckpointTuple | None) -> tuple[Known | None, Mapping[str, Any]]:
    values: Mapping[str, Any] = saved.checkpoint["channel_values"] if saved is not None else {}
    return look_up(given, values), values


def _refuse_if_closed(thread: Thread, given: Any, values: Mapping[str, Any]) -> None:
    is_input = isinstance(given, Mapping) or (isinstance(given, Command) and bool(given.goto or given.update))
    if is_input and is_closed(values):
        raise ConversationError(thread.thread_id, "it was closed by end_conversation(). Begin a new one.")


def _begun(
    graph: Graph,
    thread: Thread,
    given: Any,
    config: RunnableConfig | None,
    saved: CheckpointTuple | None,
    known: Known | None,
) -> RunnableConfig:
    """Return the config of a run that reads what was given to it."""
    told: dict[str, Any] = {}
    if known is not None:
        told = {CALLERS_ID: known.id, **({SENT_AGAIN: True} if known.is_stored or _is_input(saved, known.id) else {})}
    elif given is None and saved is not None and saved.metadata.get("source") == "input":
        # The turn has not begun: what its run was told goes on.
        told = {key: value for key, value in saved.metadata.items() if key in (CALLERS_ID, SENT_AGAIN)}
    lent = thread.lends(config, saved)
    if graph.keeps_all_messages:
        lent = keeping_all(lent)
    return {**lent, "metadata": {**lent.get("metadata", {}), **told}} if told else lent


def _is_input(saved: CheckpointTuple | None, message_id: str) -> bool:
    """Say whether a message is an input that a run has stored, and has not come to its turn."""
    told: Mapping[str, Any] = saved.metadata if saved is not None else {}
    return told.get("source") == "input" and told.get(CALLERS_ID) == message_id


def _resting(
    graph: Graph,
    thread: Thread,
    config: RunnableConfig | None,
    saved: CheckpointTuple | None,
    answer: Sequence[AIMessage],
    options: Mapping[str, Any],
) -> tuple[RunnableConfig, list[Any]]:
    """Return the config of a run in which nothing is to be done, and the parts of its stream that an answer is."""
    begun = thread.lends(config, at_rest(graph, saved) if saved is not None else None)
    values = saved.checkpoint["channel_values"] if saved is not None else {}
    return begun, parts_of(answer, graph, stored_state(graph.builder.definition, values), begun, options)

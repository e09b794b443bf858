"""A stored answer, given once more: as the streams of a run would give it, in which nothing runs.

The run is LangGraph's own, of a conversation at rest, so that its callers, its tracers and `astream_events` see one
that begins and ends. It tells the state, asks no model and stores nothing. The messages of the answer are added for
those who read `messages`, each in one piece.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple

from fsm_langgraph.graph.langgraph_internals import config_of_run, streams_message_events

if TYPE_CHECKING:
    from fsm_langgraph.graph.graph import Graph


def at_rest(graph: Graph, saved: CheckpointTuple) -> CheckpointTuple:
    """Return a checkpoint as it is where nothing is to be done: a turn that has failed since must not go on."""
    values = saved.checkpoint["channel_values"]
    # What leads to a node is in channels that nobody reads.
    kept = {name: value for name, value in values.items() if name in graph.stream_channels_list}
    return saved._replace(checkpoint={**saved.checkpoint, "channel_values": kept}, pending_writes=[])


def give(parts: Iterator[Any], told: Sequence[Any]) -> Iterator[Any]:
    """Give the parts of a run at rest, and among them those of an answer."""
    for part in parts:
        yield part
        yield from told  # after the first part: the run has begun for those who watch it
        told = ()
    yield from told


async def agive(parts: AsyncGenerator[Any], told: Sequence[Any]) -> AsyncGenerator[Any]:
    """Give the parts of a run at rest, and among them those of an answer; the twin of `give`."""
    async with aclosing(parts):
        async for part in parts:
            yield part
            for message in told:
                yield message
            told = ()
    for message in told:
        yield message


def parts_of(
    answer: Sequence[AIMessage], graph: Graph, state: str, config: RunnableConfig, options: Mapping[str, Any]
) -> list[Any]:
    """Return the parts of a stream that an answer is, in the form that its caller has asked for.

    Args:
        answer: The answer.
        graph: The machine's graph.
        state: The state that the conversation is in.
        config: The config of the run.
        options: LangGraph's further arguments of it.
    """
    mode = options.get("stream_mode") or graph.stream_mode
    merged = config_of_run(graph.config, config)
    if "messages" not in ([mode] if isinstance(mode, str) else mode) or streams_message_events(merged):
        return []
    metadata = {**(merged.get("metadata") or {}), "langgraph_node": state}
    return [
        _part((AIMessageChunk(content=said.content, id=said.id, name=said.name), metadata), mode, options)
        for said in answer
        if said.text
    ]


def _part(payload: Any, mode: str | Sequence[str], options: Mapping[str, Any]) -> Any:
    if options.get("version") == "v2":
        return {"type": "messages", "ns": (), "data": payload}
    several = ("messages",) if isinstance(mode, list) else ()
    nested = ((),) if options.get("subgraphs") else ()
    return (*nested, *several, payload) if nested or several else payload

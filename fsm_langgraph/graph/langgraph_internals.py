"""LangGraph's private names: they are imported here and nowhere else, and each says why no public one will do.

A next minor version of LangGraph may change them, which is why `pyproject.toml` holds it below that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import var_child_runnable_config
from langgraph._internal._config import ensure_config
from langgraph._internal._constants import (
    CONFIG_KEY_CHECKPOINTER,
    CONFIG_KEY_DURABILITY,
    CONFIG_KEY_READ,
    CONFIG_KEY_RESUMING,
    CONFIG_KEY_SCRATCHPAD,
    CONFIG_KEY_STREAM_MESSAGES_V2,
    CONFIG_KEY_TASK_ID,
    PUSH,
)
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END

# A conditional edge whose router needs neither a copy of all channels nor a `Send` has no public form.
from langgraph.graph._branch import BranchSpec
from langgraph.pregel._read import ChannelRead
from langgraph.pregel._write import ChannelWrite, ChannelWriteEntry, ChannelWriteTupleEntry
from langgraph.types import interrupt

from fsm_langgraph.graph.read_ahead import ReadAhead, lent_by

__all__ = [
    "BranchSpec",
    "ChannelWrite",
    "ChannelWriteEntry",
    "ChannelWriteTupleEntry",
    "InterruptAnswers",
    "begun_anew",
    "checkpointer_of",
    "config_of_run",
    "internal_key",
    "is_kept",
    "is_nested",
    "is_resuming",
    "is_sent",
    "is_within_a_run",
    "nodes_around",
    "read_channels",
    "running_config",
    "stores_at_once",
    "streams_message_events",
    "with_checkpointer",
]


def internal_key(name: str) -> str:
    """Name an entry of a run's config that is no JSON: LangGraph takes it out of what streams and metadata tell."""
    return f"__pregel_fsm_{name}"


def checkpointer_of(config: RunnableConfig) -> BaseCheckpointSaver[Any] | None:
    """Return the checkpointer that a run has; no public name tells a node."""
    saver = config.get("configurable", {}).get(CONFIG_KEY_CHECKPOINTER)
    return lent_by(saver) if isinstance(saver, BaseCheckpointSaver) else None


def lent_to(config: RunnableConfig) -> ReadAhead | None:
    """Return what was lent to a run as its checkpointer, which knows what the run has stored; `None` in other runs."""
    saver = config.get("configurable", {}).get(CONFIG_KEY_CHECKPOINTER)
    return saver if isinstance(saver, ReadAhead) else None


def with_checkpointer(config: RunnableConfig, saver: BaseCheckpointSaver[Any]) -> RunnableConfig:
    """Return the config of a run that has this checkpointer, whatever its graph has; a copy of that costs more."""
    return {**config, "configurable": {**config.get("configurable", {}), CONFIG_KEY_CHECKPOINTER: saver}}


def streams_message_events(config: RunnableConfig) -> bool:
    """Say whether a run streams its messages as the events of LangChain's third protocol."""
    return bool(config.get("configurable", {}).get(CONFIG_KEY_STREAM_MESSAGES_V2))


def is_within_a_run(config: RunnableConfig | None) -> bool:
    """Say whether a run begins within another graph's, be it as a conversation of its own; cheaper than to ask further.

    The config tells it where a graph is a node, and the context variable where a function runs the graph.
    """
    running = var_child_runnable_config.get()
    return is_nested((config or {}).get("configurable") or {}) or (
        running is not None and is_nested(running.get("configurable") or {})
    )


def running_config() -> RunnableConfig:
    """Return the config of what runs around this call, be it a node, a handler or a tool; an empty one at the top."""
    return var_child_runnable_config.get() or {}


def config_of_run(*configs: RunnableConfig | None) -> RunnableConfig:
    """Return the config that LangGraph makes for a run of the configs of its graph and of its caller.

    What neither of them names comes from the node that runs, unless one names a thread or a place in one.
    """
    return ensure_config(*configs)


def is_nested(configurable: Mapping[str, Any]) -> bool:
    """Say whether a run is a part of another graph's; LangGraph itself goes by this name."""
    return CONFIG_KEY_TASK_ID in configurable


def is_for_subgraph(config: RunnableConfig) -> bool:
    """Say whether an edit of a graph's state is passed on to one of its subgraphs, by LangGraph's own rule."""
    configurable = config.get("configurable", {})
    return bool(configurable.get("checkpoint_ns")) and CONFIG_KEY_CHECKPOINTER not in configurable


def nodes_around(configurable: Mapping[str, Any]) -> frozenset[str] | None:
    """Name the nodes of the graph around a nested run, as far as they can be led to; `None` where that is not told.

    LangGraph drops a command to a node that it does not have, and only logs it. The channels that lead to nodes are at
    hand in the function by which the node around reads its graph's state.
    """
    read = configurable.get(CONFIG_KEY_READ)
    channels = read.args[1] if isinstance(read, partial) and len(read.args) > 1 else None
    if not isinstance(channels, Mapping):
        return None
    return frozenset(name.removeprefix(_LEADS_TO) for name in channels if name.startswith(_LEADS_TO)) | {END}


_LEADS_TO = "branch:to:"


def is_kept(configurable: Mapping[str, Any]) -> bool:
    """Say whether a nested run has the checkpointer of the graph around it."""
    return CONFIG_KEY_CHECKPOINTER in configurable


def is_resuming(config: RunnableConfig) -> bool:
    """Say whether a run goes on where another one was broken off; no public name tells a node."""
    return bool(config.get("configurable", {}).get(CONFIG_KEY_RESUMING))


def begun_anew(config: RunnableConfig) -> RunnableConfig:
    """Return the config of a nested run that takes its input, be it that the graph around is resumed."""
    return {**config, "configurable": {**config.get("configurable", {}), CONFIG_KEY_RESUMING: False}}


def is_sent(config: RunnableConfig) -> bool:
    """Say whether a `Send` has run the node, which is then given what that holds and nothing else."""
    path: Sequence[Any] = (config.get("metadata") or {}).get("langgraph_path", ())
    return bool(path) and path[0] == PUSH


def read_channels(config: RunnableConfig, names: Sequence[str]) -> dict[str, Any]:
    """Read channels of the graph from within a node; no public name lets one that was sent something."""
    values: dict[str, Any] = ChannelRead.do_read(config, select=[*names])
    return values


def stores_at_once(config: RunnableConfig) -> bool:
    """Say whether a checkpoint is stored before its nodes run; with the durability `async` it is stored beside them."""
    durability: str = config.get("configurable", {}).get(CONFIG_KEY_DURABILITY, "async")
    return durability != "async"


class InterruptAnswers:
    """The answers to `interrupt()` that a node's run has been given, which LangGraph counts as the node asks for them.

    A node that skips what was done before has to use up the answers that it had then, or the next question would be
    given an old one.

    Args:
        config: The node's config.
    """

    def __init__(self, config: RunnableConfig) -> None:
        self._scratchpad = config.get("configurable", {}).get(CONFIG_KEY_SCRATCHPAD)
        self._used = 0

    def count(self) -> int:
        """Count the answers that were given so far: what has come to its end has had all of them."""
        self._used = len(self._scratchpad.resume) if self._scratchpad is not None else 0
        return self._used

    def use_up(self, count: int) -> None:
        """Use up answers until so many have been."""
        pad = self._scratchpad
        while self._used < count and pad is not None:
            if len(pad.resume) > self._used or pad.get_null_resume(False) is not None:
                interrupt(None)
            self._used += 1

"""Where the journal of a turn is stored: with the checkpoints of the conversation, by their own checkpointer.

An entry is stored by the public `put_writes`, under a task id and a channel that LangGraph does not know and therefore
leaves alone. It goes to the checkpoint that the run stands on; where this graph is within another one, to that of the
outermost graph, since the inner ones begin anew when a message is sent again. Entries are read back only where there
may be some: where LangGraph runs a state again, and where the input of a turn may have come before.

Like a turn, this yields what it wants done; `do` and `ado` do it. LangGraph's private names are needed here and nowhere
else: no public one tells a node which checkpointer its graph runs with, whether it is run again, how soon checkpoints
are stored, and which answers to `interrupt()` it has.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph._internal._constants import (
    CONFIG_KEY_CHECKPOINTER,
    CONFIG_KEY_DURABILITY,
    CONFIG_KEY_RESUMING,
    CONFIG_KEY_SCRATCHPAD,
)
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.runtime import get_runtime

from fsm_langgraph.effects.idempotency_key import Deed

CHANNEL = "fsm_journal"
"""The channel of the entries; no graph has one of this name."""

_KEYS = uuid.UUID("6b9b3a5e-6d0c-4f7e-9d3f-0a4c8f1d2e57")
"""The namespace of the keys. It never changes: keys that were given away would be made anew."""
_PAUSES = tuple(min(2**n / 1000, 0.05) for n in range(24))
"""Seconds between two looks for a checkpoint that LangGraph is still storing; a second in all."""

Entry = dict[str, Any]
"""What was done, as JSON data."""


@dataclass(frozen=True, slots=True)
class Read:
    """A checkpoint that is to be read."""

    config: RunnableConfig


@dataclass(frozen=True, slots=True)
class Write:
    """An entry that is to be stored with a checkpoint."""

    config: RunnableConfig
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A wait for what LangGraph does beside."""

    seconds: float


StorageWant = Read | Write | Pause
"""What is wanted from the checkpointer."""


class Entries:
    """The entries of a turn, as one run of a state's node knows them.

    Args:
        config: The node's config.
        flight: The turn as the node was given it.
        known: What an earlier attempt of the same run has found and done.
    """

    def __init__(self, config: RunnableConfig, flight: Mapping[str, Any], known: dict[str, Entry] | None) -> None:
        configurable = config.get("configurable", {})
        info = get_runtime().execution_info
        saver, checkpoints = configurable.get(CONFIG_KEY_CHECKPOINTER), configurable.get("checkpoint_map") or {}
        is_kept = isinstance(saver, BaseCheckpointSaver) and "" in checkpoints
        self.known: dict[str, Entry] = known if known is not None else {}
        self.saver: BaseCheckpointSaver[Any] | None = saver if is_kept else None
        self.scratchpad = configurable.get(CONFIG_KEY_SCRATCHPAD)
        """What LangGraph knows of the answers to `interrupt()`."""
        self._graphs = (info.checkpoint_ns if info is not None else "").split("|")[:-1]
        # Where nothing is kept, the turn's own message tells one conversation from another.
        thread = str(info.thread_id) if info is not None and is_kept else str(flight.get("message_id"))
        self._conversation = {"thread_id": thread, "checkpoint_ns": ""}
        self._checkpoint = {**self._conversation, "checkpoint_id": checkpoints.get("")}
        self.thread_id = thread
        self.is_outermost = is_kept and not self._graphs
        """Whether the thread is of this graph, and not of one around it."""
        self._is_read = False
        # Within another graph, which may begin this one anew, nothing says that a later state is run again.
        self._may_be_known = bool(configurable.get(CONFIG_KEY_RESUMING) or self._graphs)
        self._is_checkpoint_stored = configurable.get(CONFIG_KEY_DURABILITY, "async") != "async"

    def key(self, deed: Deed, *count: int) -> str:
        """Name a deed, and which one it is where there are several of the kind."""
        # The ids of the tasks on the way to a graph differ when a message is sent again; without one they may tell
        # apart graphs that run side by side.
        graphs = [graph.partition(":")[0] if deed.turn else graph for graph in self._graphs]
        where = [self._conversation["thread_id"], *graphs, deed.turn, *deed.steps, *count]
        return str(uuid.uuid5(_KEYS, json.dumps(where)))

    def find(self, key: str, deed: Deed) -> Generator[StorageWant, Any, Entry | None]:
        """Return the entry of this key, if the turn has one; what is stored is read when it is first asked for."""
        if not self._is_read:
            self._is_read = True
            if self.saver is not None and (self._may_be_known or deed.may_be_resent):
                yield from self._read(deed)
        return self.known.get(key)

    def store(self, key: str, entry: Entry) -> Generator[StorageWant, Any, None]:
        """Store an entry, so that a crash from now on cannot lose it."""
        self.known[key] = entry
        if self.saver is None:
            return
        yield Write({"configurable": self._checkpoint}, key, json.dumps(entry))
        if self._is_checkpoint_stored:
            return
        # LangGraph stores the checkpoint beside the run. Until it has, a crash would lose what belongs to it.
        self._is_checkpoint_stored = True
        for seconds in _PAUSES:
            if (yield Read({"configurable": self._checkpoint})) is not None:
                return
            yield Pause(seconds)

    def _read(self, deed: Deed) -> Generator[StorageWant, Any, None]:
        """Read what is stored with this run's checkpoint and, where the input may have come before, further back."""
        saved = yield Read({"configurable": self._checkpoint})
        is_own = saved is not None
        if saved is None and deed.may_be_resent:  # it is not stored yet; those of the turn's earlier runs are
            saved = yield Read({"configurable": self._conversation})
        while isinstance(saved, CheckpointTuple) and (is_own or _belongs_to(saved, deed)):
            for key, channel, text in saved.pending_writes or ():
                if channel == CHANNEL:
                    entry = json.loads(text)
                    # LangGraph has forgotten the answers to interrupt() that were given in another run.
                    self.known.setdefault(key, entry if is_own else {**entry, "answers": 0})
            if not deed.may_be_resent or saved.parent_config is None:
                return
            saved, is_own = (yield Read(saved.parent_config)), False


def _belongs_to(saved: CheckpointTuple, deed: Deed) -> bool:
    """Say whether a checkpoint is one of this turn's, or lies just before it."""
    messages = saved.checkpoint["channel_values"].get("messages") or ()
    return not deed.after or any(message.id == deed.after for message in messages)


def do(saver: BaseCheckpointSaver[Any] | None, want: StorageWant) -> Any:
    """Do what is wanted from the checkpointer."""
    match want:
        case Pause(seconds):
            return time.sleep(seconds)
        case Read(config) if saver is not None:
            return saver.get_tuple(config)
        case Write(config, key, text) if saver is not None:
            return saver.put_writes(config, [(CHANNEL, text)], key)


async def ado(saver: BaseCheckpointSaver[Any] | None, want: StorageWant) -> Any:
    """Do what is wanted from the checkpointer; the twin of `do`."""
    match want:
        case Pause(seconds):
            return await asyncio.sleep(seconds)
        case Read(config) if saver is not None:
            return await saver.aget_tuple(config)
        case Write(config, key, text) if saver is not None:
            return await saver.aput_writes(config, [(CHANNEL, text)], key)

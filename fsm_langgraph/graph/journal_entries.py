"""Where the journal of a turn is stored: with the checkpoints of the conversation, by their own checkpointer.

An entry is stored by the public `put_writes`, under a task id and a channel that LangGraph does not know and therefore
leaves alone. It goes to the checkpoint that the run stands on. Where this graph is within another one, that is the
checkpoint of the outermost graph, since the inner ones begin anew when a message is sent again. Entries are read back
only where there may be some: where LangGraph runs a state again, and where the input of a turn may have come before.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.runtime import ExecutionInfo

from fsm_langgraph.effects import Effect, Entry, IdempotencyKey, Outside
from fsm_langgraph.graph.langgraph_internals import checkpointer_of, is_resuming, lent_to, stores_at_once
from fsm_langgraph.locking import told_as_storage

CHANNEL = "fsm_journal"
"""The channel of the entries; no graph has one of this name."""

_NAMES = uuid.UUID("6b9b3a5e-6d0c-4f7e-9d3f-0a4c8f1d2e57")
"""The namespace of the entries' names. It never changes: keys that were given away would be made anew."""
_PAUSES = tuple(min(2**n / 1000, 0.05) for n in range(204))
"""Seconds between two looks for a checkpoint that LangGraph is still storing; ten in all."""

_AT_ONCE = 1.0
"""The seconds after which a failure has waited for the database already."""
_BEFORE_ONCE_MORE = 0.1
"""The seconds in which a broken connection is replaced."""


@dataclass(frozen=True, slots=True)
class ReadCheckpoint(Effect[CheckpointTuple | None]):
    """A checkpoint that is to be read."""

    saver: BaseCheckpointSaver[Any]
    config: RunnableConfig

    def run(self, outside: Outside) -> CheckpointTuple | None:  # noqa: ARG002 - it has its own saver
        """Read it."""
        return self.saver.get_tuple(self.config)

    async def arun(self, outside: Outside) -> CheckpointTuple | None:  # noqa: ARG002 - it has its own saver
        """Read it; the twin of `run`."""
        return await self.saver.aget_tuple(self.config)


@dataclass(frozen=True, slots=True)
class WriteEntry(Effect[None]):
    """An entry that is to be stored with a checkpoint."""

    saver: BaseCheckpointSaver[Any]
    config: RunnableConfig
    name: str
    text: str

    def run(self, outside: Outside) -> None:  # noqa: ARG002 - it has its own saver
        """Store it."""
        self.saver.put_writes(self.config, [(CHANNEL, self.text)], self.name)

    async def arun(self, outside: Outside) -> None:  # noqa: ARG002 - it has its own saver
        """Store it; the twin of `run`."""
        await self.saver.aput_writes(self.config, [(CHANNEL, self.text)], self.name)


@dataclass(frozen=True, slots=True)
class Pause(Effect[None]):
    """A wait for what LangGraph does beside."""

    seconds: float

    def run(self, outside: Outside) -> None:  # noqa: ARG002 - time passes everywhere
        """Wait."""
        time.sleep(self.seconds)

    async def arun(self, outside: Outside) -> None:  # noqa: ARG002 - time passes everywhere
        """Wait; the twin of `run`."""
        await asyncio.sleep(self.seconds)


class Entries:
    """The entries of a turn, as one run of a state's node knows them.

    Args:
        config: The node's config.
        stored: The turn as the node was given it.
        info: What LangGraph tells of the node's run.
        known: What an earlier attempt of the same run has found and done.
    """

    def __init__(
        self,
        config: RunnableConfig,
        stored: Mapping[str, Any],
        info: ExecutionInfo | None,
        known: dict[str, Entry] | None,
    ) -> None:
        configurable = config.get("configurable", {})
        saver, checkpoints = checkpointer_of(config), configurable.get("checkpoint_map") or {}
        is_kept = saver is not None and "" in checkpoints
        self.known: dict[str, Entry] = known if known is not None else {}
        self.saver: BaseCheckpointSaver[Any] | None = saver if is_kept else None
        self._graphs = (info.checkpoint_ns if info is not None else "").split("|")[:-1]
        # Where nothing is kept, the turn's own message tells one conversation from another.
        thread = str(info.thread_id) if info is not None and is_kept else str(stored.get("message_id"))
        self._conversation = {"thread_id": thread, "checkpoint_ns": ""}
        self._checkpoint = {**self._conversation, "checkpoint_id": checkpoints.get("")}
        self.thread_id = thread
        self.is_outermost = is_kept and not self._graphs
        """Whether the thread is of this graph, and not of one around it."""
        self._is_read = False
        # Within another graph, which may begin this one anew, nothing says that a later state is run again.
        self._may_be_known = is_resuming(config) or bool(self._graphs)
        self._is_checkpoint_stored = stores_at_once(config)
        self._lent = lent_to(config)

    def name(self, key: IdempotencyKey, *number: int) -> str:
        """Make the UUID of a key, and a number where there are several effects of the kind."""
        # The ids of the tasks on the way to a graph differ when a message is sent again; without one they may tell
        # apart graphs that run side by side.
        graphs = [graph.partition(":")[0] if key.turn else graph for graph in self._graphs]
        where = [self._conversation["thread_id"], *graphs, key.turn, *key.steps, *number]
        return str(uuid.uuid5(_NAMES, json.dumps(where)))

    async def find(self, name: str, key: IdempotencyKey) -> Entry | None:
        """Return the entry of this name, if the turn has one; what is stored is read when it is first asked for."""
        if not self._is_read:
            self._is_read = True
            if self.saver is not None and (self._may_be_known or key.may_be_resent):
                await self._read(self.saver, key)
        return self.known.get(name)

    async def store(self, name: str, entry: Entry) -> None:
        """Store an entry, so that a crash from now on cannot lose it."""
        self.known[name] = entry
        saver = self.saver
        if saver is None:
            return
        text = json.dumps(entry)
        await _write(saver, {"configurable": self._checkpoint}, name, text)
        if self._is_checkpoint_stored:
            return
        # LangGraph stores the checkpoint beside the run. Until it has, a crash would lose what belongs to it.
        self._is_checkpoint_stored = True
        for seconds in _PAUSES:
            if self._lent is not None:
                if self._checkpoint["checkpoint_id"] in self._lent.stored:
                    return
                if self._lent.failure is not None:
                    await self._store_before(saver, name, text)
                    raise self._lent.failure
            if await ReadCheckpoint(saver, {"configurable": self._checkpoint}) is not None:
                return
            await Pause(seconds)

    def check(self) -> None:
        """See that the run has stored its checkpoints so far; without them nobody would find the entries.

        Raises:
            Exception: The checkpointer's own, where it has not. The run would fail of it in the end.
        """
        if self._lent is not None and self._lent.failure is not None:
            raise self._lent.failure

    async def _store_before(self, saver: BaseCheckpointSaver[Any], name: str, text: str) -> None:
        """Store an entry with the newest checkpoint that is stored, where a turn that is sent again looks for it."""
        saved = await ReadCheckpoint(saver, {"configurable": self._conversation})
        if saved is not None:
            await _write(saver, saved.config, name, text)

    async def _read(self, saver: BaseCheckpointSaver[Any], key: IdempotencyKey) -> None:
        """Read what is stored with this run's checkpoint and, where the input may have come before, further back."""
        goes_back = key.may_be_resent or bool(self._graphs)  # a graph around does not say what was sent to it again
        saved = await ReadCheckpoint(saver, {"configurable": self._checkpoint})
        is_own = saved is not None
        if saved is None and goes_back:  # it is not stored yet; those of the turn's earlier runs are
            saved = await ReadCheckpoint(saver, {"configurable": self._conversation})
        while saved is not None and (is_own or _belongs_to(saved, key)):
            for name, channel, text in saved.pending_writes or ():
                if channel == CHANNEL:
                    entry = json.loads(text)
                    # LangGraph has forgotten the answers to interrupt() that were given in another run.
                    self.known.setdefault(name, entry if is_own else {**entry, "answers": 0})
            if not goes_back or saved.parent_config is None:
                return
            saved, is_own = await ReadCheckpoint(saver, saved.parent_config), False


async def _write(saver: BaseCheckpointSaver[Any], config: RunnableConfig, name: str, text: str) -> None:
    """Store an entry; once more where that fails at once, since what has been done would be done again."""
    began = time.monotonic()
    try:
        await WriteEntry(saver, config, name, text)
    except Exception as error:  # drivers may not be imported, to name their errors here
        if told_as_storage(error) is None or time.monotonic() - began > _AT_ONCE:
            raise
        await Pause(_BEFORE_ONCE_MORE)
        await WriteEntry(saver, config, name, text)


def _belongs_to(saved: CheckpointTuple, key: IdempotencyKey) -> bool:
    """Say whether a checkpoint is one of this turn's, or lies just before it."""
    messages: Any = saved.checkpoint["channel_values"].get("messages")
    if not key.after or not isinstance(messages, list):
        return not key.after
    # A graph around may keep them in any form that LangChain reads, and without ids.
    return any(getattr(message, "id", None) == key.after for message in messages)

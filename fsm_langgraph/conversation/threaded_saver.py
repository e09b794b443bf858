"""Checkpointers and stores that serve sync and async calls alike: an async method runs its sync twin in a thread.

LangGraph has separate classes for sync and for async calls. The async ones belong to the event loop that made them, and
their connections keep threads alive that hold the process open until somebody closes them. These work from any thread
and any event loop.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.store.base import BaseStore, Op, Result

from fsm_langgraph.errors import StoredDataError


class ThreadedSaver(BaseCheckpointSaver[Any]):
    """The async methods of a checkpointer that has the sync ones; it comes before it among the bases of a class.

    Rows that are no checkpoints are told as `StoredDataError`, with the conversation.
    """

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return a checkpoint.

        Raises:
            StoredDataError: What is stored there cannot be read as one.
        """
        try:
            return _checked(super().get_tuple(config))
        except StoredDataError as error:
            error.conversation_id = _thread_of(config)
            raise
        except _NO_FORM as error:
            raise _no_checkpoint(error, config) from error

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - the name is LangGraph's
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        """List checkpoints, the newest first; the error is that of `get_tuple`."""
        try:
            yield from map(_checked, super().list(config, filter=filter, before=before, limit=limit))
        except StoredDataError as error:
            error.conversation_id = _thread_of(config) or self._unreadable()
            raise
        except _NO_FORM as error:
            told = _no_checkpoint(error, config)
            told.conversation_id = told.conversation_id or self._unreadable()
            raise told from error

    def thread_ids(self) -> Iterable[str]:
        """Name all threads; no checkpoint is read for it."""
        raise NotImplementedError

    def _unreadable(self) -> str | None:
        """Find a conversation that cannot be read, where reading all of them has met one."""
        for thread_id in self.thread_ids():
            try:
                for _ in self.list({"configurable": {"thread_id": thread_id}}):
                    pass
            except StoredDataError as error:
                return error.conversation_id
        return None

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return a checkpoint; the twin of `get_tuple`."""
        return await asyncio.to_thread(self.get_tuple, config)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - the name is LangGraph's
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """List checkpoints, the newest first; the twin of `list`."""
        found = await asyncio.to_thread(lambda: [*self.list(config, filter=filter, before=before, limit=limit)])
        for checkpoint in found:
            yield checkpoint

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint; the twin of `put`."""
        return await asyncio.to_thread(self.put, config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Store what a node has written; the twin of `put_writes`."""
        await asyncio.to_thread(self.put_writes, config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a conversation; the twin of `delete_thread`."""
        await asyncio.to_thread(self.delete_thread, thread_id)


def _checked(saved: S) -> S:
    """Return a checkpoint that has the form of one."""
    if saved is not None:
        checkpoint: Any = saved.checkpoint
        metadata: Any = saved.metadata
        values = [metadata, *(checkpoint[name] for name in _MAPPINGS)]
        has_form = all(isinstance(value, dict) for value in values) and isinstance(metadata.get("step", 0), int)
        is_whole = all(isinstance(checkpoint[name], kind) for name, kind in _FACTS)
        if not (has_form and is_whole and _has_channels(saved)):
            raise ValueError("a checkpoint without its form")
    return saved


def _has_channels(saved: CheckpointTuple) -> bool:
    """Say whether the channels of a machine hold what they may; another graph's may hold anything."""
    values = saved.checkpoint["channel_values"]
    if "fsm_name" not in saved.metadata and "last_turn" not in values:
        return True
    return all(isinstance(values[name], kinds) for name, kinds in _CHANNELS.items() if name in values)


S = TypeVar("S", bound=CheckpointTuple | None)
_MAPPINGS = ("channel_values", "channel_versions", "versions_seen")
_FACTS = (("v", int), ("id", str), ("ts", str))
_CHANNELS: dict[str, Any] = {
    "messages": list,
    "context": dict,
    "current_state": str | None,
    "last_turn": dict | None,
    "turn": dict | None,
    "sub_machine": dict | None,
    "older_messages": dict | None,
}
"""The channels of a machine, with the types of what they hold."""


_NOT_OURS = "Somebody else has written it, or a part of it was lost; nothing of it was run."


def _no_checkpoint(error: Exception, config: RunnableConfig | None) -> StoredDataError:
    told = StoredDataError(
        f"it holds a row that is no checkpoint ({type(error).__name__}).",
        _NOT_OURS,
    )
    told.conversation_id = _thread_of(config)
    return told


def _thread_of(config: RunnableConfig | None) -> str | None:
    thread = (config or {}).get("configurable", {}).get("thread_id")
    return None if thread is None else str(thread)


_NO_FORM = (TypeError, ValueError, LookupError, AttributeError, RecursionError)
"""The errors of LangGraph's code where a row is no checkpoint; drivers have others."""


class LazyStore(BaseStore):
    """A store that is opened when it is first used: importing one takes a quarter of a second, and most are never used.

    Args:
        open_store: Opens it.
    """

    def __init__(self, open_store: Callable[[], BaseStore]) -> None:
        self._open = open_store
        self._guard = threading.Lock()
        self.opened: BaseStore | None = None
        """The store, once it is open."""

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Do several things at once; all methods come through here."""
        with self._guard:
            if self.opened is None:
                self.opened = self._open()
        try:
            return self.opened.batch(ops)
        except json.JSONDecodeError as error:
            raise StoredDataError("the store holds an item that is no JSON.", _NOT_OURS) from error

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """Do several things at once; the twin of `batch`."""
        return await asyncio.to_thread(self.batch, [*ops])

"""A checkpoint that is read before a run, and given to the run as its own: it is read once a turn.

LangGraph reads the conversation's checkpoint as a run begins. What has to be known before that (`before_run.py`) is in
the same checkpoint. The run is lent a checkpointer whose first reading is answered with what is read already. It knows
which checkpoints the run has stored, too, and whether it could not store one, so that the journal need not read them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache, partial
from operator import attrgetter
from types import MethodType
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)


class ReadAhead(BaseCheckpointSaver[Any]):
    """A checkpointer that answers one reading with a checkpoint that was read before, and is another one in all else.

    Args:
        saver: The other one.
        saved: What it has of the conversation. The run writes into it, so nobody else may hold it.
    """

    def __init__(self, saver: BaseCheckpointSaver[Any], saved: CheckpointTuple | None) -> None:
        self.saver = saver
        self.stored: set[str] = set()
        """The ids of the checkpoints that were stored by way of it."""
        self.failure: Exception | None = None
        """Why a checkpoint was not stored. None is after that, and the run fails when its nodes have ended."""
        self._read = [saved]

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return the checkpoint that was read before, the first time."""
        return self._read.pop() if self._read else self.saver.get_tuple(config)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return the checkpoint that was read before; the twin of `get_tuple`."""
        return self._read.pop() if self._read else await self.saver.aget_tuple(config)

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint, and note that it is."""
        try:
            stored = self.saver.put(config, checkpoint, metadata, new_versions)
        except Exception as error:
            self.failure = error
            raise
        self.stored.add(checkpoint["id"])
        return stored

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint, and note that it is; the twin of `put`."""
        try:
            stored = await self.saver.aput(config, checkpoint, metadata, new_versions)
        except Exception as error:
            self.failure = error
            raise
        self.stored.add(checkpoint["id"])
        return stored


_OWN = ("config_specs", "get", "aget", "get_tuple", "aget_tuple", "put", "aput")
"""Not handed on: all that reads or stores one checkpoint, and no method."""
_SIGNED = ("put_writes", "aput_writes")
"""Those whose signature LangGraph asks for in every run."""


def _hand_on(name: str) -> None:
    """Make an attribute of the other checkpointer one of this; LangGraph keeps what it calls for each channel."""
    found = attrgetter(f"saver.{name}")
    setattr(ReadAhead, name, property((lambda ahead: _signed(found(ahead))) if name in _SIGNED else found))


for _name in (
    "serde",
    *(name for name in vars(BaseCheckpointSaver) if name[0] != "_" and name not in (*_OWN, "serde")),
):
    _hand_on(_name)


def _signed(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method with its signature written down; to work it out takes one percent of a turn."""
    if not isinstance(method, MethodType):
        return method
    signed = partial(method)
    vars(signed)["__signature__"] = _signature_of(method.__func__)
    return signed


@lru_cache(maxsize=64)
def _signature_of(function: Callable[..., Any]) -> inspect.Signature:
    """Return the signature that a function has as a method."""
    return inspect.signature(MethodType(function, object()))


def lent_by(saver: BaseCheckpointSaver[Any]) -> BaseCheckpointSaver[Any]:
    """Return the checkpointer that a run was lent by way of another one; any other as it is."""
    return saver.saver if isinstance(saver, ReadAhead) else saver

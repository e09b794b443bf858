"""The rows of a checkpointer, as housekeeping needs them.

It is told the ends of all conversations, and deletes a part of one.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

from langgraph.checkpoint.base import BaseCheckpointSaver

Saver = BaseCheckpointSaver[Any]


@dataclass(frozen=True, slots=True)
class ThreadEnds:
    """The two ends of a conversation, by the ids of their checkpoints."""

    thread_id: str
    first: str
    newest: str


@dataclass(frozen=True, slots=True)
class OldCheckpoints:
    """The checkpoints of a conversation that no turn needs any more."""

    before: str
    """The id of a checkpoint: they are older than this."""
    but: frozenset[str]
    """The ids of older ones that stay."""
    inside_before: str
    """The id of a checkpoint: those of sub-machines that are older than this go too."""


class CheckpointRows(Protocol):
    """The rows of a database."""

    def ends(self, thread_id: str | None = None) -> list[ThreadEnds]:
        """Return the ends of each conversation, or of one if it is there."""
        ...

    def count_bytes(self, thread_id: str) -> int | None:
        """Count the bytes that a conversation's checkpoints take; `None` where that is not known."""
        ...

    def parents_since(self, thread_id: str, cut: str) -> dict[str, str | None]:
        """Return the checkpoints of a conversation from one of them on, each with its parent."""
        ...

    def count_old(self, thread_id: str, old: OldCheckpoints) -> int:
        """Count the checkpoints of a conversation that are old."""
        ...

    def delete_old(self, thread_id: str, old: OldCheckpoints) -> int:
        """Delete the checkpoints of a conversation that are old; return how many there were.

        Those that sub-machines left in these turns go with them. Namespaces that outlive a turn are left alone.
        """
        ...

    def compact(self) -> None:
        """Have the database give back the room of what was deleted."""
        ...


def database_of(saver: Saver) -> Literal["sqlite", "postgres"] | None:
    """Name the database whose rows can be read, by the class of its checkpointer; no driver is imported for it."""
    modules = {kind.__module__ for kind in type(saver).__mro__}
    if "langgraph.checkpoint.sqlite" in modules:
        return "sqlite"
    return "postgres" if "langgraph.checkpoint.postgres" in modules else None


def outlives_turns(namespace: str) -> bool:
    """Say whether a namespace is kept from turn to turn, and not left by one run of a subgraph.

    LangGraph writes the id of the run's task behind a colon. Without one it is that of a graph with
    `checkpointer=True`, or one of this package's own.
    """
    return ":" not in namespace.partition("|")[0]


def time_of(checkpoint_id: str) -> datetime | None:
    """Return when a checkpoint was made, by its id, which LangGraph makes as a UUID of version 6 (RFC 9562)."""
    try:
        read = uuid.UUID(checkpoint_id)
    except ValueError:
        return None
    if read.version != 6:
        return None
    ticks = (read.int >> 80) << 12 | (read.int >> 64) & 0xFFF
    return _BEGAN + timedelta(microseconds=ticks // 10)


_BEGAN = datetime(1582, 10, 15, tzinfo=UTC)
"""From when on such a UUID counts, in tenths of a microsecond."""

"""The older messages of a long conversation, which leave the graph's state for the store as a turn lands.

LangGraph writes the whole list of messages into every checkpoint, so that one which grows makes each turn dearer than
the one before it. Where there is a store, the state keeps the newest ones only, and says where the others are:

    messages          [ …, the turn's own ]
    older_messages    the newest chunk ──before──> the chunk before it ──before──> … ──> none

A chunk never changes and is known by what is in it, like a commit. So one that is written twice, by a turn that is run
again, does no harm, and conversations that fork share what they have in common. `older_messages.py` keeps the chunks.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AnyMessage
from typing_extensions import TypedDict  # the standard one makes no JSON Schema before Python 3.12

from fsm_langgraph.turn.beginning import since_last_answer


class OlderMessages(TypedDict):
    """Where the messages are that came before those of the graph's state."""

    thread_id: str
    """The thread that the newest chunk was written for; a copy of a conversation begins with another one's chunks."""
    key: str
    """The newest chunk's key in the store."""
    count: int
    """How many messages there are up to the end of that chunk."""


@dataclass(frozen=True, slots=True)
class PutAway:
    """Messages that are to go into the store; what is sent is where they are, `None` where they have to stay."""

    messages: Sequence[AnyMessage]
    before: OlderMessages | None
    """Where those are that came before them."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Messages that have gone into the store."""

    ids: Sequence[str]
    older: OlderMessages


def put_away(
    history: Sequence[AnyMessage], before: OlderMessages | None, *, limit: int | None, seen: int
) -> Generator[PutAway, Any, Moved | None]:
    """Have the oldest messages go into the store, where there are too many; return which have gone, if any.

    Args:
        history: The messages as the turn began, which lands now.
        before: Where the older ones are that have gone before.
        limit: How many the state keeps, the answer with them; `None` for any number.
        seen: How many the model sees.
    """
    keep = seen + 1  # what the model sees begins in the same way wherever there is more than that
    if limit is None or len(history) < max(limit, keep):
        return None
    # Half of them go, so that the store is written to once in many turns. The turn's own always stay.
    staying = max(limit // 2, keep, _length_of_turn(history)) - 1
    moving = history[: len(history) - staying]
    older: OlderMessages | None = (yield PutAway(moving, before)) if moving else None
    return Moved([str(message.id) for message in moving], older) if older is not None else None


def _length_of_turn(history: Sequence[AnyMessage]) -> int:
    """Count the messages since the last answer, and the one that is to come."""
    return len(since_last_answer(history)) + 1

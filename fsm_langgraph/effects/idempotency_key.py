"""The idempotency key of an effect: the same in every run of the turn, and no other effect's.

A turn is run again when LangGraph retries a state, when it is resumed after a crash or an `interrupt()`, and when its
message is sent again after it failed. All of these are one turn, which is known by the id of the user's message where
the caller gave it one. LangGraph gives a message that has none a new one whenever it reads the input. Then the turn is
known by the id of the message that came before it, and by the content of the user's.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """Tells an effect of a turn from all others; the journal makes a UUID of it."""

    turn: str = ""
    """The turn's identity; empty where nothing has been said yet."""
    after: str = ""
    """The id of the message that came before the turn; empty where it is the first."""
    may_be_resent: bool = False
    """Whether an input of the turn may lie further back in the conversation than the one that it runs on."""
    steps: tuple[str | int | None, ...] = ()
    """How far the turn has come, where, and the effect's own part."""


def identify_turn(after: str, said: Any) -> str:
    """Identify a turn.

    Args:
        after: The id of the message before it; empty where there is none.
        said: The content of the user's message, `None` where there is none.
    """
    if not after and said is None:
        return ""
    return _digest(f"[{_ENCODER.encode(after)}, {_ENCODER.encode(said)}]")


def identify_message(message_id: str) -> str:
    """Identify a turn whose message the caller gave an id."""
    return _digest(_ENCODER.encode({"message": message_id}))  # an object, which no identity by the content is made of


def _digest(known_by: str) -> str:
    return hashlib.sha256(known_by.encode()).hexdigest()[:32]


_ENCODER = json.JSONEncoder(default=str)
"""Made once: `json.dumps` makes one at every call that is not its plainest. Texts it writes without a detour."""

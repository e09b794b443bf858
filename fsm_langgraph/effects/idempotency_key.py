"""What is done in a turn, by a name that is the same however often the turn is run, and that nothing else has.

A turn is run again when LangGraph retries a state, when it is resumed after a crash or an `interrupt()`, and when its
message is sent again after it failed. All of these are one turn: it is known by the message that came before it and by
what the user says. The id of the user's own message would not do: where a message comes without one, LangGraph gives it
another whenever it reads the input.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that is done in a turn."""

    turn: str = ""
    """What the turn is known by; empty where nothing has been said yet."""
    after: str = ""
    """The id of the message that came before the turn; empty where it is the first."""
    may_be_resent: bool = False
    """Whether an input of the turn may lie further back in the conversation than the one that it runs on."""
    steps: tuple[str | int | None, ...] = ()
    """How far the turn has come, where, and what is done."""


UNNAMED = Deed()
"""What is never written down."""


def name_turn(after: str, said: Any) -> str:
    """Name a turn by the id of the message before it and the content of the user's, `None` where there is none."""
    if not after and said is None:
        return ""
    return hashlib.sha256(json.dumps([after, said], default=str).encode()).hexdigest()[:32]

"""What a conversation keeps between two turns beside its context: sub-machines under way, and digressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import TypedDict  # the standard one makes no JSON Schema before Python 3.12

from fsm_langgraph.context.writes import Context


class Frame(TypedDict):
    """A sub-machine under way, as the conversation keeps it between two turns."""

    of: str
    """The state that it runs in."""
    current_state: str
    """The state that it is in itself."""
    context: Context
    left: list[Left]
    sub_machine: Frame | None
    """The sub-machine that runs in that state, if one does."""


class Left(TypedDict):
    """Where a digression has left, and returns to."""

    state: str
    sub_machine: Frame | None


class Before(TypedDict):
    """How things stood before a turn; they stand so again where it fails."""

    at: str | None
    """The state in which the turn before has landed, whatever has been written since; `None` where none has."""
    left: list[Left]
    """Where digressions had left."""


def before_turn(flight: Mapping[str, Any]) -> Before:
    """Return how things stand between two turns, by what is stored of the last one: it may have failed on the way."""
    before = flight.get("before") or flight
    return Before(at=before.get("at"), left=before.get("left", []))


def path_of(state: str, frame: Frame | None) -> str:
    """Write the path of the state that a conversation is in, through the sub-machines that run: `payment/card`.

    A frame of another state, such as somebody who has moved the conversation leaves behind, says nothing of it.
    """
    if frame is None or frame["of"] != state:
        return state
    return f"{state}/{path_of(frame['current_state'], frame['sub_machine'])}"

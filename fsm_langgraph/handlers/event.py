"""What a handler gets and what it may answer: the moments, the event, and the refusal of a value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import JsonValue

from fsm_langgraph.errors import Portable

if TYPE_CHECKING:
    from langgraph.runtime import Runtime

Moment = Literal[
    "START_CONVERSATION",
    "PRE_PROCESSING",
    "CONTEXT_UPDATE",
    "POST_PROCESSING",
    "PRE_TRANSITION",
    "POST_TRANSITION",
    "END_CONVERSATION",
    "ERROR",
]
MOMENTS: tuple[Moment, ...] = get_args(Moment)


@dataclass(frozen=True, slots=True)
class Event:
    """What a handler gets to see."""

    moment: Moment
    state: str
    """The state that the turn is in."""
    context: Mapping[str, JsonValue]
    """The context as it stands now, secrets included; a copy."""
    target: str | None = None
    """Before a transition, the state that it leads to."""
    source: str | None = None
    """After a transition, the state that it came from."""
    updated: frozenset[str] = frozenset()
    """The keys that the turn has changed so far."""
    message: str = ""
    """The user's message; empty in a turn without one."""
    error: Exception | None = None
    """What went wrong, at `ERROR`."""
    runtime: Runtime[Any] | None = None
    """LangGraph's `Runtime`: the run context, the store, the stream writer."""
    idempotency_key: str = ""
    """A UUID for what this handler does here; the same when the turn is run again, and no other's."""


Answer = Mapping[str, Any] | str | None
"""The keys that a handler writes; at `ERROR` also the message to show instead of failing."""
Action = Callable[[Event], Answer | Awaitable[Answer]]


class RejectValue(Portable):
    """Raised by a handler to refuse a value that was given: the one before the turn takes its place, if it is another.

    Args:
        reason: Why, as the end of the sentence "its value …"; the model is told, and tells the user.
        key: The key whose value it is; the handler's own `keys` where it is left out.
    """

    def __init__(self, reason: str, key: str | None = None) -> None:
        self.reason = reason
        self.key = key
        super().__init__(reason)

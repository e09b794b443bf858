"""The eight moments, the event that a handler gets, and its answers, the refusal of a value among them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import JsonValue

from fsm_langgraph.portable import Portable

if TYPE_CHECKING:
    from langchain_core.messages import AnyMessage
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
    """One moment of a turn, as a handler sees it."""

    moment: Moment
    state: str
    """The state that the turn is in, by its path from the outermost machine: `payment/card`."""
    context: Mapping[str, JsonValue] = field(repr=False)
    """The context as it stands now, a copy, with the values of secrets: what is made of it may not be logged."""
    target: str | None = None
    """Before a transition, the state that it leads to."""
    source: str | None = None
    """After a transition, the state that it came from."""
    updated: frozenset[str] = frozenset()
    """The keys that the turn has changed so far, without those that it merely forgot."""
    message: str = ""
    """The user's message; empty in a turn without one."""
    history: Sequence[AnyMessage] = ()
    """The conversation so far, the user's message last: a view of copies. Where older messages move to the store it has
    the newest, as the graph's state does; `Graph.messages` returns them all."""
    machine: str = ""
    """The name of the outermost machine, whichever of its sub-machines the state is in."""
    revision: str = ""
    """The revision of the outermost machine's definition; empty where it has none."""
    error: Exception | None = None
    """The error that the turn failed with, at `ERROR`."""
    runtime: Runtime[Any] | None = None
    """LangGraph's `Runtime`: the run context, the store, the stream writer."""
    idempotency_key: str = ""
    """A UUID for this run of the handler: the same when the turn is run again, and different for everything else."""


Answer = Mapping[str, Any] | str | None
"""The keys that a handler writes; at `ERROR` also the message to show instead of failing."""
Action = Callable[[Event], Answer | Awaitable[Answer]]


class RejectValue(Portable):
    """Raised by a handler to refuse a value that was given; the key gets back the value from before the turn.

    Args:
        reason: Why, as the end of the sentence "its value …"; the model is told, and tells the user.
        key: The key whose value it is; the handler's own `keys` where it is left out.
    """

    def __init__(self, reason: str, key: str | None = None) -> None:
        self.reason = reason
        self.key = key
        super().__init__(reason)

"""A turn under way, as data: how it began, how far it has come, and what it has found.

It works on a copy of the context (see `scope.py`) and keeps all that it finds to itself. Between two states it travels
in the graph's `turn` channel (`stored_turn.py`); the conversation's own channels are written once, by `land`. So a turn
that fails leaves the conversation as it was, and one that was interrupted can be resumed where it stood.

Lists are replaced and never written into, so that a shallow copy of a turn is a turn of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from langchain_core.messages import AIMessage

from fsm_langgraph.context.writes import Context
from fsm_langgraph.effects import IdempotencyKey
from fsm_langgraph.prompts.lookups import Live
from fsm_langgraph.turn.frames import Before
from fsm_langgraph.turn.record import ModelCall, RejectedWrite, Step, ToolUse

How = Literal["enter", "begin", "return", "exit", "waits", "ended"]
"""How a turn goes on, or has come to rest: it enters a state along a transition, begins in it or returns to it; it
leaves the machine by a transition of one around it; it waits in a state, or the sub-machine has ended there."""


@dataclass(frozen=True, slots=True)
class Next:
    """Where a turn goes on."""

    state: str
    how: How = "enter"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is written and not shown: kept back until the handlers have run that come before it."""

    message: AIMessage
    written_for: str
    """The path of the state that it was written for."""
    written_in: str
    """The path of the state whose call wrote it."""
    live: Live | None = None
    """The items that the store held for the writer, in a forecast; a message that is kept back is for no state that
    reads them."""


@dataclass(slots=True)
class Turn:
    """A turn under way: how it began and what it has found so far, none of it stored yet."""

    began: str
    """The state of the outermost machine that it began in."""
    message_id: str
    """The id of the message that the turn will end with."""
    id: str = ""
    """The turn's identity, however often it is run."""
    after: str = ""
    """The id of the message that came before it."""
    has_message: bool = False
    """Whether the user has written a message."""
    is_first: bool = False
    """Whether the conversation begins with it."""
    before: Before | None = None
    """How things stood before the turn."""
    stored: Context = field(default_factory=dict)
    """The context as it is stored."""
    repeated: list[str] = field(default_factory=list)
    """Ids of messages that were sent again after a turn that failed."""

    unread: bool = False
    """Whether the user's message still waits to be understood."""
    path: list[str] = field(default_factory=list)
    """The states that the turn has gone through."""
    message: AIMessage | None = None
    """The message, once it is shown."""
    draft: Draft | None = None
    """The message, while it is kept back."""
    why: Literal["began", "ended", "failed"] | None = None
    proposed: str | None = None
    refused: str | None = None
    """A target that was proposed and is not where the turn went."""
    rejected: list[RejectedWrite] = field(default_factory=list)
    reasoning: str = ""
    steps: list[Step] = field(default_factory=list)
    model_calls: list[ModelCall] = field(default_factory=list)
    tool_uses: list[ToolUse] = field(default_factory=list)
    changed_inside: list[str] = field(default_factory=list)
    """The keys that sub-machines have changed, by their paths."""

    @property
    def is_moved(self) -> bool:
        """Whether somebody has put the conversation into the state where the turn begins."""
        return self.before is not None and self.before["at"] not in (None, self.began)

    @property
    def rejected_values(self) -> list[RejectedWrite]:
        """The values that were rejected, of which only a message that is spoken tells."""
        return [rejected for rejected in self.rejected if rejected["kind"] == "value"]

    def key(self, *steps: str | int | None) -> IdempotencyKey:
        """Make the idempotency key of an effect that comes now in the turn."""
        may_be_resent = bool(self.repeated) or not self.has_message
        return IdempotencyKey(self.id, self.after, may_be_resent, (len(self.path), *steps))

"""A turn under way, as data: how it begins, travels from state to state, and ends.

It works on a copy of the context and keeps all that it finds to itself. Between two states it travels in the graph's
`turn` channel; the conversation's own channels are written once, by `land`. So a turn that fails leaves the
conversation as it was, and one that was interrupted can be resumed where it stood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from langchain_core.messages import AIMessage

from fsm_langgraph.context.writes import Context, apply, changed_keys, difference
from fsm_langgraph.effects.idempotency_key import Deed
from fsm_langgraph.turn.frames import Before, Frame, Left
from fsm_langgraph.turn.record import ModelCall, RejectedWrite, Step, ToolUse

How = Literal["enter", "begin", "return", "exit", "waits", "ended"]
"""How a turn goes on, or has come to rest: it enters a state along an edge, begins in it or returns to it; it leaves
the machine by a transition of one around it; it waits in a state, or the sub-machine has ended there."""


@dataclass(frozen=True, slots=True)
class Next:
    """Where a turn goes on."""

    state: str
    how: How = "enter"


@dataclass(slots=True)
class Turn:
    """A turn under way: what it has found and decided so far, none of it stored yet."""

    base: Context
    """The context before the turn, against which a key has changed or not."""
    context: Context
    """The context as it stands now."""
    path: list[str]
    """The states that the turn has gone through."""
    unread: bool
    """Whether the user's message still waits to be understood."""
    message_id: str
    """The id of the message that the turn will end with."""
    began: str
    """The state of the outermost machine that it began in."""
    id: str = ""
    """What the turn is known by, however often it is run."""
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
    entered: list[str] = field(default_factory=list)
    """The listening states that it has entered."""
    message: AIMessage | None = None
    """The message, once it is written."""
    held_for: str | None = None
    """The state that the message was written for, while it is kept back until that state's handlers have run."""
    foreseen: Context = field(default_factory=dict)
    """What the message's writer knew of the context: what its state was shown and what the reply itself wrote."""
    why: Literal["began", "ended", "failed"] | None = None
    proposed: str | None = None
    refused: str | None = None
    """A target that was proposed and is not where the turn went."""
    learned: list[str] = field(default_factory=list)
    """The keys that the model's replies wrote."""
    forgotten: list[str] = field(default_factory=list)
    rejected: list[RejectedWrite] = field(default_factory=list)
    reasoning: str = ""
    steps: list[Step] = field(default_factory=list)
    model_calls: list[ModelCall] = field(default_factory=list)
    tool_uses: list[ToolUse] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    """Ids of messages that were sent again after a turn that failed."""
    left: list[Left] = field(default_factory=list)
    """Where digressions have left, the last one last."""
    frame: Frame | None = None
    """The sub-machine that runs in the state; its context is the one that the turn began with."""
    closed_exits: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    """In a sub-machine, the transitions out of it that are not open: keys that are missing, conditions that failed."""
    changed_inside: list[str] = field(default_factory=list)
    """The keys that sub-machines have changed, by their paths."""
    _compared: tuple[Context, list[str], frozenset[str]] | None = field(
        default=None, init=False, repr=False, compare=False
    )
    """A context, what was forgotten by then, and the keys that had changed; both are replaced, never written into."""

    @property
    def is_moved(self) -> bool:
        """Whether somebody has put the conversation into the state where the turn begins."""
        return self.before is not None and self.before["at"] not in (None, self.began)

    @property
    def changed(self) -> frozenset[str]:
        """The keys that the turn has changed; to be forgotten is no news that a transition could fire on."""
        known = self._compared
        if known is None or known[0] is not self.context or known[1] is not self.forgotten:
            found = changed_keys(_without(self.base, self.forgotten), self.context)
            known = self._compared = (self.context, self.forgotten, found)
        return known[2]

    @property
    def refused_values(self) -> list[RejectedWrite]:
        """The values that were refused, of which only a message that is spoken tells."""
        return [rejected for rejected in self.rejected if rejected["kind"] == "value"]

    def deed(self, *what: str | int | None) -> Deed:
        """Name what is done now in the turn."""
        may_be_resent = bool(self.repeated) or not self.has_message
        return Deed(self.id, self.after, may_be_resent, (len(self.path), *what))

    def forget(self, keys: Sequence[str]) -> None:
        """Remove keys from what is known."""
        self.forgotten = [*self.forgotten, *keys]
        self.context = _without(self.context, keys)

    def take_edits(self, stored: Context) -> None:
        """Take over what somebody has changed in the stored context while the turn was paused."""
        if edits := difference(self.stored, stored):
            self.context, self.stored = apply(self.context, edits), stored

    def pack(self, onward: Next, *, at: str | None = None) -> dict[str, Any]:
        """Write the turn down for the state that it goes on to, or for the machine around the one that it is in.

        Args:
            onward: Where it goes on, or how it has come to rest.
            at: The state that it is in.
        """
        parts = {f.name: getattr(self, f.name) for f in fields(self) if f.init}
        return {"next": onward.state, "how": onward.how, "at": at, **parts}

    @classmethod
    def unpack(cls, channel: Mapping[str, Any]) -> Turn:
        """Read a turn that another state has written down; where this one is run again, it is read again."""
        written = ((f.name, channel[f.name]) for f in fields(cls) if f.init)
        copied: dict[str, Any] = {name: [*part] if isinstance(part, list) else part for name, part in written}
        return cls(**copied)


def _without(context: Context, keys: Sequence[str]) -> Context:
    return {key: value for key, value in context.items() if key not in keys} if keys else context

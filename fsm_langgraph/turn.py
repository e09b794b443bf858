"""A turn under way, as data: how it begins, travels from state to state, and ends.

It works on a copy of the context and keeps all that it finds to itself. Between two states it travels in the graph's
`turn` channel; the conversation's own channels are written once, by `land`. So a turn that fails leaves the
conversation as it was, and one that was interrupted can be resumed where it stood.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, RemoveMessage
from typing_extensions import TypedDict  # the standard one makes no JSON Schema before Python 3.12

from fsm_langgraph.context import Context, apply, changed_keys, difference
from fsm_langgraph.deed import Deed, name_turn
from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.record import ModelCall, RejectedWrite, Step, ToolUse, TurnRecord, tool_call
from fsm_langgraph.routing import Why

How = Literal["enter", "begin", "return", "exit", "waits", "ended"]
"""How a turn goes on, or has come to rest: it enters a state along an edge, begins in it or returns to it; it leaves
the machine by a transition of one around it; it waits in a state, or the sub-machine has ended there."""


@dataclass(frozen=True, slots=True)
class Next:
    """Where a turn goes on."""

    state: str
    how: How = "enter"


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

    at: str
    """The state in which the turn before has landed, whatever has been written since."""
    left: list[Left]
    """Where digressions had left."""


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
    """The context as the message's writer knew it: what the reply itself wrote is in it, what handlers wrote is not."""
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
        return self.before is not None and self.before["at"] != self.began

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


def new_turn(definition: FSMDefinition, state: State, values: Mapping[str, Any], flight: Mapping[str, Any]) -> Turn:
    """Begin a turn in the state that the conversation is in."""
    base: Context | None = flight.get("base")
    before: Before | None = flight.get("before")
    unanswered = _unanswered(values["messages"])
    last = unanswered[-1] if unanswered else None
    copies = [message for message in unanswered if message.content == unanswered[-1].content]
    after = _before(values["messages"], copies)
    context: Context = {**definition.defaults, **values["context"]} if base is None else values["context"]
    frame: Frame | None = values.get("sub_machine")
    frame = frame if frame is not None and frame["of"] == state.id and state.subflow is not None else None
    return Turn(
        base=definition.defaults if base is None else base,
        context=context,
        path=[place_of(state.id, frame)],
        began=state.id,
        left=[*before["left"]] if before is not None else [],
        frame=frame,
        unread=last is not None and bool(last.content),
        message_id=flight.get("message_id") or f"fsm-{uuid.uuid4()}",
        id=name_turn(after, last.content if last is not None else None),
        after=after,
        has_message=last is not None,
        is_first=base is None,
        before=before,
        stored=values["context"],
        repeated=[str(message.id) for message in copies[:-1]],
    )


def place_of(state: str, frame: Frame | None) -> str:
    """Write the path of the state that a conversation is in, through the sub-machines that run: `payment/card`."""
    return state if frame is None else f"{state}/{place_of(frame['current_state'], frame['sub_machine'])}"


def _before(history: Sequence[AnyMessage], copies: Sequence[HumanMessage]) -> str:
    """Return the id of the message before the first copy of the user's, or of the last one where there is none."""
    at = next((i for i, message in enumerate(history) if message is copies[0]), 0) if copies else len(history)
    return str(history[at - 1].id) if at else ""


def _unanswered(history: Sequence[AnyMessage]) -> list[HumanMessage]:
    """Return the user's messages since the last answer: several where a turn failed and its message came again."""
    messages: list[HumanMessage] = []
    for message in reversed(history):
        if isinstance(message, AIMessage):
            break
        if isinstance(message, HumanMessage):
            messages.insert(0, message)
    return messages


def land(state: State, turn: Turn, stored: Context, *, nests: bool) -> dict[str, Any]:
    """End the turn in this state: everything that it decided is stored, at once.

    Args:
        state: The state of the outermost machine where the turn ends.
        turn: The turn.
        stored: The context as it is stored.
        nests: Whether any state of the machine runs a sub-machine.
    """
    record = TurnRecord(
        state=turn.path[0],
        landing=turn.path[-1],
        path=turn.path,
        proposed=turn.proposed,
        why=turn.why or _why(turn.steps),
        steps=turn.steps,
        changed=sorted(turn.changed) + turn.changed_inside,
        rejected=turn.rejected,
        reasoning=turn.reasoning,
        model_calls=turn.model_calls,
        tool_calls=[tool_call(use) for use in turn.tool_uses],
    )
    between_turns: dict[str, Any] = {"base": turn.context, "at": state.id, **({"left": turn.left} if turn.left else {})}
    return {
        "messages": [*(RemoveMessage(id=message_id) for message_id in turn.repeated), turn.message],
        "context": difference(stored, turn.context),
        "current_state": state.id,
        "last_turn": record,
        "turn": between_turns,
        **({"sub_machine": turn.frame} if nests else {}),
    }


def _why(steps: Sequence[Step]) -> Why | Literal["passed", "returned"]:
    """Name the reason of the first step that was decided."""
    for taken in steps:
        if taken["why"] not in ("passed", "returned"):
            return taken["why"]
    return steps[-1]["why"] if steps else "passed"


def _without(context: Context, keys: Sequence[str]) -> Context:
    return {key: value for key, value in context.items() if key not in keys} if keys else context

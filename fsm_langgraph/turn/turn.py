"""A turn under way, as data: how it began, how far it has come, and what it has found.

It works on a copy of the context (`scope.py`) and keeps all that it finds to itself. Between two states it travels in
the graph's `turn` channel (`stored_turn.py`). The conversation's own channels are written once, by `land`. So a turn
that fails leaves the conversation as it was, and one that was interrupted can be resumed where it stood.

Lists are replaced and never written into. So a shallow copy of a turn is a turn of its own, and the forecast can play
on one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from langchain_core.messages import AIMessage

from fsm_langgraph.context.machine_keys import STAYS
from fsm_langgraph.context.writes import Context
from fsm_langgraph.effects import IdempotencyKey
from fsm_langgraph.models.token_count import UntoldTokens
from fsm_langgraph.prompts.lookups import Live
from fsm_langgraph.routing import Whence
from fsm_langgraph.turn.definition_change import DefinitionChange
from fsm_langgraph.turn.frames import Before
from fsm_langgraph.turn.handoff import Handoff
from fsm_langgraph.turn.record import ModelCall, RejectedWrite, Step, ToolUse

How = Literal["enter", "begin", "return", "exit", "waits", "ended"]
"""How a turn goes on, or how it has come to rest.

    enter     into a state, along a transition
    begin     in the state that the conversation is in
    return    in the state that a digression has left
    exit      out of a sub-machine, by a global transition of a machine around it
    waits     at rest: the sub-machine waits for the user
    ended     at rest: the sub-machine has ended
"""


@dataclass(frozen=True, slots=True)
class Next:
    """Where a turn goes on."""

    state: str
    how: How = "enter"
    may_pass: bool = False
    """Whether the state is passed where its questions are answered."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is written and not shown yet: it is kept back until the handlers that come before it have run."""

    text: str
    written_for: str
    """The path of the state that it was written for."""
    written_in: str
    """The path of the state whose call wrote it."""
    tag_roots: frozenset[str] = frozenset()
    """The names with which tags of the stored instructions begin, besides those of the definition."""
    live: Live | None = None
    """The items that the store held for the writer, in a forecast. A message that is really kept back needs none: it is
    never for a state that reads the store."""


@dataclass  # without slots, so that a copy takes all that it has at once: each forecast makes one
class Turn:
    """A turn under way: how it began and what it has found so far, none of it stored yet."""

    began: str
    """The state of the outermost machine that it began in."""
    message_id: str
    """The id of the message that the turn will end with, if the machine says nothing itself."""
    id: str = ""
    """The turn's identity, however often it is run."""
    after: str = ""
    """The id of the message that came before it."""
    definition: str | None = None
    """The identity of the definition that it follows."""
    definition_change: DefinitionChange | None = None
    """The change of the definition since the turn before, where it is another one."""
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
    callers_ids: list[str] = field(default_factory=list)
    """The ids that the caller has given to messages which no turn before has read."""
    sent_again: bool = False
    """Whether an earlier run was given the input that this one was given, and has not landed."""

    unread: bool = False
    """Whether the user's message still waits to be understood."""
    read: str | None = None
    """The id of the last message of the user's that was read; empty where none was."""
    left_out: int = 0
    """The bytes of the user's message that were too many to be read."""
    model_stayed: bool = False
    """Whether the model meant to stay where it heard the message."""
    global_taken: bool = False
    """Whether the turn has taken a global transition."""
    has_digressed: bool = False
    """Whether the message was read in a digression, or has led into one."""
    has_guessed: bool = False
    """Whether the last reply's target was a mere guess, since conditions decide there."""
    machine_keys: Context = field(default_factory=dict)
    """The machine's own keys, as far as the definition reads them."""
    stays_longer: bool = False
    """Whether `_stays` has grown since the turn before."""
    path: list[str] = field(default_factory=list)
    """The states that the turn has gone through."""
    message: AIMessage | None = None
    """The message, once it is shown."""
    draft: Draft | None = None
    """The message, while it is kept back."""
    said: list[AIMessage] = field(default_factory=list)
    """The messages that the machine has said itself."""
    said_early: int = 0
    """How many of these came before the user's message was read."""
    said_in: list[str] = field(default_factory=list)
    """The paths of the states that have said them."""
    why: Literal["began", "ended", "failed"] | None = None
    """Why the turn came to no decision; `None` where its steps say why it went as it did."""
    failure: str = ""
    """The error of the turn, where something answers for it."""
    proposed: str | None = None
    """The path of the state that the last reply named."""
    refused: str | None = None
    """A target that was proposed and is not where the turn went."""
    rejected: list[RejectedWrite] = field(default_factory=list)
    reasoning: str = ""
    steps: list[Step] = field(default_factory=list)
    model_calls: list[ModelCall] = field(default_factory=list)
    untold: UntoldTokens | None = None
    """Tokens that no model run has told to LangChain's counters yet; the next one with a message does."""
    tool_uses: list[ToolUse] = field(default_factory=list)
    changed_inside: list[str] = field(default_factory=list)
    """The keys that sub-machines have changed, by their paths."""
    told_around: Context = field(default_factory=dict)
    """The values that replies in a sub-machine wrote for the machines around it."""
    told_inside: list[str] = field(default_factory=list)
    """The keys that replies wrote in sub-machines, by their paths."""
    handoff: Handoff | None = None
    """Who gets the user when the turn has landed; `None` where nobody does."""
    news_told: dict[str, Whence] = field(default_factory=dict)
    """The news of sub-machines, and what was news before the turn had come here, by the paths of the keys."""

    def __copy__(self) -> Turn:
        """Return a copy; Python's own way takes three times as long."""
        copied = object.__new__(Turn)
        copied.__dict__.update(self.__dict__)
        return copied

    @property
    def is_moved(self) -> bool:
        """Whether somebody has put the conversation into the state where the turn begins."""
        return self.before is not None and self.before["at"] not in (None, self.began)

    @property
    def read_before(self) -> str | None:
        """The id of the last message of the user's that an earlier turn has read."""
        # A turn that an earlier release has written down may lack it.
        return self.before.get("read") if self.before is not None else None

    @property
    def rejected_values(self) -> list[RejectedWrite]:
        """The values that were rejected, of which only a message that is spoken tells."""
        return [rejected for rejected in self.rejected if rejected["kind"] in ("value", "unconfirmed")]

    @property
    def machine_news(self) -> dict[str, Whence]:
        """The machine's own keys that are news: something has come of a message that has led elsewhere."""
        return {STAYS: "machine"} if self.stays_longer and not self.has_moved else {}

    @property
    def has_moved(self) -> bool:
        """Whether the turn has taken a transition, other than back from a digression."""
        return any(step["target_state"] is not None and step["why"] != "returned" for step in self.steps)

    @property
    def answer_id(self) -> str:
        """The id of a message that is written now.

        After the machine has said something itself it is another one: a message of which an earlier attempt at the
        turn has shown the beginning would be shown above those words.
        """
        return f"{self.message_id}-{len(self.said)}" if self.said else self.message_id

    def key(self, *steps: str | int | None) -> IdempotencyKey:
        """Make the idempotency key of an effect that comes now in the turn."""
        may_be_resent = bool(self.repeated) or self.sent_again or not self.has_message
        return IdempotencyKey(self.id, self.after, may_be_resent, (len(self.path), *steps))

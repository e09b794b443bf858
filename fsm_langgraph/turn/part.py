"""A state that plays its part in a turn: the machine and the state, the turn, and this machine's scope of it.

The steps of a turn are coroutines over a part, which await effects and nothing else. `play.py` has the main line.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace

from langchain_core.messages import AnyMessage, HumanMessage

from fsm_langgraph.context.user_words import UserWords
from fsm_langgraph.context.writes import Context
from fsm_langgraph.data.in_part import in_part
from fsm_langgraph.definition import State
from fsm_langgraph.errors import TurnError, TurnLimit
from fsm_langgraph.handlers import Event, Moment
from fsm_langgraph.handlers.messages import Messages
from fsm_langgraph.machine import Machine
from fsm_langgraph.models.gate import GatedModel
from fsm_langgraph.prompts.lookups import NOTHING, Live
from fsm_langgraph.prompts.prompt import Mode, visible_context
from fsm_langgraph.routing import Whence
from fsm_langgraph.turn.consequences import forget_confirmations, settle_changes
from fsm_langgraph.turn.frames import path_of
from fsm_langgraph.turn.moments import run_moment
from fsm_langgraph.turn.scope import Scope
from fsm_langgraph.turn.turn import Draft, Turn
from fsm_langgraph.turn.unread_messages import since_last_answer, waiting


@dataclass(slots=True)
class Part:
    """A state that plays its part in a turn."""

    machine: Machine
    state: State
    turn: Turn
    scope: Scope
    history: list[AnyMessage]
    """The conversation, without the copies of a message that was sent again."""
    model: GatedModel
    """The model that answers in this run."""
    is_new: bool = False
    """Whether the turn has just come into the state, so that what it says itself is still to be said."""

    path: str = field(init=False)
    """The state's path from the outermost machine."""

    def __post_init__(self) -> None:
        """Write down the path, which is asked for again and again."""
        self.path = self.machine.path(self.state.id)

    @property
    def known(self) -> Context:
        """The context with the machine's own keys and the values of secrets, for guards and lookups to read."""
        machine_keys, context = self.turn.machine_keys, self.scope.revealed
        return {**context, **machine_keys} if machine_keys else context

    @property
    def has_ended(self) -> bool:
        """Whether the conversation of this machine ends here; a digression that ends returns."""
        return self.state.is_final and not self.scope.left

    def at(self, state: str) -> Part:
        """Return the same turn in another state of the machine."""
        return replace(self, state=self.machine.definition.states[state], is_new=False)

    def copy(self, draft: Draft) -> Part:
        """Return the part with a copy of the turn, in which this message is written and not shown."""
        turn, scope = copy(self.turn), copy(self.scope)
        turn.draft = draft
        # Each forecast makes one, and `replace` asks every field by its name.
        return Part(self.machine, self.state, turn, scope, self.history, self.model, self.is_new)

    @property
    def has_spoken(self) -> bool:
        """Whether the state had spoken before the turn, which begins in it: the user answers what it said."""
        turn = self.turn
        return self.state.hears and turn.path == [self.path] and not (turn.is_first or turn.is_moved)

    @property
    def user_text(self) -> str:
        """The text of the user's message: all that was written since the last answer, and was not read."""
        return "\n".join(each.text for each in waiting(self.history, self.turn.read_before))

    def user_words(self) -> UserWords:
        """Return the words of all messages of the user's that are kept."""
        most = self.machine.limits.user_message
        return UserWords(in_part(each.text, most) for each in self.history if isinstance(each, HumanMessage))

    @property
    def conversation(self) -> list[AnyMessage]:
        """The conversation up to the user's message, with what the machine has said itself before that was read."""
        early = self.turn.said[: self.turn.said_early]
        if not early:
            return self.history
        at = len(self.history) - len(since_last_answer(self.history))
        return [*self.history[:at], *early, *self.history[at:]]

    def path_to(self, target: str) -> str:
        """Write the path of the state that a reply proposes."""
        if target == self.machine.definition.again:
            return self.path
        # A name belongs to the nearest machine that has it.
        is_exit = self.machine.leads_out(target) and all(
            transition.target_state != target for transition in self.machine.definition.transitions_from(self.state)
        )
        return self.machine.path_out(target) if is_exit and target != self.state.id else self.machine.path(target)

    def tell_news(self) -> None:
        """Tell in the turn, by the paths of the keys, what is news now in this machine."""
        news: dict[str, Whence] = {self.machine.path(key): whence for key, whence in self.scope.news.items()}
        self.turn.news_told = {**self.turn.news_told, **news}

    def step_in(self) -> None:
        """Note that the turn has come to this state.

        Raises:
            TurnLimit: It has gone through too many.
        """
        turn = self.turn
        turn.path = [*turn.path, self.machine.path(path_of(self.state.id, self.scope.frame))]
        if len(turn.path) > self.machine.max_steps:
            raise TurnLimit(self.path, turn.path)

    def shown_of(self, context: Context) -> Context:
        """Return the part of a context that the model is shown in this state."""
        return visible_context(self.machine.definition, self.state, context)

    async def handle(
        self,
        moment: Moment,
        *,
        target: str | None = None,
        source: str | None = None,
        error: TurnError | None = None,
    ) -> str:
        """Run the handlers of a moment; return the message that one of them gave, empty where none did."""
        handlers = self.machine.handlers.in_state(moment, self.path)
        if not handlers:
            self.settle()
            return ""
        event = Event(
            moment=moment,
            state=self.path,
            context={},  # each handler gets its own
            target=target,
            source=source,
            message=self.user_text if self.turn.has_message else "",
            history=Messages(self.history),
            machine=self.machine.name,
            revision=self.machine.revision,
            error=error,
        )
        message = await run_moment(self.machine.definition, handlers, self.turn, self.scope, event, self.machine.limits)
        self.settle()
        return message

    def settle(self) -> None:
        """Forget all that no longer holds, by what the turn has changed so far."""
        settle_changes(self.machine.definition, self.state, self.turn, self.scope)

    def forget_confirmations(self, *, is_foreseen: bool = False) -> None:
        """Forget the confirmations that the state asks for, as the turn comes into it."""
        if not self.machine.definition.confirmations_in(self.state):
            return
        self.tell_news()
        forget_confirmations(self.machine.definition, self.state, self.turn, self.scope, is_foreseen=is_foreseen)

    async def look_up(self, mode: Mode) -> Live:
        """Bring what the state's prompt reads from the store."""
        lookups, state = self.machine.lookups, self.state.id
        if lookups is None:
            return NOTHING
        targets = self.machine.prompts[state].tells_of(mode)
        return await lookups.bring(state, targets, self.known, path=self.path)

"""A state that plays its part in a turn: what all of the steps of the turn have in common.

The steps are generators that yield what they want from the outside, in modules of their own: `play.py` has the main
line, `deciding.py` what a reply comes to, `speaking.py` the message, `leaving.py` the way out, `inside.py` what runs a
sub-machine.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from langchain_core.messages import AnyMessage, HumanMessage

from fsm_langgraph.definition import State
from fsm_langgraph.errors import TurnError, TurnLimit
from fsm_langgraph.handlers import Event, Moment
from fsm_langgraph.machine import Machine
from fsm_langgraph.prompts.lookups import NOTHING, Live
from fsm_langgraph.prompts.prompt import Mode
from fsm_langgraph.turn.asking import Effect, Result
from fsm_langgraph.turn.frames import path_of
from fsm_langgraph.turn.moments import Handling, run_moment
from fsm_langgraph.turn.turn import Next, Turn

Steps = Generator[Effect, Result, Next | None]
"""Some steps of a turn: they return where it goes on, or `None` where it comes to rest."""


@dataclass(frozen=True, slots=True)
class Part:
    """A state that plays its part in a turn."""

    machine: Machine
    state: State
    turn: Turn
    history: list[AnyMessage]

    @property
    def path(self) -> str:
        """The state's path from the outermost machine."""
        return self.machine.path(self.state.id)

    @property
    def has_ended(self) -> bool:
        """Whether the conversation of this machine ends here; a digression that ends returns."""
        return self.state.is_final and not self.turn.left

    def named(self, target: str) -> str:
        """Name the state that a reply proposes by its path."""
        is_exit = target in self.machine.exits and all(
            way.target_state != target for way in self.machine.definition.transitions_from(self.state)
        )
        return self.machine.path_out(target) if is_exit and target != self.state.id else self.machine.path(target)

    def step_in(self) -> None:
        """Note that the turn has come to this state."""
        turn = self.turn
        turn.path.append(self.machine.path(path_of(self.state.id, turn.frame)))
        if len(turn.path) > self.machine.max_steps:
            raise TurnLimit(self.path, turn.path)

    def handle(
        self,
        moment: Moment,
        *,
        target: str | None = None,
        source: str | None = None,
        error: TurnError | None = None,
    ) -> Handling:
        """Run the handlers of a moment."""
        handlers = self.machine.handlers.in_state(moment, self.path)
        if not handlers:
            return ""
        last = self.history[-1] if self.history else None
        event = Event(
            moment=moment,
            state=self.path,
            context=self.turn.context,
            target=target,
            source=source,
            message=last.text if isinstance(last, HumanMessage) else "",
            error=error,
        )
        return (yield from run_moment(self.machine.definition, handlers, self.turn, event))

    def look_up(self, mode: Mode) -> Generator[Effect, Result, Live]:
        """Bring what the state's prompt reads from the store."""
        lookups, state = self.machine.lookups, self.state.id
        if lookups is None:
            return NOTHING
        targets = self.machine.prompts[state].tells_of(mode)
        return (yield from lookups.bring(state, targets, self.turn.context, path=self.path))

"""A state that runs a sub-machine: the turn goes on inside, and comes out when that has ended or is left.

    go inside ── a transition of this machine fires first? ── yes: take it
    no: Descend ──┬─ it waits: the turn lands
                  ├─ it has ended: its outputs come back, and this state's own transitions are tried
                  └─ it is left by a global transition: this machine's, or of one around it

`sub_machines.py` says which keys go in and which come out.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from langchain_core.messages import AnyMessage

from fsm_langgraph.context.growth import within
from fsm_langgraph.context.writes import changed_keys
from fsm_langgraph.effects import Effect, Outside, SubMachine
from fsm_langgraph.machine import Machine
from fsm_langgraph.prompts.lookups import NOTHING
from fsm_langgraph.routing import Whence
from fsm_langgraph.turn.frames import Frame
from fsm_langgraph.turn.leaving import digress, follow, leave, may_pass
from fsm_langgraph.turn.message import fits, speak
from fsm_langgraph.turn.part import Part
from fsm_langgraph.turn.record import rejected_write
from fsm_langgraph.turn.scope import Scope
from fsm_langgraph.turn.stored_turn import pack, unpack
from fsm_langgraph.turn.sub_machines import descend, frame_of, inputs_around, open_frame, outputs
from fsm_langgraph.turn.turn import Next, Turn

Read = Callable[[Part], Coroutine[Effect[Any], Any, Next | None]]
"""Reads the user's message in a state."""


@dataclass(frozen=True, slots=True)
class Descend(Effect[dict[str, Any]]):
    """A sub-machine in which the turn goes on; the answer is the turn as it comes back, written down."""

    machine: Machine
    """The machine inside."""
    turn: Turn
    scope: Scope
    onward: Next
    """Where the turn goes on inside."""
    history: list[AnyMessage]

    def run(self, outside: Outside) -> dict[str, Any]:
        """Run the sub-machine's graph."""
        return self._come_back(outside, _inside(outside).run(self._go_in(outside), self.history))

    async def arun(self, outside: Outside) -> dict[str, Any]:
        """Run the sub-machine's graph; the twin of `run`."""
        return self._come_back(outside, await _inside(outside).arun(self._go_in(outside), self.history))

    def _go_in(self, outside: Outside) -> dict[str, Any]:
        turn = {**pack(self.turn, self.scope, self.onward), "replies": outside.journal.noted}
        turn.pop("stored", None)  # edits of the stored context are taken in around
        return turn

    def _come_back(self, outside: Outside, landed: dict[str, Any]) -> dict[str, Any]:
        # The replies that were noted inside, or stored there, are this journal's to carry on.
        outside.journal.noted = dict(landed.get("replies") or {})
        return landed


async def go_inside(part: Part, understand: Read) -> Next | None:
    """Have the sub-machine of this state go on; when it has ended, follow this state's own transitions.

    Args:
        part: The state.
        understand: Reads a message that nobody inside has heard.
    """
    state, scope, machine = part.state, part.scope, part.machine
    inner = machine.inner[state.id]
    is_new = scope.frame is None
    if scope.frame is None:
        scope.frame = open_frame(machine, state)
        _hand_in_draft(part, inner.path(scope.frame["current_state"]))
    frame = scope.frame
    # While there is a frame, only a global transition of this machine can fire. A message is read first: inside, the
    # same transitions are watched as exits.
    if not part.turn.unread and part.turn.handoff is None:
        route = await leave(part, None)
        if route.transition is not None:
            return follow(part, route)
    given = inputs_around(state, scope)
    turn, inner_scope = descend(machine, state, part.turn, scope, frame, given, is_new=is_new)
    onward = Next(frame["current_state"], "enter" if is_new else "begin", _may_pass(inner, frame))
    landed = await Descend(inner, turn, inner_scope, onward, part.history)
    part.turn, inner_scope = unpack(landed)
    part.turn.stored = turn.stored
    _tell_inside(part, inner_scope)
    _take_told(part)
    is_left = landed["how"] == "exit"
    scope.frame = frame_of(inner.definition, state, inner_scope, landed["at"], given, is_left=is_left)
    match landed["how"]:
        case "exit":
            return go_out(part, landed["next"])
        case "ended":
            return await come_out(part, inner_scope, understand)
        case _:
            return None


def go_out(part: Part, name: str) -> Next:
    """Leave the sub-machine of this state by an exit: a global transition of this machine, or of one around it."""
    leading = part.machine.inner[part.state.id].exit_named(name)
    if leading.machine != part.machine.runs_in:
        return Next(name, "exit")
    digress(part, leading.transition)
    return Next(leading.transition.target_state, may_pass=may_pass(part, leading.transition))


async def come_out(part: Part, inside: Scope, understand: Read) -> Next | None:
    """Leave the sub-machine of this state, which has ended: what it has found comes back."""
    turn, scope, before = part.turn, part.scope, part.scope.context
    scope.frame = None
    definition, limits = part.machine.definition, part.machine.limits
    inner = scope.secrets_of(part.machine.inner[part.state.id].definition)
    found = inside.context if inner is None else inner.reveal(inside.context)
    writes = outputs(definition, part.state, found, scope.secrets)
    kept, refused = within(limits, definition, before, writes.accepted, "handler", none=writes.none)
    scope.write(kept, "sub-machine", writes.none)
    turn.rejected = [*turn.rejected, *map(rejected_write, (*writes.rejected, *refused))]
    if changed_keys(before, scope.context):
        await part.handle("CONTEXT_UPDATE")
    onward = follow(part, await leave(part, None))
    if onward is None:  # it lands in this state itself, no longer inside it
        turn.path = [*turn.path, part.path]
        return await (understand(part) if turn.unread and part.state.hears else speak(part))
    return onward


def _tell_inside(part: Part, inside: Scope) -> None:
    """Tell in the turn, by their paths, which keys changed in the sub-machine, were told there, or were news."""
    turn, path = part.turn, part.path
    turn.changed_inside = [*turn.changed_inside, *(f"{path}/{key}" for key in sorted(inside.altered))]
    turn.told_inside = [*turn.told_inside, *(f"{path}/{key}" for key in inside.learned)]
    news: dict[str, Whence] = {f"{path}/{key}": whence for key, whence in inside.news.items()}
    turn.news_told = {**turn.news_told, **news}


def _take_told(part: Part) -> None:
    """Take what was told inside for this machine; what is for one around it goes on."""
    turn, scope, beyond = part.turn, part.scope, part.machine.outside_keys
    told = {key: value for key, value in turn.told_around.items() if key not in beyond}
    if told:
        turn.told_around = {key: value for key, value in turn.told_around.items() if key in beyond}
        scope.write(told, "message")
        scope.ahead = [*scope.ahead, *told]
        part.settle()
        scope.learned = [*scope.learned, *(key for key in told if key not in scope.learned)]


def _hand_in_draft(part: Part, first: str) -> None:
    """Hand a message that was written for this state to the first state inside: its writer was told of that."""
    draft = part.turn.draft
    if draft is not None and draft.written_for == part.path:
        live = NOTHING if draft.live is not None else None  # the texts inside read no lookup of this machine
        part.turn.draft = replace(draft, written_for=first, live=live) if fits(part, draft) else None


def _may_pass(inner: Machine, frame: Frame) -> bool:
    return inner.definition.states[frame["current_state"]].ask == "missing"


def _inside(outside: Outside) -> SubMachine:
    if outside.sub_machine is None:
        raise TypeError("the node of a state that runs a sub-machine was built without the sub-machine's graph")
    return outside.sub_machine

"""One state's part in a turn: a generator that yields what it needs from the outside and returns what to store.

    begin ──┬─ only speaks: pass the message on ──────────────┐
            ├─ a message to read: understand ── route ──┬─────┤
            └─ otherwise: arrive                        │     ├──> the next state enters
    enter ── forget ── arrive ──┬─ moves on by itself ──│─────┘
                                ├─ message unread: understand
                                └─ message written? ── no: speak ──> land

Logic only: no I/O, no LangGraph. What it wants is a model call (`Ask`) or a handler (`Handle`); in the middle of a
model call, when all but the message is there, the model's gate runs `_Part.decide` in the same way.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from fsm_langgraph.asking import Ask, Effect, Result, ask
from fsm_langgraph.context import apply, changed_keys, check_writes
from fsm_langgraph.definition import State, Transition
from fsm_langgraph.errors import TurnError, TurnLimit
from fsm_langgraph.handlers import Event, Handle, Moment
from fsm_langgraph.machine import Machine
from fsm_langgraph.models.call import Call, Decision, Outcome
from fsm_langgraph.moments import Handling, run_moment
from fsm_langgraph.prompt import Mode, visible_context
from fsm_langgraph.record import RejectedWrite, passing, rejected_write, step
from fsm_langgraph.reply import read_reply
from fsm_langgraph.routing import Route
from fsm_langgraph.turn import Turn, land, new_turn

Steps = Generator[Effect, Result, str | None]
"""Some steps of a turn: they return the state to go on to, or `None` to land."""


def play(machine: Machine, state: State, values: Mapping[str, Any]) -> Generator[Effect, Result, dict[str, Any]]:
    """Play one state's part in a turn; return the update of the graph's state.

    Args:
        machine: The machine that the state belongs to.
        state: The state whose part it is.
        values: The graph's state: `messages`, `context` and `turn`.
    """
    flight = values.get("turn") or {}
    goes_on = flight.get("next") == state.id
    turn = Turn.unpack(flight) if goes_on else new_turn(machine.definition, state, values, flight)
    history = [message for message in values["messages"] if message.id not in turn.repeated]
    part = _Part(machine, state, turn, history)
    target = yield from (part.enter() if goes_on else part.begin())
    if target is not None:
        return {"turn": turn.pack(target)}
    return land(state, turn, values["context"])


def recover(
    machine: Machine, state: State, values: Mapping[str, Any], error: TurnError
) -> Generator[Effect, Result, dict[str, Any] | None]:
    """Ask the `ERROR` handlers about a turn that has failed in this state.

    Returns:
        The update of a turn that ends where it began, with the message that a handler gave; `None` where none did.
    """
    flight = values.get("turn") or {}
    goes_on = flight.get("next") == state.id
    began = machine.definition.states[flight["path"][0]] if goes_on else state
    turn = new_turn(machine.definition, began, values, flight)
    turn.why, known = "failed", turn.context
    part = _Part(machine, state, turn, values["messages"])
    message = yield from part.handle("ERROR", error=error)
    if not message:
        return None
    turn.message = AIMessage(message, id=turn.message_id)
    yield Ask(Call(state.id, turn.message_id, ready=message), [])
    # What was news to this turn is news to the next one; a conversation that was to begin has still to begin.
    return {**land(began, turn, known), "turn": {"base": flight.get("base")}}


@dataclass(frozen=True, slots=True)
class _Part:
    """A state that plays its part in a turn."""

    machine: Machine
    state: State
    turn: Turn
    history: list[AnyMessage]

    def begin(self) -> Steps:
        """Start a turn in the state that the conversation is in."""
        state, turn = self.state, self.turn
        if turn.is_first:
            yield from self.handle("START_CONVERSATION")
        if turn.is_first or state.is_final:
            turn.why = "began" if turn.is_first else "ended"
        elif turn.unread and state.only_speaks:
            transition = state.transitions[0]
            turn.steps.append(passing(state.id, transition.target_state))
            yield from self.handle("PRE_TRANSITION", target=transition.target_state)
            return transition.target_state
        elif turn.unread and state.listens and not state.silent:
            return (yield from self.understand())
        return (yield from self.arrive())

    def enter(self) -> Steps:
        """Come into the state along an edge."""
        state, turn = self.state, self.turn
        turn.path.append(state.id)
        if len(turn.path) > self.machine.max_steps:
            raise TurnLimit(state.id, turn.path)
        if state.listens and not state.silent:
            turn.entered.append(state.id)
        turn.forget(state.forget)
        yield from self.handle("POST_TRANSITION", source=turn.path[-2])
        return (yield from self.arrive())

    def arrive(self) -> Steps:
        """Stand in the state: go on from it, read the message that waits, or speak."""
        state, turn = self.state, self.turn
        if state.is_final and turn.why != "ended":
            yield from self.handle("END_CONVERSATION")
        if not state.listens and not state.silent:
            target = yield from self.ask_to_decide("think")
        else:
            target = self.follow((yield from self.leave(None)))
        if target is not None:
            return target
        if turn.message is not None:
            yield from self.release()
        elif turn.unread and state.listens and not state.only_speaks and not state.is_final:
            turn.steps.pop()  # that it waits on arrival says nothing: the message is still to be read
            return (yield from self.understand())
        if turn.message is None:
            yield from self.speak()
        return None

    def understand(self) -> Steps:
        """Read the user's message, and answer it if the answer fits where that leads."""
        target = yield from self.ask_to_decide("understand" if self.state.calls == "one" else "think")
        self.turn.unread = False
        if target is None and self.turn.message is None:
            yield from self.speak()
        return target

    def ask_to_decide(self, mode: Mode) -> Steps:
        """Ask the model for a decision; what of it holds is applied while the reply comes in."""
        state, turn = self.state, self.turn
        yield from self.handle("PRE_PROCESSING")
        routes: list[Route] = []
        decide = partial(self.decide, before=replace(turn), mode=mode, routes=routes)
        call = Call(state.id, turn.message_id, self.machine.schemas[state.id, mode], decide)
        prompt = self.machine.prompts[state.id].build(mode, turn.context, self.history)
        call, message = yield from ask(turn, call, prompt, mode, retries=self.machine.reply_retries)
        turn.reasoning = call.reasoning or turn.reasoning
        turn.rejected += (RejectedWrite(key=key, reason="came after the message", kind="key") for key in call.late)
        if message.text:
            turn.message = message
        elif call.held.strip():
            turn.message, turn.held_for = AIMessage(call.held.strip(), id=turn.message_id), turn.proposed
        return self.follow(routes[-1])

    def decide(
        self, members: dict[str, Any], *, before: Turn, mode: Mode, routes: list[Route]
    ) -> Generator[Handle, Outcome, Decision]:
        """Judge a reply the moment it is complete but for its message; say what becomes of the message."""
        turn = self.turn
        reply = read_reply(members)
        writes = check_writes(self.machine.definition, reply.updates, "model")
        turn.context = apply(before.context, writes.accepted)
        turn.why = None  # where the conversation began has decided something after all
        turn.proposed, turn.reasoning = reply.target_state, reply.reasoning or turn.reasoning
        turn.learned = [*before.learned, *writes.accepted]
        turn.rejected = [*before.rejected, *map(rejected_write, writes.rejected)]

        if changed_keys(before.context, turn.context):
            yield from self.handle("CONTEXT_UPDATE")
        yield from self.handle("POST_PROCESSING")
        route = yield from self.leave(reply.target_state)
        routes.append(route)
        if mode == "think" or self.turn.refused_values:
            return "refuse"
        return self.fate(route.transition, reply.target_state)

    def fate(self, transition: Transition | None, proposed: str) -> Decision:
        """Say what becomes of a message that was written for the proposed state."""
        landing = transition.target_state if transition is not None else self.state.id
        if landing != proposed:
            return "refuse"
        if transition is None:
            return "show"
        if len(self.turn.path) >= self.machine.max_steps:
            return "refuse"  # the turn is going to fail there
        target = self.machine.definition.states[landing]
        if not target.listens and not target.silent:
            return "refuse"
        ahead = replace(self.turn)
        if not target.silent:
            ahead.entered = [*ahead.entered, target.id]
        ahead.forget(target.forget)
        onward = _Part(self.machine, target, ahead, self.history)
        if onward.has_entry_handlers():
            return "hold"
        return "show" if onward.route(None).transition is None else "refuse"

    def has_entry_handlers(self) -> bool:
        """Say whether handlers are going to run as the state is entered, which may yet lead the turn elsewhere."""
        moments: list[Moment] = ["POST_TRANSITION"]
        if self.state.is_final:
            moments.append("END_CONVERSATION")
        seen = Event("POST_TRANSITION", self.state.id, self.turn.context, updated=self.turn.changed)
        handlers = (handler for moment in moments for handler in self.machine.handlers.in_state(moment, seen.state))
        return any(handler.applies(seen) for handler in handlers)

    def release(self) -> Generator[Effect, Result, None]:
        """Show the message that was kept back, if it was written for the state where the turn has landed."""
        turn = self.turn
        if turn.held_for is None or turn.message is None:
            return
        held, held_for, turn.message, turn.held_for = turn.message, turn.held_for, None, None
        if held_for == self.state.id and not self.turn.refused_values:
            yield Ask(Call(self.state.id, turn.message_id, ready=held.text), [])
            turn.message = held

    def speak(self) -> Generator[Effect, Result, None]:
        """Write the message of the state where the turn ends, with what the turn has brought."""
        state, turn = self.state, self.turn
        visible = visible_context(self.machine.definition, state, turn.context)
        facts = {
            "came_from": turn.path[-2] if len(turn.path) > 1 else None,
            "learned": {key: visible[key] for key in turn.learned if key in visible and key in turn.changed},
            "rejected": [{"key": value["key"], "reason": value["reason"]} for value in turn.refused_values],
            "refused": turn.refused if turn.refused != state.id else None,
        }
        this_turn = {name: fact for name, fact in facts.items() if fact}
        prompt = self.machine.prompts[state.id].build("speak", turn.context, self.history, this_turn=this_turn)
        call, retries = Call(state.id, turn.message_id), self.machine.reply_retries
        _, turn.message = yield from ask(turn, call, prompt, "speak", retries=retries)

    def route(self, proposed: str | None) -> Route:
        """Say where the state leads now."""
        router = self.machine.routers[self.state.id]
        return router.route(self.turn.context, self.turn.changed, proposed, visited=self.turn.entered)

    def follow(self, route: Route) -> str | None:
        """Note a route and what became of the proposal; return the state to go on to."""
        turn, state = self.turn, self.state
        if state.transitions:
            turn.steps.append(step(state.id, route))
        target = route.transition.target_state if route.transition is not None else None
        is_overruled = route.why in ("fired", "first") and turn.proposed not in (None, target, state.id)
        if route.why == "vetoed" or is_overruled:
            turn.refused = turn.proposed
        return target

    def leave(self, proposed: str | None) -> Generator[Handle, Outcome, Route]:
        """Choose a route and run the handlers that come before its edge is taken; what they write may change it."""
        announced: list[str] = []
        while True:
            context = self.turn.context
            route = self.route(proposed)
            target = route.transition.target_state if route.transition is not None else None
            if target is None or target in announced:
                return route
            announced.append(target)
            yield from self.handle("PRE_TRANSITION", target=target)
            if self.turn.context is context:  # nothing was written
                return route

    def handle(
        self,
        moment: Moment,
        *,
        target: str | None = None,
        source: str | None = None,
        error: TurnError | None = None,
    ) -> Handling:
        """Run the handlers of a moment."""
        handlers = self.machine.handlers.in_state(moment, self.state.id)
        if not handlers:
            return ""
        last = self.history[-1] if self.history else None
        event = Event(
            moment=moment,
            state=self.state.id,
            context=self.turn.context,
            target=target,
            source=source,
            message=last.text if isinstance(last, HumanMessage) else "",
            error=error,
        )
        return (yield from run_moment(self.machine.definition, handlers, self.turn, event))

"""One state's part in a turn: a generator that yields what it needs from the outside and returns what to store.

    begin ──┬─ only speaks: pass the message on ──────────────┐
            ├─ a message to read: understand ── route ──┬─────┤
            └─ otherwise: arrive                        │     ├──> the next state enters
    enter ── forget ── arrive ──┬─ moves on by itself ──│─────┘
                                ├─ message unread: understand
                                └─ message written? ── no: speak ──> land
    in all of them ── a sub-machine runs here: go inside ──┬─ it waits: land
                                                           └─ it has ended, or is left: route

Logic only: no I/O, no LangGraph. What it wants is a model call (`Ask`), a handler (`Handle`), a tool (`UseTool`), items
of the store (`Fetch`) or a sub-machine to go on (`Descend`); in the middle of a model call, when all but the message is
there, the model's gate runs `_Part.decide` in the same way.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from fsm_langgraph.asking import Ask, Descend, Effect, Inquiry, Result
from fsm_langgraph.context import Context, apply, changed_keys, check_writes
from fsm_langgraph.definition import GlobalTransition, State, Transition
from fsm_langgraph.errors import StateError, TurnError, TurnLimit
from fsm_langgraph.handlers import Event, Handle, Moment, Outcome
from fsm_langgraph.lookups import NOTHING, Live
from fsm_langgraph.machine import Machine
from fsm_langgraph.models.call import Call, Decision
from fsm_langgraph.moments import Handling, run_moment
from fsm_langgraph.nesting import ascend, descend, exit_verdicts, frame_of, open_frame, outputs
from fsm_langgraph.prompt import Mode, visible_context
from fsm_langgraph.record import RejectedWrite, passing, rejected_write, step
from fsm_langgraph.reply import read_reply
from fsm_langgraph.routing import Route
from fsm_langgraph.template import Template
from fsm_langgraph.turn import How, Left, Next, Turn, land, new_turn, place_of

Steps = Generator[Effect, Result, Next | None]
"""Some steps of a turn: they return where it goes on, or `None` where it comes to rest."""


def play(machine: Machine, state: State, values: Mapping[str, Any]) -> Generator[Effect, Result, dict[str, Any]]:
    """Play one state's part in a turn; return the update of the graph's state.

    Args:
        machine: The machine that the state belongs to.
        state: The state whose part it is.
        values: The graph's state: `messages`, `context`, `turn`, and `sub_machine` where there are any.
    """
    flight = values.get("turn") or {}
    goes_on = flight.get("next") == state.id
    turn = Turn.unpack(flight) if goes_on else new_turn(machine.definition, state, values, flight)
    history = [message for message in values["messages"] if message.id not in turn.repeated]
    part = _Part(machine, state, turn, history)
    onward = yield from part.go(flight["how"] if goes_on else "begin")
    if onward is None and machine.place:
        onward = Next(state.id, "ended" if part.has_ended else "waits")
    if onward is not None:
        return {"turn": turn.pack(onward, at=state.id)}
    return land(state, turn, values["context"], nests=bool(machine.inner))


def recover(
    machine: Machine, state: State, values: Mapping[str, Any], error: TurnError
) -> Generator[Effect, Result, dict[str, Any] | None]:
    """Ask the `ERROR` handlers about a turn that has failed in this state.

    Returns:
        The update of a turn that ends where it began, with the message that a handler gave; `None` where none did.
    """
    flight = values.get("turn") or {}
    goes_on = flight.get("next") == state.id
    began = machine.definition.states[flight["began"]] if goes_on else state
    turn = new_turn(machine.definition, began, values, flight)
    turn.why, known = "failed", turn.context
    part = _Part(machine, state, turn, values["messages"])
    message = yield from part.handle("ERROR", error=error)
    if not message:
        return None
    turn.message = AIMessage(message, id=turn.message_id)
    yield Ask(Call(state.id, turn.message_id, ready=message), [])
    # What was news to this turn is news to the next one; a conversation that was to begin has still to begin.
    update = land(began, turn, known, nests=bool(machine.inner))
    return {**update, "turn": {**update["turn"], "base": flight.get("base")}}


@dataclass(frozen=True, slots=True)
class _Part:
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

    def go(self, how: How) -> Steps:
        """Go on in the state, in the way in which the turn has come to it."""
        match how:
            case "enter":
                return self.enter()
            case "return":
                return self.come_back()
        return self.begin()

    def begin(self) -> Steps:
        """Start a turn in the state that the conversation is in."""
        state, turn = self.state, self.turn
        if turn.is_first:
            yield from self.handle("START_CONVERSATION")
        if state.subflow is not None and (turn.is_first or turn.frame is not None):
            turn.why = "began" if turn.is_first else None
            return (yield from self.go_inside())
        if turn.unread and state.is_final and turn.left:
            return self.back()
        if turn.is_first or state.is_final:
            turn.why = "began" if turn.is_first else "ended"
        elif turn.unread and state.only_speaks:
            target = state.transitions[0].target_state
            turn.steps.append(passing(self.path, self.machine.path(target)))
            yield from self.handle("PRE_TRANSITION", target=self.machine.path(target))
            return Next(target)
        elif turn.unread and state.hears:
            return (yield from self.understand())
        return (yield from self.arrive())

    def enter(self) -> Steps:
        """Come into the state along an edge."""
        state, turn = self.state, self.turn
        turn.frame = None
        self.step_in()
        turn.forget(state.forget)
        yield from self.handle("POST_TRANSITION", source=turn.path[-2])
        return (yield from (self.arrive() if state.subflow is None else self.go_inside()))

    def come_back(self) -> Steps:
        """Go on where a digression had left."""
        self.step_in()
        if self.turn.frame is not None:
            return (yield from self.go_inside())
        if self.turn.unread and self.state.hears:
            return (yield from self.understand())
        return (yield from self.speak())

    def step_in(self) -> None:
        """Note that the turn has come to this state."""
        turn = self.turn
        turn.path.append(self.machine.path(place_of(self.state.id, turn.frame)))
        if len(turn.path) > self.machine.max_steps:
            raise TurnLimit(self.path, turn.path)
        if self.state.is_entered_once:
            turn.entered.append(self.state.id)

    def back(self) -> Next:
        """Return from a digression that is over."""
        turn = self.turn
        *turn.left, place = turn.left
        if place["state"] not in self.machine.definition.states:
            known = map(self.machine.path, self.machine.definition.states)
            raise StateError(self.machine.path(place["state"]), known)
        turn.frame = place["sub_machine"]
        turn.steps.append(passing(self.path, self.machine.path(place["state"]), "returned"))
        return Next(place["state"], "return")

    def go_inside(self) -> Steps:
        """Have the sub-machine of this state go on; when it has ended, follow this state's own transitions."""
        state, turn, machine = self.state, self.turn, self.machine
        is_new = turn.frame is None
        if turn.frame is None:
            turn.frame = open_frame(machine, state)
            if turn.held_for == self.path:
                turn.held_for = machine.inner[state.id].path(turn.frame["current_state"])
        route = yield from self.leave(None)
        if route.transition is not None:
            return self.follow(route)
        inside, how = descend(machine, state, turn, turn.frame, is_new=is_new)
        landed = yield Descend(inside.pack(Next(turn.frame["current_state"], how)), self.history)
        assert isinstance(landed, dict)  # noqa: S101 - what answers a Descend; generators cannot say so
        inside = Turn.unpack(landed)
        ascend(turn, inside, self.path)
        turn.frame = frame_of(state, inside, landed["at"])
        match landed["how"]:
            case "exit":
                return self.go_out(landed["next"])
            case "ended":
                return (yield from self.come_out(inside))
        return None

    def go_out(self, target: str) -> Next:
        """Leave the sub-machine of this state by a global transition of this machine, or of one around it."""
        for way in self.machine.definition.ways_out(self.state):
            if isinstance(way, GlobalTransition) and way.target_state == target:
                self.digress(way, self.turn)
                return Next(target)
        return Next(target, "exit")

    def come_out(self, inside: Turn) -> Steps:
        """Leave the sub-machine of this state, which has ended: what it has found comes back."""
        turn, before = self.turn, self.turn.context
        turn.frame = None
        writes = outputs(self.machine.definition, self.state, inside.context)
        turn.context = apply(turn.context, writes.accepted)
        turn.rejected = [*turn.rejected, *map(rejected_write, writes.rejected)]
        if changed_keys(before, turn.context):
            yield from self.handle("CONTEXT_UPDATE")
        onward = self.follow((yield from self.leave(None)))
        if onward is None:
            turn.path.append(self.path)
            return (yield from self.speak())
        return onward

    def arrive(self) -> Steps:
        """Stand in the state: go on from it, read the message that waits, or speak."""
        state, turn = self.state, self.turn
        if state.is_final and turn.left and state.silent:
            return self.back()
        if self.has_ended and self.machine.place:
            turn.message = turn.held_for = None  # the machine around this one goes on, and has its own words
            return None
        if self.has_ended and turn.why != "ended":
            yield from self.handle("END_CONVERSATION")
        if not state.listens and not state.silent:
            onward = yield from self.ask_to_decide("think")
        else:
            onward = self.follow((yield from self.leave(None)))
        if onward is not None:
            return onward
        if turn.message is not None:
            yield from self.release()
        elif turn.unread and state.listens and not state.only_speaks and not state.is_final:
            turn.steps.pop()  # that it waits on arrival says nothing: the message is still to be read
            return (yield from self.understand())
        if turn.message is None:
            return (yield from self.speak())
        return None

    def understand(self) -> Steps:
        """Read the user's message, and answer it if the answer fits where that leads."""
        onward = yield from self.ask_to_decide("understand" if self.state.calls == "one" else "think")
        self.turn.unread = False
        if onward is None and self.turn.message is None:
            return (yield from self.speak())
        return onward

    def ask_to_decide(self, mode: Mode) -> Steps:
        """Ask the model for a decision; what of it holds is applied while the reply comes in."""
        turn = self.turn
        yield from self.handle("PRE_PROCESSING")
        routes: list[Route] = []
        known, inquiry = turn.context, Inquiry(self.machine, self.state, turn, self.history, mode)
        while True:
            live = yield from self.look_up(mode)
            decide = partial(self.decide, known=known, mode=mode, live=live, routes=routes)
            call, message = yield from inquiry.ask(live, decide=decide)
            if call.tool_calls is None:
                break
            yield from inquiry.use_tools(call)
        turn.reasoning = call.reasoning or turn.reasoning
        turn.rejected += (RejectedWrite(key=key, reason="came after the message", kind="key") for key in call.late)
        if message.text:
            turn.message = message
        elif call.held.strip():
            turn.message, turn.held_for = AIMessage(call.held.strip(), id=turn.message_id), turn.proposed
        return self.follow(routes[-1])

    def decide(
        self, members: dict[str, Any], *, known: Context, mode: Mode, live: Live, routes: list[Route]
    ) -> Generator[Handle, Outcome, Decision]:
        """Judge a reply the moment it is complete but for its message; say what becomes of the message."""
        turn = self.turn
        reply = read_reply(members)
        writes = check_writes(self.machine.definition, reply.updates, "model")
        turn.context = turn.foreseen = apply(turn.context, writes.accepted)
        turn.why = None  # where the conversation began has decided something after all
        turn.proposed, turn.reasoning = self.named(reply.target_state), reply.reasoning or turn.reasoning
        turn.learned = [*turn.learned, *writes.accepted]
        turn.rejected = [*turn.rejected, *map(rejected_write, writes.rejected)]

        if changed_keys(known, turn.context):
            yield from self.handle("CONTEXT_UPDATE")
        yield from self.handle("POST_PROCESSING")
        route = yield from self.leave(reply.target_state)
        routes.append(route)
        if mode == "think" or self.turn.refused_values:
            return "refuse"
        return self.fate(route, reply.target_state, live)

    def fate(self, route: Route, proposed: str, live: Live) -> Decision:
        """Say what becomes of a message that was written for the proposed state, with what the store had for it."""
        transition = route.transition
        landing = transition.target_state if transition is not None else self.state.id
        if landing != proposed or route.is_exit:
            return "refuse"
        if transition is None:
            return "refuse" if self.is_outdated or not live.still_holds(landing, self.turn.context) else "show"
        ahead = _Part(self.machine, self.machine.definition.states[landing], replace(self.turn), self.history)
        self.digress(transition, ahead.turn)
        return ahead.welcome(live)

    def welcome(self, live: Live) -> Decision:
        """Say what would become of a message that was written for this state, if the turn entered it now."""
        state, turn = self.state, self.turn
        if len(turn.path) >= self.machine.max_steps:
            return "refuse"  # the turn is going to fail there
        if (not state.listens and not state.silent) or (state.is_final and state.silent and turn.left):
            return "refuse"
        if self.has_ended and self.machine.place:
            return "refuse"
        if state.tools and self.path != turn.path[-1]:
            return "refuse"  # another state has written it, and only this one's calls may use the tools
        turn.path = [*turn.path, self.path]
        if state.is_entered_once:
            turn.entered = [*turn.entered, state.id]
        turn.forget(state.forget)
        if self.has_entry_handlers:
            # What they write, in the context or the store, may be what the state's texts read there.
            return "refuse" if live.is_read_by(state.id) else "hold"
        if self.is_outdated or not live.still_holds(state.id, turn.context):
            return "refuse"
        if state.subflow is None:
            return "show" if self.route(None).transition is None else "refuse"
        frame = open_frame(self.machine, state)
        inside, _ = descend(self.machine, state, turn, frame, is_new=True)
        inside.learned = [key for key, outer in state.inputs.items() if outer in turn.learned]
        inner = self.machine.inner[state.id]
        return _Part(inner, inner.definition.states[frame["current_state"]], inside, self.history).welcome(NOTHING)

    @property
    def is_outdated(self) -> bool:
        """Whether the state's texts read keys that handlers have written since a message was written for it.

        Or have parts that depend on what the reply itself has brought, which nobody knew when its prompt was filled.
        """
        turn, prompts = self.turn, self.machine.prompts[self.state.id]
        if not (prompts.reads or prompts.branches):
            return False
        changed = changed_keys(turn.foreseen, turn.context) - {*turn.forgotten}
        return not prompts.reads.isdisjoint(changed) or not prompts.branches.isdisjoint({*changed, *turn.learned})

    @property
    def has_entry_handlers(self) -> bool:
        """Whether handlers are going to run as the state is entered, which may yet lead the turn elsewhere."""
        moments: list[Moment] = ["POST_TRANSITION"]
        if self.has_ended:
            moments.append("END_CONVERSATION")
        seen = Event("POST_TRANSITION", self.path, self.turn.context, updated=self.turn.changed)
        handlers = (handler for moment in moments for handler in self.machine.handlers.in_state(moment, seen.state))
        return any(handler.applies(seen) for handler in handlers)

    def release(self) -> Generator[Effect, Result, None]:
        """Show the message that was kept back, if it was written for the state where the turn has landed."""
        turn = self.turn
        if turn.held_for is None or turn.message is None:
            return
        held, held_for, turn.message, turn.held_for = turn.message, turn.held_for, None, None
        if held_for == self.path and not (turn.refused_values or self.is_outdated):
            yield Ask(Call(self.path, turn.message_id, ready=held.text), [])
            turn.message = held

    def speak(self) -> Steps:
        """Write the message of the state where the turn ends; what a tool finds for it may yet lead elsewhere."""
        turn, inquiry = self.turn, Inquiry(self.machine, self.state, self.turn, self.history, "speak")
        while True:
            live = yield from self.look_up("speak")
            call, message = yield from inquiry.ask(live, this_turn=self.news())
            if call.tool_calls is None:
                turn.message = message
                return None
            known = turn.context
            yield from inquiry.use_tools(call)
            if changed_keys(known, turn.context):
                yield from self.handle("CONTEXT_UPDATE")
                route = yield from self.leave(None)
                if route.transition is not None:
                    return self.follow(route)

    def news(self) -> dict[str, Any]:
        """Tell what the turn has brought, for the message to take up."""
        state, turn = self.state, self.turn
        visible = visible_context(self.machine.definition, state, turn.context)
        facts = {
            "came_from": turn.path[-2] if len(turn.path) > 1 else None,
            "learned": {key: visible[key] for key in turn.learned if key in visible and key in turn.changed},
            "rejected": [{"key": value["key"], "reason": value["reason"]} for value in turn.refused_values],
            "refused": turn.refused if turn.refused != self.path else None,
            "then_lead_back_to": self.purpose_to_return_to() if state.is_final else None,
        }
        return {name: fact for name, fact in facts.items() if fact}

    def purpose_to_return_to(self) -> str | None:
        """Tell what the state that a digression returns to is for."""
        if not self.turn.left:
            return None
        definition = self.machine.definition
        place = definition.states[self.turn.left[-1]["state"]]
        return Template(place.purpose).fill(visible_context(definition, place, self.turn.context))

    def look_up(self, mode: Mode) -> Generator[Effect, Result, Live]:
        """Bring what the state's prompt reads from the store."""
        lookups, state = self.machine.lookups, self.state.id
        if lookups is None:
            return NOTHING
        targets = self.machine.prompts[state].tells_of(mode)
        return (yield from lookups.bring(state, targets, self.turn.context, path=self.path))

    def route(self, proposed: str | None) -> Route:
        """Say where the state leads now."""
        turn, router = self.turn, self.machine.routers[self.state.id]
        if turn.frame is not None:
            return router.interrupt(turn.context, turn.changed)
        exits = exit_verdicts(self.machine, turn, self.state) if self.machine.exits else ()
        return router.route(turn.context, turn.changed, proposed, visited=turn.entered, exits=exits)

    def follow(self, route: Route) -> Next | None:
        """Note a route and what became of the proposal; return where to go on."""
        turn, transition = self.turn, route.transition
        path = None
        if transition is not None:
            out = self.machine.path_out if route.is_exit else self.machine.path
            path = out(transition.target_state)
        if self.state.transitions:
            turn.steps.append(step(self.path, path, route))
        is_overruled = route.why in ("fired", "first") and turn.proposed not in (None, path, self.path)
        if route.why == "vetoed" or is_overruled:
            turn.refused = turn.proposed
        if transition is None:
            return None
        if not route.is_exit:
            self.digress(transition, turn)
        return Next(transition.target_state, "exit" if route.is_exit else "enter")

    def digress(self, transition: Transition, turn: Turn) -> None:
        """Note where a digression leaves; a global transition that is none leaves for good."""
        if not isinstance(transition, GlobalTransition):
            return
        place = Left(state=self.state.id, sub_machine=turn.frame)
        before = [left for left in turn.left if left["state"] != place["state"]]
        turn.left = [*before, place] if transition.returns else []

    def named(self, target: str) -> str:
        """Name the state that a reply proposes by its path."""
        is_exit = target in self.machine.exits and all(
            way.target_state != target for way in self.machine.definition.ways_out(self.state)
        )
        return self.machine.path_out(target) if is_exit and target != self.state.id else self.machine.path(target)

    def leave(self, proposed: str | None) -> Generator[Handle, Outcome, Route]:
        """Choose a route and run the handlers that come before its edge is taken; what they write may change it."""
        announced: list[str] = []
        while True:
            context = self.turn.context
            route = self.route(proposed)
            if route.transition is None:
                return route
            target = (self.machine.path_out if route.is_exit else self.machine.path)(route.transition.target_state)
            if target in announced:
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

"""The way out of a state: which transition is taken now, and what is noted and done on the way.

Handlers that run before an edge is taken may write what opens another one, so the route is asked for again until they
have nothing more to say.
"""

from __future__ import annotations

from collections.abc import Generator

from fsm_langgraph.definition import GlobalTransition, Transition
from fsm_langgraph.errors import StateError
from fsm_langgraph.handlers import Handle, Outcome
from fsm_langgraph.routing import Route
from fsm_langgraph.turn.frames import Left
from fsm_langgraph.turn.nesting import exit_verdicts
from fsm_langgraph.turn.part import Part
from fsm_langgraph.turn.record import passing, step
from fsm_langgraph.turn.turn import Next, Turn


def leave(part: Part, proposed: str | None) -> Generator[Handle, Outcome, Route]:
    """Choose a route and run the handlers that come before its edge is taken; what they write may change it."""
    announced: list[str] = []
    while True:
        context = part.turn.context
        route = find_route(part, proposed)
        if route.transition is None:
            return route
        target = (part.machine.path_out if route.is_exit else part.machine.path)(route.transition.target_state)
        if target in announced:
            return route
        announced.append(target)
        yield from part.handle("PRE_TRANSITION", target=target)
        if part.turn.context is context:  # nothing was written
            return route


def find_route(part: Part, proposed: str | None) -> Route:
    """Say where the state leads now."""
    turn, router = part.turn, part.machine.routers[part.state.id]
    if turn.frame is not None:
        return router.interrupt(turn.context, turn.changed)
    exits = exit_verdicts(part.machine, turn, part.state) if part.machine.exits else ()
    return router.route(turn.context, turn.changed, proposed, visited=turn.entered, exits=exits)


def follow(part: Part, route: Route) -> Next | None:
    """Note a route and what became of the proposal; return where to go on."""
    turn, transition = part.turn, route.transition
    path = None
    if transition is not None:
        out = part.machine.path_out if route.is_exit else part.machine.path
        path = out(transition.target_state)
    if part.state.transitions:
        turn.steps.append(step(part.path, path, route))
    is_overruled = route.why in ("fired", "first") and turn.proposed not in (None, path, part.path, *turn.path)
    if route.why == "vetoed" or is_overruled:
        turn.refused = turn.proposed
    if transition is None:
        return None
    if not route.is_exit:
        digress(part, transition, turn)
    return Next(transition.target_state, "exit" if route.is_exit else "enter")


def digress(part: Part, transition: Transition, turn: Turn) -> None:
    """Note where a digression leaves; a global transition that is none leaves for good."""
    if not isinstance(transition, GlobalTransition):
        return
    place = Left(state=part.state.id, sub_machine=turn.frame)
    before = [left for left in turn.left if left["state"] != place["state"]]
    turn.left = [*before, place] if transition.returns else []


def back(part: Part) -> Next:
    """Return from a digression that is over."""
    turn = part.turn
    *turn.left, place = turn.left
    if place["state"] not in part.machine.definition.states:
        known = map(part.machine.path, part.machine.definition.states)
        raise StateError(part.machine.path(place["state"]), known)
    turn.frame = place["sub_machine"]
    turn.steps.append(passing(part.path, part.machine.path(place["state"]), "returned"))
    return Next(place["state"], "return")

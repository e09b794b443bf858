"""The way out of a state: which transition is taken now, and what is noted and done before it is.

Handlers that run before a transition is taken may write what opens another one. So the route is asked for again until
they write nothing, or the same target comes up twice.
"""

from __future__ import annotations

from fsm_langgraph.definition import GlobalTransition, Transition
from fsm_langgraph.errors import StateError
from fsm_langgraph.routing import Route, Situation
from fsm_langgraph.turn.frames import Left
from fsm_langgraph.turn.handoff import Handoff
from fsm_langgraph.turn.part import Part
from fsm_langgraph.turn.record import returning, step
from fsm_langgraph.turn.sub_machines import exit_verdicts
from fsm_langgraph.turn.turn import Next


async def leave(part: Part, proposed: str | None, *, has_heard: bool = False, may_pass: bool = False) -> Route:
    """Choose a route and run the handlers that come before its transition is taken; what they write may change it.

    Args:
        part: The state.
        proposed: The proposal of the reply; `None` where no reply speaks for this step.
        has_heard: Whether a reply has just been decided on in the state.
        may_pass: Whether the state is passed where its questions are answered.
    """
    announced: list[str] = []  # each target once, or handlers that write every time would go on for ever
    while True:
        part.settle()
        context = part.scope.context
        route = find_route(part, proposed, has_heard=has_heard, may_pass=may_pass)
        target = _target_path(part, route)
        if target is None or target in announced:
            return route
        announced.append(target)
        await part.handle("PRE_TRANSITION", target=target)
        if part.scope.context is context:  # nothing was written
            return route


def find_route(part: Part, proposed: str | None, *, has_heard: bool = False, may_pass: bool = False) -> Route:
    """Say where the state leads now; the arguments are those of `leave`."""
    turn, scope, router = part.turn, part.scope, part.machine.routers[part.state.id]
    situation = Situation(
        part.known,
        {**scope.news, **turn.machine_news},
        proposed,
        has_heard=has_heard,
        model_stayed=turn.model_stayed,
        may_pass=may_pass and part.state.id not in scope.passed,
        taken=frozenset(scope.taken),
        global_taken=turn.global_taken,
        written=scope.written,
    )
    if scope.frame is not None:
        return router.interrupt(situation)
    exits = exit_verdicts(part.machine, turn, scope, part.state) if part.machine.exits else ()
    return router.route(situation, exits)


def follow(part: Part, route: Route) -> Next | None:
    """Note a route and the fate of the proposal; return where to go on."""
    turn, transition = part.turn, route.transition
    path = _target_path(part, route)
    if part.state.transitions:
        turn.steps = [*turn.steps, step(part.path, path, route)]
    if refuses_proposal(part, route):
        turn.refused = turn.proposed
    if transition is None:
        return None
    if route.why == "fired":
        part.tell_news()  # it may be forgotten on the way, or be as it was
    if transition.handoff is not None:
        turn.handoff = Handoff([transition.handoff])
    scope = part.scope
    if route.is_exit:
        turn.global_taken = True
        return Next(part.machine.name_of_exit(transition), "exit")
    if route.why == "passed":
        scope.passed = [*scope.passed, part.state.id]
    elif not (part.state.silent or part.state.decision == "logic"):  # their steps are free
        scope.taken = [*scope.taken, part.machine.routers[part.state.id].name(transition)]
    digress(part, transition)
    return Next(transition.target_state, may_pass=may_pass(part, transition))


def refuses_proposal(part: Part, route: Route) -> bool:
    """Say whether a route leads elsewhere than the last reply has proposed, which was no mere guess."""
    turn = part.turn
    if turn.has_guessed or route.why not in ("fired", "first"):
        return route.why == "vetoed"
    return turn.proposed not in (None, _target_path(part, route), part.path, *turn.path)


def may_pass(part: Part, transition: Transition) -> bool:
    """Say whether the target of a transition is passed where its questions are answered."""
    if transition.ask is not None:
        return transition.ask == "missing"
    is_one_of_several = isinstance(transition, GlobalTransition) or len(part.state.transitions) > 1
    if not transition.conditions and is_one_of_several:
        return False  # the user, or the model, has chosen it
    return part.machine.definition.states[transition.target_state].ask == "missing"


def digress(part: Part, transition: Transition) -> None:
    """Note where a digression leaves; a global transition that is none leaves for good."""
    if not isinstance(transition, GlobalTransition):
        return
    scope, part.turn.global_taken = part.scope, True
    part.turn.has_digressed = part.turn.has_digressed or transition.returns
    confirming = part.machine.definition.confirming_keys
    interrupted = [key for key in scope.news if key not in transition.reads and key not in confirming]
    here = Left(state=part.state.id, sub_machine=scope.frame, news=interrupted)
    if part.state.subflow is not None and scope.frame is None:
        here["came_out"] = True
    # However often digressions have left a state, it is returned to once.
    before = [left for left in scope.left if left["state"] != here["state"]]
    scope.left = [*before, here] if transition.returns else []


def back(part: Part) -> Next:
    """Return from a digression that is over.

    Raises:
        StateError: The definition no longer has the state to return to.
    """
    turn, scope, machine = part.turn, part.scope, part.machine
    *before, origin = scope.left
    if origin["state"] not in machine.definition.states:
        raise StateError(machine.path(origin["state"]), map(machine.path, machine.definition.states))
    scope.left, scope.frame, scope.resumed = before, origin["sub_machine"], origin["news"]
    turn.steps = [*turn.steps, returning(part.path, machine.path(origin["state"]))]
    return Next(origin["state"], "return")


def _target_path(part: Part, route: Route) -> str | None:
    if route.transition is None:
        return None
    path = part.machine.path_out if route.is_exit else part.machine.path
    return path(route.transition.target_state)

"""Transitions marked `privileged` that a model alone can open: with it, whoever talks to the model.

It is sound where the guard, or a guard on every way to the state, needs a key that a handler or the caller writes, and
fails as long as nobody has. A user who confirms something says so to the model, which is no privilege.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.access.machine_access import MachineAccess
from fsm_langgraph.checking.access.openings import Opening
from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.placed_transitions import placed_transitions
from fsm_langgraph.checking.trial import is_watched
from fsm_langgraph.checking.word_lists import listed_names
from fsm_langgraph.context.writes import is_writable
from fsm_langgraph.definition import EVERYTHING, FSMDefinition, GlobalTransition, State, Transition


def find_open_privileges(view: MachineView) -> Iterator[Finding]:
    """Find the privileged transitions that a model can open without anybody else.

    It assumes that a handler or a tool writes what is its own by what it knows, and not whatever the model asks for.
    """
    privileged = [each for each in placed_transitions(view.definition) if each.transition.privileged]
    if privileged:
        access = view.once(MachineAccess)
        for each in privileged:
            states = [each.state] if each.state is not None else _watching(view.definition, each.transition)
            yield from _judged(access, each.path, states, each.transition)


def _watching(definition: FSMDefinition, transition: Transition) -> list[State]:
    """Return the states that a global transition leads out of."""
    is_conditional = bool(transition.conditions)
    return [state for state in definition.states.values() if is_watched(state, is_conditional=is_conditional)]


def _judged(access: MachineAccess, path: str, states: list[State], transition: Transition) -> Iterator[Finding]:
    """Judge one transition by the state from which the model comes farthest."""
    is_global = isinstance(transition, GlobalTransition)
    unknown: Opening | None = None
    for state in states:
        reach = access.reach(state.id)
        reach = reach if is_global else access.left(state, reach)
        opening = access.opening(transition, state)
        if reach == "model" and opening.by == "model":
            opening = access.witness(transition, state)
            if opening.by == "model":
                yield _opened(access, path, state, transition, opening)
                return
        if reach is not None and opening.by != "others":
            unknown = unknown or opening
    if unknown is not None:
        reason = unknown.reason or "of a guard on the way there nobody could decide it"
        message = f"whether the model alone opens the privileged transition to {transition.target_state!r}: {reason}."
        yield Finding(path, "privilege-not-proved", f"It was not proved {message}", _PROVE)


_PROVE = 'Require by "answered_context_keys" a key that a handler or the caller writes: that is certain.'


def _opened(access: MachineAccess, path: str, state: State, transition: Transition, opening: Opening) -> Finding:
    own = sorted(key for key in transition.reads - opening.needs - {EVERYTHING} if not key.startswith("_"))
    listed = listed_names(own)
    start = (
        f"the model alone opens the transition from {state.id!r} to {transition.target_state!r}, which is privileged"
    )
    if not transition.conditions:
        message, advice = f"{start}: it has no conditions.", _GUARD
    elif opening.needs:
        others = listed_names(sorted(opening.needs))
        message = f"{start}: its conditions hold while nobody has written {others}."
        advice = f'Let them hold only once somebody has: name {others} in "answered_context_keys" as well.'
    elif access.view.definition.context is None:
        message = f"{start}: no keys are declared, so that a reply may write {listed or 'any'}."
        read = listed or "what its conditions read"
        advice = f'Add a \'context\' section in which {read} is "written_by": "handler" or "caller".'
    elif inside := [key for key in own if not is_writable(access.view.definition, key, "model")]:
        comes = "comes" if len(inside) == 1 else "come"
        message = (
            f"{start}: it may write all that its conditions read, {listed}; "
            f"{', '.join(map(repr, inside))} {comes} from a machine in which the model writes it."
        )
        advice = f"{_GUARD} Or declare {listed} so in the other machine too."
    elif own:
        message = f"{start}: it may write all that its conditions read, {listed}."
        advice = f"{_GUARD} Or declare {listed} so."
    else:
        message, advice = f"{start}: its conditions read nothing that anybody else writes.", _GUARD
    return Finding(path, "model-opens-privilege", message, advice, opening.witness)


_GUARD = 'Add a condition on a key that is "written_by": "handler" or "caller".'

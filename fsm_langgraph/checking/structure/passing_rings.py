"""Passes by `ask: missing` that lead in a circle, or farther than a turn may go.

A state is passed once in a turn. So a circle is no endless one: the turn goes round, and the user is asked where it
began, though all is answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.structure.machine_shape import Shape
from fsm_langgraph.checking.trial import MAX_STEPS
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition, State


def find_passing_rings(shape: Shape) -> Iterator[Finding]:
    """Note the first circle of passes, or the longest row of them where it is too long."""
    passes = _passes(shape.definition)
    try:
        order = [*TopologicalSorter(passes).static_order()]
    except CycleError as error:
        ring = [*reversed(error.args[1])]
        listed = " → ".join(map(repr, ring))
        message = (
            f"where all is answered these states pass each other on: {listed}. A turn goes round once, and the user is "
            f"asked all the same."
        )
        advice = (
            "Let one of them ask always, or forget on entering what is to be told anew; or say "
            f'"ask": "always" on the transition back to {ring[0]!r}.'
        )
        yield Finding(at("states", ring[0]), "passing-ring", message, advice)
        return
    length: dict[str, int] = {}
    for name in order:
        length[name] = 1 + max((length[target] for target in passes.get(name, ())), default=0)
    longest = max(length, key=lambda name: length[name], default="")
    # The state that hears the message and the one where the turn rests are steps too.
    if longest and length[longest] + 2 > MAX_STEPS:
        message = (
            f"where all is answered {length[longest]} states are passed from {longest!r} on, and a turn takes "
            f"{MAX_STEPS} steps at most: it fails."
        )
        advice = "Ask for several keys in one state, lead past the states whose keys are known, or raise 'max_steps'."
        yield Finding(at("states", longest), "long-passage", message, advice)


def _passes(definition: FSMDefinition) -> Mapping[str, list[str]]:
    """Return the states that may be passed, each with those to which a pass leads and that may be passed in turn."""
    entered = {name for state in definition.states.values() for name in _passing_targets(definition, state)}
    passable = {name for name in entered if _is_passable(definition.states[name])}
    return {
        name: [
            target
            for target in dict.fromkeys(_passing_targets(definition, definition.states[name]))
            if target in passable and not _takes_away(definition.states[target], definition.states[name])
        ]
        for name in sorted(passable)
    }


def _passing_targets(definition: FSMDefinition, state: State) -> Iterator[str]:
    """Go through the targets of a state's transitions with conditions that are passed where they are answered."""
    for transition in state.transitions:
        target = definition.states[transition.target_state]
        is_step = transition.conditions and transition.fires is not False and target.id != state.id
        if is_step and (transition.ask or target.ask) == "missing":
            yield target.id


def _is_passable(state: State) -> bool:
    required = state.required_context_keys
    return state.hears and state.subflow is None and bool(required) and set(state.forget).isdisjoint(required)


def _takes_away(state: State, before: State) -> bool:
    """Say whether a state forgets what one before it requires, so that nothing goes round."""
    return not set(state.forget).isdisjoint(before.required_context_keys)

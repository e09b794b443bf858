"""Forward data flow over the states of a machine, with sets of bits: what can be as each is entered.

The sets only grow, from state to state until nothing changes. States are gone through in waves from the initial one, so
that a few waves do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from fsm_langgraph.checking.trial import is_watched
from fsm_langgraph.definition import FSMDefinition, GlobalTransition, State, Transition

Bits = int
"""A set: one bit for each that may be in it."""


def flow_forward(
    definition: FSMDefinition,
    first: Bits,
    stand: Callable[[State, Bits], Bits],
    hand_on: Callable[[Bits, Transition], Bits],
) -> dict[str, Bits]:
    """Return the set of each reached state, as it is when nothing changes any more.

    Global transitions lead from a state of their own, which every state where they are looked at leads to: otherwise
    each of them would make an edge from each state. There are two, since silent states look at those with conditions
    alone.

    Args:
        definition: The machine.
        first: The set as the initial state is entered.
        stand: Makes of the set as a state is entered the one that it hands on.
        hand_on: Makes of that the set that comes through a transition.
    """
    found, hubs, everywhere = {definition.initial_state: first}, dict[bool, Bits](), by_kind(definition)
    waiting, queued = deque([definition.initial_state]), {definition.initial_state}

    def enter(transition: Transition, bits: Bits) -> None:
        target, more = transition.target_state, hand_on(bits, transition)
        if target not in found or more & ~found[target]:
            found[target] = found.get(target, 0) | more
            if target not in queued:
                queued.add(target)
                waiting.append(target)

    while waiting:
        state = definition.states[waiting.popleft()]
        queued.discard(state.id)
        standing = stand(state, found[state.id])
        for transition in state.transitions:
            enter(transition, standing)
        for kind, leading in everywhere.items():
            if is_watched(state, is_conditional=kind) and (kind not in hubs or standing & ~hubs[kind]):
                hubs[kind] = hubs.get(kind, 0) | standing
                for transition in leading:
                    enter(transition, hubs[kind])
    return found


def by_kind(definition: FSMDefinition) -> dict[bool, list[GlobalTransition]]:
    """Return the global transitions of a machine, those with conditions and those without."""
    found: dict[bool, list[GlobalTransition]] = {}
    for transition in definition.global_transitions:
        found.setdefault(bool(transition.conditions), []).append(transition)
    return found

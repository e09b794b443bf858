"""Forward data flow over the states of a machine, with sets of bits: what can be as each is entered.

The sets only grow, from state to state until nothing changes. States are gone through in waves from the initial one, so
that a few waves do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from fsm_langgraph.definition import FSMDefinition, State, Transition

Bits = int
"""A set: one bit for each that may be in it."""


def flow_forward(
    definition: FSMDefinition,
    first: Bits,
    stand: Callable[[State, Bits], Bits],
    hand_on: Callable[[Bits, Transition], Bits],
) -> dict[str, Bits]:
    """Return the set of each reached state, as it is when nothing changes any more.

    Global transitions lead from a state of their own, which every state where they are open leads to: otherwise each of
    them would make an edge from each state.

    Args:
        definition: The machine.
        first: The set as the initial state is entered.
        stand: Makes of the set as a state is entered the one that it hands on.
        hand_on: Makes of that the set that comes through a transition.
    """
    states, everywhere = definition.states, definition.global_transitions
    found, hub, waiting = {definition.initial_state: first}, -1, deque([definition.initial_state])
    queued = {definition.initial_state}

    def enter(transition: Transition, bits: Bits) -> None:
        target, more = transition.target_state, hand_on(bits, transition)
        if target not in found or more & ~found[target]:
            found[target] = found.get(target, 0) | more
            if target not in queued:
                queued.add(target)
                waiting.append(target)

    while waiting:
        state = states[waiting.popleft()]
        queued.discard(state.id)
        standing = stand(state, found[state.id])
        for transition in state.transitions:
            enter(transition, standing)
        if everywhere and state.hears and state.global_transitions and (hub < 0 or standing & ~hub):
            hub = standing if hub < 0 else hub | standing
            for leading in everywhere:
                enter(leading, hub)
    return found

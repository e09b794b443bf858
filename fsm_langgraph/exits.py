"""Exits: the transitions that lead out of a sub-machine, which are the global ones of the machines around it.

A name belongs to the nearest machine that has it. So an exit is open to a proposal only where nothing inside goes by
the name of its target, and an exit of a machine further out is hidden by one of a nearer machine that leads to a state
of the same name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fsm_langgraph.context.writes import is_writable
from fsm_langgraph.definition import FSMDefinition, GlobalTransition, State
from fsm_langgraph.routing import Router


@dataclass(frozen=True, slots=True)
class Exit:
    """A transition that leads out of a sub-machine: a global one of a machine around it."""

    transition: GlobalTransition
    machine: str
    """The path of the machine that it belongs to, empty for the outermost one."""
    definition: FSMDefinition
    """The definition of that machine."""
    router: Router
    """The router of that machine's state, which judges it."""


def exits_inside(
    definition: FSMDefinition, state: State, router: Router, machine: str, exits: Mapping[str, Exit]
) -> dict[str, Exit]:
    """Return the exits of the sub-machine that runs in a state: a target belongs to the nearest machine that has it."""
    if not state.global_transitions:
        return {}
    own = {
        joined(machine, definition.name_of(state, transition)): Exit(transition, machine, definition, router)
        for transition in definition.transitions_from(state)
        if isinstance(transition, GlobalTransition)
    }
    nearer = {leading.transition.target_state for leading in own.values()}
    beyond = {name: leading for name, leading in exits.items() if leading.transition.target_state not in nearer}
    return {**own, **beyond}


def exits_in(definition: FSMDefinition, state: State, exits: Mapping[str, Exit]) -> Sequence[GlobalTransition]:
    """Return the exits that are open to proposals in a state: those whose names mean nothing nearer to it."""
    if not (exits and state.hears and state.global_transitions):
        return ()
    nearer = {state.id, *(transition.target_state for transition in definition.transitions_from(state))}
    return [leading.transition for leading in exits.values() if leading.transition.target_state not in nearer]


def outside_keys(definition: FSMDefinition, exits: Mapping[str, Exit]) -> dict[str, FSMDefinition]:
    """Return the keys that exits read and that nothing in the machine knows, with the definitions that they are of."""
    known = {*(definition.context or ()), *(key for state in definition.states.values() for key in state.own_keys)}
    for state in definition.states.values():
        known.update(*(transition.reads for transition in definition.transitions_from(state)))
    found = {key: leading.definition for leading in exits.values() for key in sorted(leading.transition.reads)}
    return {key: outer for key, outer in found.items() if key not in known and is_writable(outer, key, "model")}


def joined(machine: str, state: str) -> str:
    """Write the path of a state, given that of its machine."""
    return f"{machine}/{state}" if machine else state

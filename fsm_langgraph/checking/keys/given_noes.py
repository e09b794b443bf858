"""Keys that a sub-machine can give back as a no: asked for inside, and an end is reached that waits for no yes.

It errs to one side: what a handler of the sub-machine writes is not followed, nor is a no that a guard's logic forbids.
"""

from __future__ import annotations

from fsm_langgraph.checking.keys.key_use import KeyUse
from fsm_langgraph.checking.keys.needed_keys import denied_names, needed_names, present_names
from fsm_langgraph.definition import FSMDefinition, State, Transition


def comes_back_as_no(use: KeyUse, state: State, key: str) -> bool:
    """Say whether the sub-machine of a state gives back a yes/no key, and can end after a no.

    Args:
        use: The keys of the machine around.
        state: The state that runs the sub-machine.
        key: The key, by its name in the machine around.
    """
    if state.subflow is None:
        return False
    inner, around = use.definition.subflows[state.subflow], use.definition.declared(key)
    names = [inside for inside, outside in state.outputs.items() if outside == key]
    return any(_ends_after_no(inner, name) for name in names if _has_a_no(inner, name, around is not None))


def _has_a_no(inner: FSMDefinition, key: str, is_declared_around: bool) -> bool:
    declared = inner.declared(key)
    return declared.type in ("boolean", "array") if declared is not None else not is_declared_around


def _ends_after_no(inner: FSMDefinition, key: str) -> bool:
    """Say whether transitions that need no yes lead to an end from a state that asks for the key and reads it."""
    waiting = [state.id for state in inner.states.values() if key in state.own_keys and state.transitions]
    found = dict.fromkeys(waiting)
    for state_id in waiting:  # it grows while it is walked
        state = inner.states[state_id]
        if state.is_final:
            return True
        for transition in state.transitions:
            if transition.target_state not in found and _lets_a_no_on(state, transition, key):
                found[transition.target_state] = None
                waiting.append(transition.target_state)
    return False


def _lets_a_no_on(state: State, transition: Transition, key: str) -> bool:
    """Say whether a transition is open after a no; out of the state that asks, it has to be for an answer."""
    if any(key in present_names(condition) for condition in transition.conditions):
        return False
    is_for_a_no = any(key in denied_names(condition) for condition in transition.conditions)
    return is_for_a_no or key in needed_names(transition) or key not in state.own_keys

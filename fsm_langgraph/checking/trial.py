"""The order in which transitions are tried where nobody proposes one: the first that is open is taken.

So it is in a silent state, in one whose sub-machine has ended, and in one with `decision: logic` that has heard a
message. What stands below a transition that is always open is never looked at there.
"""

from __future__ import annotations

from fsm_langgraph.definition import State, Transition

MAX_STEPS = 25
"""How many states one turn goes through at most, where the option `max_steps` says nothing else."""


def is_always_open(transition: Transition) -> bool:
    """Say whether a transition has no condition that could fail: one in words alone is for the model to read."""
    return not any(
        condition.requires_context_keys or condition.answered_context_keys or condition.logic is not None
        for condition in transition.conditions
    )


def takes_the_first(state: State) -> bool:
    """Say whether the state takes its own first open transition, whatever a model proposes."""
    return state.silent or state.subflow is not None or state.decision == "logic"


def never_waits(state: State) -> bool:
    """Say whether no turn rests in a state: it is silent, or a step of thought."""
    return not state.is_final and (state.silent or not state.listens)


def is_watched(state: State, *, is_conditional: bool) -> bool:
    """Say whether a global transition can be taken in a state: by a proposal, or since its conditions are watched."""
    return state.global_transitions and not state.is_final and (state.hears or is_conditional)

"""Conversations that cannot end: no final state can be reached at all, or not any more from some state.

A machine without a final state talks for as long as the user likes, as many assistants do, and nothing is told of it.
A sub-machine has to end, or the transitions of the state that runs it are never looked at.

An end is a final state, and a transition that hands the user over; a state with tools may be one, since a tool may hand
over too. A final state that only digressions reach is none.
A sub-machine is left as well by a global transition of a machine around it that does not return. States in which a
turn fails in any case are told of by `silent_rings.py`; here they count as ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.structure.components import joined_groups
from fsm_langgraph.checking.structure.machine_shape import Shape
from fsm_langgraph.checking.structure.reach import leading_to
from fsm_langgraph.checking.word_lists import listed_names
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import State


def endless_machine(shape: Shape) -> Iterator[Finding]:
    """Tell of a machine that has final states and comes to none, and of a sub-machine that cannot end.

    It assumes that every transition may open; whether guards let it is for other checks.
    """
    definition, view = shape.definition, shape.view
    if _comes_to_an_end(shape):
        return
    if ends := unreached_ends(shape):
        message = (
            f"no final state can be reached from {definition.initial_state!r}: nothing leads to {listed_names(ends)}."
        )
        goes_on = "" if view.outer is None else f"  The transitions of {_runners(view)} are never looked at."
        advice = "Lead a transition there, or remove what cannot be reached."
        yield Finding("initial_state", "no-way-to-an-end", f"{message}{goes_on}", advice)
    elif view.runs_in:
        message = f"this sub-machine never ends, so the transitions of {_runners(view)} are never looked at."
        advice = "Give it a final state, a state without transitions, and lead there."
        yield Finding("", "endless-sub-machine", message, advice)


def traps(shape: Shape) -> Iterator[Finding]:
    """Tell of states from which no end can be reached, in a machine that has one.

    It assumes that every transition may open. In a digression an end is where it comes back.
    """
    if not shape.ends:
        return
    definition = shape.definition
    ending = leading_to(definition, shape.onward, _ends(shape, is_end=lambda state: state.is_final))
    caught = [name for name in definition.states if name in shape.reach.states and name not in ending]
    for group in joined_groups(caught, shape.onward):
        lead = "it leads" if len(group) == 1 else "they lead"
        ends = listed_names(shape.ends, "or")
        message = f"no final state can be reached from {listed_names(group)}: {lead} never to {ends}."
        advice = "Lead out of there, or remove the transitions of the state that should end the conversation."
        yield Finding(at("states", group[0]), "trap", message, advice)


def unreached_ends(shape: Shape) -> list[str]:
    """Name the final states that are there and cannot be reached, where none can."""
    if _comes_to_an_end(shape):
        return []
    states = shape.definition.states.values()
    return [state.id for state in states if state.is_final and state.id not in shape.reach.states]


def _comes_to_an_end(shape: Shape) -> bool:
    definition = shape.definition
    if shape.ends:
        return True
    ends = _ends(shape, is_end=lambda state: state.is_final and shape.lasts(state))
    return definition.initial_state in leading_to(definition, shape.onward, ends)


def _ends(shape: Shape, *, is_end: Callable[[State], bool]) -> Iterator[str]:
    """Name the states that end the conversation, or their machine's part of it, or in which every turn fails."""
    is_left = _is_left_from_outside(shape.view)
    for state in shape.definition.states.values():
        hands_over = bool(state.tools) or any(transition.handoff is not None for transition in state.transitions)
        if is_end(state) or hands_over or (is_left and state.hears and state.global_transitions):
            yield state.id
    yield from shape.stranded


def _is_left_from_outside(view: MachineView) -> bool:
    """Say whether a global transition of a machine around may lead out of this one for good."""
    around = view.outer
    while around is not None:
        if any(not each.returns for each in around.definition.global_transitions):
            return True
        around = around.outer
    return False


def _runners(view: MachineView) -> str:
    return listed_names([state.id for state in view.runs_in]) if view.runs_in else "the state that runs it"

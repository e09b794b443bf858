"""Which states of a machine a conversation comes to, and from which it comes to some others.

A global transition leads from every state in which the user is heard and that has not opted out; with conditions it is
watched in the silent ones too. Both are followed once for all such states, so the time is linear in the machine.

A digression (`return: true`) comes back to where it left, at a final state. So a final state that only digressions
reach is no end of the conversation, and the state that was left is not lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fsm_langgraph.checking.trial import is_watched
from fsm_langgraph.definition import FSMDefinition, GlobalTransition

Targets = Mapping[str, Sequence[str]]
"""The states to which each state leads."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The states that a conversation comes to, from the initial one."""

    states: frozenset[str]
    """All of them."""
    lasting: frozenset[str]
    """Those that it comes to otherwise than in a digression."""


def onward(definition: FSMDefinition) -> dict[str, tuple[str, ...]]:
    """Name the states to which the own transitions of each state lead."""
    return {
        state.id: tuple(dict.fromkeys(transition.target_state for transition in state.transitions))
        for state in definition.states.values()
    }


def find_reach(definition: FSMDefinition, targets: Targets) -> Reach:
    """Find the states that a conversation comes to, given where the own transitions of each lead."""
    everywhere = definition.global_transitions
    reached = _follow(definition, targets, [definition.initial_state], everywhere)
    states = [definition.states[name] for name in reached]
    open_somewhere = {kind: any(is_watched(state, is_conditional=kind) for state in states) for kind in (False, True)}
    leaving = [e.target_state for e in everywhere if not e.returns and open_somewhere[bool(e.conditions)]]
    lasting = _follow(definition, targets, [definition.initial_state, *leaving], ())
    return Reach(frozenset(reached), frozenset(lasting))


def leading_to(definition: FSMDefinition, targets: Targets, goals: Iterable[str]) -> set[str]:
    """Name the states from which one of the goals can be reached; a digression leads nowhere, since it comes back."""
    before: dict[str, list[str]] = {name: [] for name in definition.states}
    for source, onward_ in targets.items():
        for target in onward_:
            before[target].append(source)
    leaving: dict[str, bool] = {}
    for each in definition.global_transitions:
        if not each.returns:
            leaving[each.target_state] = leaving.get(each.target_state, False) or bool(each.conditions)
    found = dict.fromkeys(goals)
    waiting, followed = [*found], set[bool]()
    for name in waiting:  # it grows while it is gone through
        sources = [*before[name]]
        # All the states in which one global transition is looked at are found with the first that leads to a goal.
        if name in leaving and leaving[name] not in followed:
            followed.add(leaving[name])
            is_conditional = leaving[name]
            sources += (s.id for s in definition.states.values() if is_watched(s, is_conditional=is_conditional))
        fresh = [source for source in dict.fromkeys(sources) if source not in found]
        found.update(dict.fromkeys(fresh))
        waiting += fresh
    return set(found)


def _follow(
    definition: FSMDefinition,
    targets: Targets,
    first: Iterable[str],
    everywhere: Collection[GlobalTransition],
) -> dict[str, None]:
    """Name the states that some others lead to, in however many steps, those others among them."""
    conditional = [each.target_state for each in everywhere if each.conditions]
    others = [each.target_state for each in everywhere if not each.conditions]
    reached = dict.fromkeys(first)
    waiting = [*reached]
    for name in waiting:  # it grows while it is gone through
        state = definition.states[name]
        found = [*targets[name]]
        if conditional and is_watched(state, is_conditional=True):
            found += conditional
            conditional = []
        if others and is_watched(state, is_conditional=False):
            found += others
            others = []
        fresh = [target for target in dict.fromkeys(found) if target not in reached]
        reached.update(dict.fromkeys(fresh))
        waiting += fresh
    return reached

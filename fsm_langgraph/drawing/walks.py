"""Walks through a machine, which shape its picture: the longest, the transitions that lead back, the digressions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fsm_langgraph.definition import FSMDefinition


@dataclass(frozen=True, slots=True)
class Walks:
    """The walks through a machine, in document order and never through a state twice."""

    length: int
    """How many states the longest of them has; a sub-machine that is drawn counts with its own."""
    spine: frozenset[tuple[str, str]]
    """The transitions, by source and target, with which the longest walk on from their source begins."""
    back: frozenset[tuple[str, str]]
    """The transitions, by source and target, that lead back to a state of the walk."""


def find_walks(definition: FSMDefinition, *, xray: bool) -> Walks:
    """Find the walks through a machine.

    Args:
        definition: The machine.
        xray: Whether the states of sub-machines count, as they do where these are drawn.
    """
    lengths: dict[str, int] = {}
    spine: set[tuple[str, str]] = set()
    back: set[tuple[str, str]] = set()
    for state_id, targets in _depth_first(definition):
        onward = [target for target in targets if target in lengths]
        back |= {(state_id, target) for target in targets if target not in lengths}
        longest = max(onward, key=lengths.__getitem__, default=None)
        lengths[state_id] = _own_length(definition, state_id, xray=xray)
        if longest is not None:
            lengths[state_id] += lengths[longest]
            spine.add((state_id, longest))
    return Walks(max(lengths.values()), frozenset(spine), frozenset(back))


def _depth_first(definition: FSMDefinition) -> Iterator[tuple[str, list[str]]]:
    """Yield each state and its targets, after the states that follow it: of its targets only those lead back."""
    order = {state_id: position for position, state_id in enumerate(definition.states)}
    entered: set[str] = set()
    # Twice on the stack: first to be entered, then, under all that follows it, to be left. No recursion, since machines
    # may be longer than Python's stack is deep.
    waiting = [(state_id, False) for state_id in (*reversed(order), definition.initial_state)]
    while waiting:
        state_id, is_left = waiting.pop()
        targets = [transition.target_state for transition in definition.states[state_id].by_priority]
        if is_left:
            yield state_id, targets
        elif state_id not in entered:
            entered.add(state_id)
            waiting.append((state_id, True))
            waiting += ((target, False) for target in sorted(targets, key=order.__getitem__, reverse=True))


def _own_length(definition: FSMDefinition, state_id: str, *, xray: bool) -> int:
    name = definition.states[state_id].subflow
    return 1 if name is None or not xray else find_walks(definition.subflows[name], xray=True).length


def only_digressions(definition: FSMDefinition) -> set[str]:
    """Return the states that are reached by digressions only: where those end, the conversation goes on."""
    to_stay = [each.target_state for each in definition.global_transitions if not each.returns]
    to_return = [each.target_state for each in definition.global_transitions if each.returns]
    return _reached(definition, to_return) - _reached(definition, [definition.initial_state, *to_stay])


def _reached(definition: FSMDefinition, beginnings: Iterable[str]) -> set[str]:
    reached: set[str] = set()
    waiting = [*beginnings]
    while waiting:
        state_id = waiting.pop()
        if state_id not in reached:
            reached.add(state_id)
            waiting += (transition.target_state for transition in definition.states[state_id].transitions)
    return reached

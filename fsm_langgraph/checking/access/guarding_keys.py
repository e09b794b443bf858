"""The keys that guards read on the way to a state: on every way there, whichever is taken, and on some.

A way begins where the conversation does, and goes through sub-machines too. Keys and states have their paths:
`payment/card`. The sets are bits of whole numbers, and go from state to state until nothing changes, so that ten
thousand states are no matter.

    entered(S)   the state itself, or the first one of the sub-machine that it runs
    ended(S)     the state itself, once the sub-machine that it runs has ended
    prefix*      where the global transitions of a machine begin: any state in which they are open
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from fsm_langgraph.definition import EVERYTHING, FSMDefinition, State, Transition


@dataclass(frozen=True, slots=True)
class GuardedStep:
    """A transition as a step of a way, or what joins a sub-machine to the machine around it."""

    source: str
    """The node where it begins."""
    target: str
    """The node that it leads to."""
    keys: tuple[str, ...] = ()
    """The paths of the keys that its conditions read."""
    transition: Transition | None = None
    """The transition; `None` at the door of a sub-machine."""


class GuardingKeys:
    """The keys on the ways through a definition.

    Args:
        definition: The definition.
    """

    def __init__(self, definition: FSMDefinition) -> None:
        self.steps = [*_steps(definition, "")]
        self._names = list(dict.fromkeys(key for step in self.steps for key in step.keys))
        self._bits = {key: 1 << index for index, key in enumerate(self._names)}
        self._always, self._sometimes = self._spread(
            entered(definition, "", definition.states[definition.initial_state])
        )

    def always(self, node: str) -> frozenset[str]:
        """Name the keys that the guards on every way to a node read."""
        return self._keys(self._always.get(node, 0))

    def sometimes(self, node: str) -> frozenset[str]:
        """Name the keys that a guard on some way to a node reads."""
        return self._keys(self._sometimes.get(node, 0))

    def is_reached(self, node: str) -> bool:
        """Say whether any way leads to a node."""
        return node in self._always

    def _spread(self, start: str) -> tuple[dict[str, int], dict[str, int]]:
        leaving = defaultdict[str, list[tuple[str, int]]](list)
        for step in self.steps:
            leaving[step.source].append((step.target, reduce(or_, map(self._bits.__getitem__, step.keys), 0)))
        always, sometimes = {start: 0}, {start: 0}
        order, is_changing = _in_order(start, leaving), True
        while is_changing:
            is_changing = False
            for node in order:
                for target, read in leaving.get(node, ()):
                    every = (always[node] | read) & always.get(target, -1)
                    some = sometimes[node] | read | sometimes.get(target, 0)
                    if every != always.get(target) or some != sometimes[target]:
                        always[target], sometimes[target] = every, some
                        is_changing = True
        return always, sometimes

    def _keys(self, bits: int) -> frozenset[str]:
        found = set[str]()
        while bits:
            lowest = bits & -bits
            found.add(self._names[lowest.bit_length() - 1])
            bits ^= lowest
        return frozenset(found)


def _in_order(start: str, leaving: Mapping[str, list[tuple[str, int]]]) -> list[str]:
    """Return the nodes that ways lead to, each before those behind it, save where ways go back."""
    seen, done = {start}, list[str]()
    waiting = [(start, iter(leaving.get(start, ())))]
    while waiting:
        node, targets = waiting[-1]
        fresh = next((target for target, _ in targets if target not in seen), None)
        if fresh is None:
            done.append(node)
            waiting.pop()
        else:
            seen.add(fresh)
            waiting.append((fresh, iter(leaving.get(fresh, ()))))
    return done[::-1]


def entered(definition: FSMDefinition, prefix: str, state: State) -> str:
    """Name the node by which a state is entered."""
    path = f"{prefix}{state.id}"
    if state.subflow is None:
        return path
    inner = definition.subflows[state.subflow]
    return entered(inner, f"{path}/", inner.states[inner.initial_state])


def _steps(definition: FSMDefinition, prefix: str) -> Iterator[GuardedStep]:
    for state in definition.states.values():
        path = f"{prefix}{state.id}"
        for transition in state.transitions:
            yield _step(definition, prefix, path, transition)
        if not state.is_final and state.global_transitions and definition.global_transitions:
            yield GuardedStep(entered(definition, prefix, state), f"{prefix}*")
        if state.subflow is not None:
            inner = definition.subflows[state.subflow]
            yield from _steps(inner, f"{path}/")
            yield from (GuardedStep(f"{path}/{each.id}", path) for each in inner.states.values() if each.is_final)
    for transition in definition.global_transitions:
        yield _step(definition, prefix, f"{prefix}*", transition)


def _step(definition: FSMDefinition, prefix: str, source: str, transition: Transition) -> GuardedStep:
    target = entered(definition, prefix, definition.states[transition.target_state])
    read = sorted(key for key in transition.reads if key != EVERYTHING and not key.startswith("_"))
    return GuardedStep(source, target, tuple(f"{prefix}{key}" for key in read), transition)

"""The ways through a machine and those inside it, and the keys that the guards on them read.

A way begins where the conversation does. Of every state it is told which keys stand on all ways to it, whichever is
taken, and which on some. Keys and states have their paths: `payment/card`. The sets are bits of whole numbers, and go
from state to state until nothing changes, so that ten thousand states are no matter.

    entered(S)   the state itself, or the first one of the sub-machine that it runs
    ended(S)     the state itself, once the sub-machine that it runs has ended
    prefix*      where the global transitions of a machine begin: any state in which they are open
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from fsm_langgraph.definition import EVERYTHING, FSMDefinition, State, Transition


@dataclass(frozen=True, slots=True)
class Step:
    """A transition as a step of a way, or what joins a sub-machine to the machine around it."""

    source: str
    """The node where it begins."""
    target: str
    """The node that it leads to."""
    keys: tuple[str, ...] = ()
    """The paths of the keys that its conditions read."""
    transition: Transition | None = None
    """The transition; `None` at the door of a sub-machine."""


class Ways:
    """The ways through a definition.

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
        leaving = defaultdict[str, list[Step]](list)
        for step in self.steps:
            leaving[step.source].append(step)
        always, sometimes = {start: 0}, {start: 0}
        waiting = deque([start])
        while waiting:
            node = waiting.popleft()
            for step in leaving.get(node, ()):
                read = 0
                for key in step.keys:
                    read |= self._bits[key]
                target = step.target
                every = (always[node] | read) & always.get(target, -1)
                some = sometimes[node] | read | sometimes.get(target, 0)
                if every != always.get(target) or some != sometimes.get(target):
                    always[target], sometimes[target] = every, some
                    waiting.append(target)
        return always, sometimes

    def _keys(self, bits: int) -> frozenset[str]:
        found = set[str]()
        while bits:
            lowest = bits & -bits
            found.add(self._names[lowest.bit_length() - 1])
            bits ^= lowest
        return frozenset(found)


def entered(definition: FSMDefinition, prefix: str, state: State) -> str:
    """Name the node by which a state is entered."""
    path = f"{prefix}{state.id}"
    if state.subflow is None:
        return path
    inner = definition.subflows[state.subflow]
    return entered(inner, f"{path}/", inner.states[inner.initial_state])


def _steps(definition: FSMDefinition, prefix: str) -> Iterator[Step]:
    for state in definition.states.values():
        path = f"{prefix}{state.id}"
        for transition in state.transitions:
            yield _step(definition, prefix, path, transition)
        if not state.is_final and state.global_transitions and definition.global_transitions:
            yield Step(entered(definition, prefix, state), f"{prefix}*")
        if state.subflow is not None:
            inner = definition.subflows[state.subflow]
            yield from _steps(inner, f"{path}/")
            yield from (Step(f"{path}/{each.id}", path) for each in inner.states.values() if each.is_final)
    for transition in definition.global_transitions:
        yield _step(definition, prefix, f"{prefix}*", transition)


def _step(definition: FSMDefinition, prefix: str, source: str, transition: Transition) -> Step:
    target = entered(definition, prefix, definition.states[transition.target_state])
    read = sorted(key for key in transition.reads if key != EVERYTHING and not key.startswith("_"))
    return Step(source, target, tuple(f"{prefix}{key}" for key in read), transition)

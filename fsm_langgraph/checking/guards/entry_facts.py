"""Facts that hold of the context as a silent state is entered: the guards of the transitions that lead there.

A transition was open a moment before, so its guard holds, save for what the state forgets. One that leads out of
another silent state was the first open one there, so those above it were closed, and what was known there still is.
Handlers may change more in between; that is left out of account, as it makes no gap that an author could see in the
file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fsm_langgraph.checking.forgetting import forgotten_with
from fsm_langgraph.checking.guards.guard_parts import Guard, by_priority
from fsm_langgraph.checking.proving.formulas import AllOf, AnyOf, Formula, Not
from fsm_langgraph.definition import EVERYTHING, FSMDefinition, State


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that holds as a state is entered."""

    formula: Formula
    reads: frozenset[str]
    """The keys that it is about."""


class EntryFacts:
    """The facts that hold as the states of a machine are entered.

    Args:
        definition: The machine.
        guards: Its guards.
    """

    def __init__(self, definition: FSMDefinition, guards: Sequence[Guard]) -> None:
        self._definition = definition
        self._leading: dict[str, list[Guard]] = {}
        self._own: dict[str, list[Guard]] = {}
        for guard in guards:
            self._leading.setdefault(guard.transition.target_state, []).append(guard)
            if guard.state is not None:
                self._own.setdefault(guard.state.id, []).append(guard)

    def out_of(self, state: State) -> list[Guard]:
        """Return the guards of a state's own transitions, in the order of the document."""
        return self._own.get(state.id, [])

    def known_on_entering(self, state: State) -> tuple[Formula, ...]:
        """Return what holds whenever a state is entered; nothing where too many transitions lead there."""
        ways: list[tuple[Formula, ...]] = []
        for way in self._ways(state, _DEEPEST):
            ways.append(tuple(each.formula for each in way))
            if not ways[-1] or len(ways) > _MOST_WAYS:
                return ()
        return (AnyOf(tuple(AllOf(way) for way in ways)),) if ways else ()

    def _ways(self, state: State, depth: int) -> Iterator[list[Fact]]:
        forgotten = forgotten_with(self._definition, state)
        if state.id == self._definition.initial_state:
            yield []
        for guard in self._leading.get(state.id, []):
            if guard.state is state:
                continue
            for known in self._held(guard, depth):
                yield [each for each in known if forgotten.isdisjoint(each.reads) and EVERYTHING not in each.reads]

    def _held(self, guard: Guard, depth: int) -> Iterator[list[Fact]]:
        """Yield what holds as a transition is taken, once for each way to where it begins."""
        held = [Fact(part.formula, part.reads) for part in guard.parts]
        source = guard.state
        if source is None or not source.silent:
            yield held
            return
        for each in by_priority(self.out_of(source)):
            if each.transition is guard.transition:
                break
            if not each.parts:
                return  # it is never looked at
            held.append(Fact(Not(AllOf(each.formulas)), frozenset().union(*(part.reads for part in each.parts))))
        if depth == 0:
            yield held
            return
        for known in self._ways(source, depth - 1):
            yield [*known, *held]


_DEEPEST = 4
"""How many silent states in a row are followed backwards."""
_MOST_WAYS = 16

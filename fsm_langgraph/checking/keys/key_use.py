"""Who writes the keys of a machine, and which of its transitions read them.

    collected    by the states whose replies have fields for them
    brought      by the machine around it (`inputs`), by a sub-machine (`outputs`)
    not known    written by handlers, tools and the caller: where keys are declared, those that are not the model's;
                 where none are, perhaps any

A model may write a key that no state collects, where the user volunteers it. Nobody is asked for it then, so that it
counts as no source here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.misspelt_names import MisspeltNames
from fsm_langgraph.checking.named_keys import collected_keys
from fsm_langgraph.checking.placed_transitions import placed_transitions
from fsm_langgraph.context.writes import MACHINE_PREFIX
from fsm_langgraph.data.json_data import Steps, at
from fsm_langgraph.definition import EVERYTHING, Condition, FSMDefinition
from fsm_langgraph.logic import variables


@dataclass(frozen=True, slots=True)
class Reading:
    """A key that a condition reads."""

    key: str
    """The key."""
    name: str
    """The name by which it is read: the key, or a path into its value."""
    path: str
    """Where that stands in the document."""
    condition: Condition
    """The condition."""
    state: str | None
    """The state that the condition's transition leads out of; `None` for a global transition."""


class KeyUse:
    """Who writes and reads the keys of one machine.

    Args:
        view: The machine.
    """

    def __init__(self, view: MachineView) -> None:
        self.definition: FSMDefinition = view.definition
        self.view = view

    @cached_property
    def collected(self) -> Mapping[str, list[str]]:
        """The keys that states collect, each with these states."""
        found: dict[str, list[str]] = {}
        for state in self.definition.states.values():
            for key in state.own_keys:
                found.setdefault(key, []).append(state.id)
        return found

    @cached_property
    def brought(self) -> frozenset[str]:
        """The keys that come from a machine around it or from one inside it."""
        inside = (key for state in self.definition.states.values() for key in state.outputs.values())
        return frozenset(inside).union(*(state.inputs for state in self.view.runs_in))

    @cached_property
    def given_back(self) -> frozenset[str]:
        """The keys that the machine around it takes back when it has ended."""
        return frozenset().union(*(state.outputs for state in self.view.runs_in))

    @cached_property
    def collected_around(self) -> frozenset[str]:
        """The keys that the states of the machine around it collect."""
        return collected_keys(self.view.outer.definition) if self.view.outer is not None else frozenset()

    @cached_property
    def known(self) -> frozenset[str]:
        """The keys that somebody is known to write."""
        return frozenset(self.collected) | self.brought

    def is_of_the_model(self, key: str) -> bool:
        """Say whether the model is known to be who writes a key."""
        declaration = self.definition.declared(key)
        if declaration is None:
            return self.definition.context is None and key in self.collected
        return declaration.written_by == "model"

    def is_asked_in_words(self, key: str) -> bool:
        """Say whether the instructions of a state name a key, so that the model is told to see to it."""
        return key in self._asked_in_words

    @cached_property
    def _asked_in_words(self) -> frozenset[str]:
        found = set[str]()
        for state in self.definition.states.values():
            told, extracted = re.sub(r"{{.*?}}", "", state.instructions), state.extraction_instructions
            for text in (told, extracted):
                found.update(re.findall(r"[`'\"]([^`'\"]+)[`'\"]", text))
            found.update(re.findall(r"\w+", extracted))
            found.update(word for word in re.findall(r"\w+", told) if "_" in word.strip("_"))
        return frozenset(found)

    @cached_property
    def names(self) -> MisspeltNames:
        """The keys that somebody is known to write, asked for the one that another name misspells."""
        return MisspeltNames(self.known)

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """The keys that conditions read, in the order of the document; the machine's own are left out."""
        return tuple(self._readings())

    @cached_property
    def triggers(self) -> frozenset[str]:
        """The keys that global transitions wait for: the model notes them wherever the user says so."""
        return frozenset(reading.key for reading in self.readings if reading.state is None)

    def root(self, name: str) -> str:
        """Name the key that a path begins in; a key that has the dots in its own name goes before."""
        is_whole = "." not in name or name in self.collected or self.definition.declared(name) is not None
        return name if is_whole else name.partition(".")[0]

    def roots(self, names: Iterable[str]) -> Iterator[str]:
        """Go through the keys that paths begin in, the machine's own left out."""
        for name in names:
            if name != EVERYTHING and not name.startswith(MACHINE_PREFIX):
                yield self.root(name)

    def _readings(self) -> Iterator[Reading]:
        for placed in placed_transitions(self.definition):
            state = placed.state.id if placed.state is not None else None
            for steps, condition in placed.conditions:
                for name, where in _names(condition):
                    if name != EVERYTHING and not name.startswith(MACHINE_PREFIX):
                        yield Reading(self.root(name), name, at(*steps, *where), condition, state)


def _names(condition: Condition) -> Iterator[tuple[str, Steps]]:
    """Yield the names that a condition reads, each with where it stands in it."""
    for index, name in enumerate(condition.requires_context_keys):
        yield name, ("requires_context_keys", index)
    for index, name in enumerate(condition.answered_context_keys):
        yield name, ("answered_context_keys", index)
    if condition.logic is not None:
        for name in sorted(variables(condition.logic)):
            yield name, ("logic",)

"""The shape of one machine: which states lead to which."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.structure.reach import Reach, find_reach, onward
from fsm_langgraph.checking.trial import never_waits
from fsm_langgraph.definition import FSMDefinition, State


@dataclass(frozen=True)
class Shape:
    """A machine as its states and transitions make it; it has no slots, since what is asked of it is kept."""

    view: MachineView
    """The machine, and where it runs."""

    @property
    def definition(self) -> FSMDefinition:
        """The machine itself."""
        return self.view.definition

    @cached_property
    def onward(self) -> dict[str, tuple[str, ...]]:
        """The states to which the own transitions of each state lead."""
        return onward(self.definition)

    @cached_property
    def reach(self) -> Reach:
        """The states that a conversation comes to."""
        return find_reach(self.definition, self.onward)

    @cached_property
    def ends(self) -> list[str]:
        """The final states in which the conversation ends; one that only digressions reach is none."""
        return [state.id for state in self.definition.states.values() if state.is_final and self.lasts(state)]

    @cached_property
    def position(self) -> dict[str, int]:
        """The place of each state in the document."""
        return {name: number for number, name in enumerate(self.definition.states)}

    @cached_property
    def stranded(self) -> list[str]:
        """The silent states and steps of thought from which no transition leads to rest, however far it is followed."""
        moving = {s.id: self.onward[s.id] for s in self.definition.states.values() if never_waits(s)}
        before: dict[str, list[str]] = {name: [] for name in moving}
        waiting = []
        for name, targets in moving.items():
            for target in targets:
                if target in before:
                    before[target].append(name)
            if not all(target in moving for target in targets):
                waiting.append(name)
        coming_to_rest = set(waiting)
        for name in waiting:  # it grows while it is gone through
            fresh = [source for source in dict.fromkeys(before[name]) if source not in coming_to_rest]
            coming_to_rest.update(fresh)
            waiting += fresh
        return [name for name in moving if name not in coming_to_rest]

    def lasts(self, state: State) -> bool:
        """Say whether a conversation comes to a state otherwise than in a digression."""
        return state.id in self.reach.lasting

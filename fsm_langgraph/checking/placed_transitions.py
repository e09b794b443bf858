"""The transitions of a machine, each with where it stands and the conditions in it: how all checks go through them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fsm_langgraph.data.json_data import Steps, at
from fsm_langgraph.definition import Condition, FSMDefinition, GlobalTransition, State, Transition


@dataclass(frozen=True)
class PlacedTransition:
    """A transition, with where it stands."""

    transition: Transition
    state: State | None
    """The state that it leads out of; `None` for a global transition."""
    steps: Steps
    """The steps to the transition from the root of the machine."""

    @property
    def path(self) -> str:
        """Where the transition stands in the machine."""
        return at(*self.steps)

    @property
    def name(self) -> str:
        """The transition in words, within its state."""
        kind = "global transition" if isinstance(self.transition, GlobalTransition) else "transition"
        return f"the {kind} to {self.transition.target_state!r}"

    @property
    def conditions(self) -> Iterator[tuple[Steps, Condition]]:
        """Its conditions, each with the steps to it."""
        for index, condition in enumerate(self.transition.conditions):
            yield (*self.steps, "conditions", index), condition


def placed_transitions(definition: FSMDefinition) -> Iterator[PlacedTransition]:
    """Go through the transitions of a machine, sub-machines aside, the global ones last."""
    for state in definition.states.values():
        for index, transition in enumerate(state.transitions):
            yield PlacedTransition(transition, state, ("states", state.id, "transitions", index))
    for index, transition in enumerate(definition.global_transitions):
        yield PlacedTransition(transition, None, ("global_transitions", index))

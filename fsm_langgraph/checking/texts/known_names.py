"""The names that a machine's tags may have: its keys, and what else there is."""

from __future__ import annotations

from functools import cached_property

from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.misspelt_names import MisspeltNames
from fsm_langgraph.checking.named_keys import collected_keys
from fsm_langgraph.context.machine_keys import MACHINE_KEYS
from fsm_langgraph.definition import EVERYTHING, FSMDefinition, State
from fsm_langgraph.templates.store_lookups import STORE


class KnownNames:
    """The names that a machine knows.

    Args:
        view: The machine.
    """

    def __init__(self, view: MachineView) -> None:
        self.view = view
        self.definition: FSMDefinition = view.definition

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys that the machine declares, or that its states collect, forget, show, read, take in or hand on."""
        definition = self.definition
        states = definition.states.values()
        listed = (key for state in states for key in (*state.forget, *(state.visible_context_keys or ())))
        given = (key for state in self.view.runs_in for key in (*state.inputs, *state.outputs))
        return definition.named_keys.union(listed, given) - {EVERYTHING}

    @cached_property
    def collected(self) -> frozenset[str]:
        """The keys that its states collect."""
        return collected_keys(self.definition)

    @cached_property
    def keys_outside(self) -> frozenset[str]:
        """The keys of the machine around that do not come in, by their names there."""
        around = self.view.outer
        return around.once(KnownNames).keys if around is not None else frozenset()

    @cached_property
    def roots(self) -> frozenset[str]:
        """All that a tag outside of sections may begin with."""
        return self.keys.union(MACHINE_KEYS, [STORE] if self.definition.store is not None else ())

    def near(self, name: str) -> str | None:
        """Return the key that a name misspells."""
        return self._near.meant_by(name)

    @cached_property
    def _near(self) -> MisspeltNames:
        return MisspeltNames(self.keys)

    def shows(self, state: State, root: str) -> bool:
        """Say whether texts for the model may show a key, or whatever else the name stands for, in a state."""
        shown = state.visible_context_keys
        return shown is None or root in shown or root in MACHINE_KEYS or self.is_lookup(root)

    def is_lookup(self, root: str) -> bool:
        """Say whether a name stands for what the store holds."""
        return root == STORE and self.definition.store is not None

"""`MachineView`: one machine of a definition as the checks see it, with the machines around it.

Checks of several rooms need the same knowledge of a machine: where its keys can be, which states are reached. Each asks
the view for it, by the class that works it out, and it is worked out once: `view.once(KeyFlow)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition, State

Known = TypeVar("Known")
"""The knowledge of a machine."""


@dataclass(frozen=True, slots=True)
class MachineView:
    """One machine of a definition, and where it runs."""

    definition: FSMDefinition
    """The machine itself."""
    path: str = ""
    """Where it stands in the document: `subflows.payment`; empty for the outermost one."""
    outer: MachineView | None = None
    """The machine under whose `subflows` it is written; `None` for the outermost one."""
    runs_in: tuple[State, ...] = ()
    """The states that run it: of the machine around it, and of those that this one has inside."""
    _known: dict[Callable[[MachineView], Any], Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The knowledge of it that somebody has asked for, by what works it out."""

    def once(self, work_out: Callable[[MachineView], Known]) -> Known:
        """Return the knowledge of this machine that a class or a function works out, the same for all that ask."""
        if work_out not in self._known:
            self._known[work_out] = work_out(self)
        found: Known = self._known[work_out]
        return found


def machine_views(definition: FSMDefinition) -> Iterator[MachineView]:
    """Yield a definition and each of its sub-machines, once each where it is written.

    A sub-machine that a machine around has under `subflows` stands once more in the one that runs it; it is gone
    through where it is written.
    """
    yield from _views(MachineView(definition))


def _views(view: MachineView) -> Iterator[MachineView]:
    yield view
    for name, inner in view.definition.subflows.items():
        if not _is_written_outside(view, name, inner):
            path = at("subflows", name) if not view.path else f"{view.path}.{at('subflows', name)}"
            yield from _views(MachineView(inner, path, view, _running(inner, view.definition)))


def _running(inner: FSMDefinition, around: FSMDefinition) -> tuple[State, ...]:
    found = {
        id(state): state
        for _, machine in around.machines()
        for state in machine.states.values()
        if state.subflow is not None and machine.subflows[state.subflow] == inner
    }
    return tuple(found.values())


def _is_written_outside(view: MachineView, name: str, inner: FSMDefinition) -> bool:
    around = view.outer
    while around is not None:
        if around.definition.subflows.get(name) == inner:
            return True
        around = around.outer
    return False

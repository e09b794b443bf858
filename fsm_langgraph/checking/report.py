"""A definition examined: every finding, in the order of the document, and what was not proved.

    findings(definition)     the findings that count: neither accepted nor, without `notes`, notes
    examine(definition)      all of it: findings, what the author accepts, what nobody could decide

A check is a function from one machine to its findings. Each room beside this module has a tuple of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.guards import GUARD_CHECKS
from fsm_langgraph.checking.keys import KEY_CHECKS
from fsm_langgraph.checking.machine_view import MachineView, machine_views
from fsm_langgraph.checking.structure import STRUCTURE_CHECKS
from fsm_langgraph.checking.texts import TEXT_CHECKS
from fsm_langgraph.definition import FSMDefinition

Check = Callable[[MachineView], Iterator[Finding]]
"""Finds what is wrong with one machine; the paths of its findings begin in that machine."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found in a definition."""

    findings: tuple[Finding, ...]
    """Everything that was found, notes too, in the order of the document."""


def findings(definition: FSMDefinition, *, notes: bool = False) -> list[Finding]:
    """Return what is wrong, or may be wrong, with a definition that loads, in the order of the document.

    Args:
        definition: The definition.
        notes: Whether to tell notes as well.
    """
    return [each for each in examine(definition).findings if notes or each.severity != "note"]


def examine(definition: FSMDefinition) -> Report:
    """Examine a definition with every check."""
    found = (
        finding.below(view.path) if view.path else finding
        for view in machine_views(definition)
        for check in (*STRUCTURE_CHECKS, *KEY_CHECKS, *GUARD_CHECKS, *TEXT_CHECKS)
        for finding in check(view)
    )
    return Report(tuple(dict.fromkeys(found)))

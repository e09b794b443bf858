"""A definition examined: every finding, in the order of the document, and what was not proved.

    findings(source)     the findings that count: neither accepted nor, without `notes`, notes
    examine(source)      all of it: the definition, findings, what the author accepts, what nobody could decide

A check is a function from one machine to its findings. Each room beside this module has a tuple of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from fsm_langgraph.checking.acceptances import Acceptances, AcceptedFinding
from fsm_langgraph.checking.access import ACCESS_CHECKS
from fsm_langgraph.checking.finding import Finding, as_finding
from fsm_langgraph.checking.guards import GUARD_CHECKS
from fsm_langgraph.checking.joined_findings import with_forgotten_targets, without_repeated
from fsm_langgraph.checking.keys import KEY_CHECKS
from fsm_langgraph.checking.machine_view import MachineView, machine_views
from fsm_langgraph.checking.placed_transitions import placed_transitions
from fsm_langgraph.checking.structure import STRUCTURE_CHECKS
from fsm_langgraph.checking.texts import TEXT_CHECKS
from fsm_langgraph.checking.trust import TRUST_CHECKS
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.loading import Source, in_document_order, origins_of, read_definition

Check = Callable[[MachineView], Iterator[Finding]]
"""Finds what is wrong with one machine; the paths of its findings begin in that machine."""

CHECKS: tuple[Check, ...] = (
    *STRUCTURE_CHECKS,
    *KEY_CHECKS,
    *TEXT_CHECKS,
    *TRUST_CHECKS,
    *ACCESS_CHECKS,
    *GUARD_CHECKS,
)
"""Every check."""
_PROVING: frozenset[Check] = frozenset({*ACCESS_CHECKS, *GUARD_CHECKS})
QUICK_CHECKS: tuple[Check, ...] = tuple(check for check in CHECKS if check not in _PROVING)
"""The checks that ask no prover, which takes its time."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found in a definition."""

    definition: FSMDefinition | None
    """The definition; `None` where errors keep it from loading."""
    findings: tuple[Finding, ...]
    """The findings, notes too, in the order of the document; those that are accepted are left out."""
    accepted: tuple[AcceptedFinding, ...] = ()
    """Those that are accepted, each with what the author says of it."""
    inner_files: tuple[Path, ...] = ()
    """The files of the machines that run inside, as far as they could be read."""

    def told(self, *, notes: bool) -> list[Finding]:
        """Return the findings, notes only where they are asked for."""
        return [each for each in self.findings if notes or each.severity != "note"]

    @property
    def not_proved(self) -> tuple[Finding, ...]:
        """Those of the findings that tell what nobody could decide."""
        return tuple(each for each in self.findings if each.code in ("not-proved", "undecided"))

    @property
    def assumptions(self) -> str:
        """The assumptions under which the findings are all that there is to find, as a sentence."""
        if self.definition is None:
            return ""
        is_closed = all(view.definition.context is not None for view in machine_views(self.definition))
        return _OF_CLOSED if is_closed else _OF_OPEN


_OF_CLOSED = (
    "True for every model and every user, where handlers and tools write only what is 'written_by: handler', the "
    "caller what is 'written_by: caller', and nobody edits the state."
)
_OF_OPEN = (
    "True for every model and every user, where nobody edits the state; what no 'context' declares, handlers and the "
    "caller may write."
)


def findings(
    source: Source,
    *,
    notes: bool = False,
    subflows: Mapping[str, Source] | None = None,
    root: str | Path | None = None,
) -> list[Finding]:
    """Return what is wrong, or may be wrong, with a definition, in the order of the document.

    What keeps it from loading is told too, as errors; then nothing else is looked for.

    Args:
        source: A definition, or where it is, as for `load_definition`.
        notes: Whether to tell notes as well.
        subflows: As for `load_definition`.
        root: As for `load_definition`.
    """
    return examine(source, subflows=subflows, root=root).told(notes=notes)


def examine(
    source: Source,
    *,
    subflows: Mapping[str, Source] | None = None,
    root: str | Path | None = None,
    checks: tuple[Check, ...] = CHECKS,
) -> Report:
    """Examine a definition; one that does not load has a report of its errors.

    Args:
        source: A definition, or where it is, as for `load_definition`.
        subflows: As for `load_definition`.
        root: As for `load_definition`.
        checks: The checks.
    """
    loaded = read_definition(source, subflows=subflows, root=root)
    definition = loaded.definition
    if definition is None:
        return Report(None, tuple(map(as_finding, loaded.problems)), inner_files=loaded.origins.inner_files)
    views = [*machine_views(definition)]
    found = without_repeated(
        [finding.below(view.path) for view in views for check in checks for finding in check(view)]
    )
    is_proved = {*checks} >= _PROVING
    if is_proved and find_spec("z3") is None and any(map(_has_guards, views)):
        found.append(_NOT_PROVED)
        is_proved = False
    acceptances = Acceptances(views)
    taken = {finding: acceptances.take(finding) for finding in found}
    left = with_forgotten_targets([finding for finding, accepted in taken.items() if accepted is None], views)
    left += acceptances.idle(left, is_proved=is_proved)
    of = {finding: accepted for finding, accepted in taken.items() if accepted is not None}
    return Report(
        definition,
        tuple(_located(definition, left)),
        tuple(replace(of[finding], finding=finding) for finding in _located(definition, of)),
        loaded.origins.inner_files,
    )


def _has_guards(view: MachineView) -> bool:
    return any(each.transition.conditions for each in placed_transitions(view.definition))


_NOT_PROVED = Finding(
    "",
    "not-proved",
    "no guard was proved, since z3 is missing: whether one never holds, always holds, or leaves a gap.",
    'Run: pip install "fsm-langgraph[check]"',
)


def _located(definition: FSMDefinition, found: Iterable[Finding]) -> list[Finding]:
    """Return findings with their places, in the order of the document, once each."""
    origins = origins_of(definition)
    placed = [replace(each, place=origins.place_of(each.path, words=each.words)) for each in found]
    if not origins.is_written:
        return in_document_order(placed, definition.model_dump(exclude_defaults=True))
    files = {text.file: index for index, text in enumerate(origins.texts.values()) if text is not None}
    order = {each: (files[each.place.file], each.place.line, each.place.column) for each in placed if each.place}
    return sorted(order, key=lambda each: order[each])

"""`CheckedFile`: one file as `check` has examined it, whatever form that is told in."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fsm_langgraph.checking.acceptances import AcceptedFinding
from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.report import Report
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import Place

STDIN = "<stdin>"
"""The name of what was read from the standard input."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was examined."""

    name: str
    """Its path as it was given, or `STDIN`."""
    definition: FSMDefinition | None
    """The definition, where it loads."""
    findings: tuple[Finding, ...]
    """The findings that are told, in the order of the document; notes only where they are asked for."""
    accepted: tuple[AcceptedFinding, ...] = ()
    """Those that the author accepts."""
    not_proved: tuple[Finding, ...] = ()
    """The notes of what nobody could decide, asked for or not."""
    assumptions: str = ""
    """The assumptions under which all this holds, as a sentence; empty where it does not load."""
    text: str | None = field(default=None, repr=False)
    """The text, where it did not come from a file."""

    def count(self, severity: str) -> int:
        """Return how many findings of a severity there are."""
        return sum(each.severity == severity for each in self.findings)

    def fails(self, *, strict: bool) -> bool:
        """Say whether a build is to fail: on errors, with `strict` on warnings too."""
        return bool(self.count("error") or (strict and self.count("warning")))

    def file_of(self, place: Place | None) -> str:
        """Return the file that a place lies in: this one, or that of a sub-machine."""
        return place.file if place is not None and place.file else self.name


def checked_file(
    name: str, report: Report, *, notes: bool, errors: Iterable[Finding] = (), text: str | None = None
) -> CheckedFile:
    """Return a file as it was examined.

    Args:
        name: Its path, or `STDIN`.
        report: The report on it.
        notes: Whether notes are told.
        errors: Errors that were found beside it, in the code for it.
        text: The text, where it did not come from a file.
    """
    told = (each for each in report.findings if notes or each.severity != "note")
    return CheckedFile(
        name,
        report.definition,
        (*errors, *told),
        report.accepted,
        report.not_proved,
        report.assumptions,
        text,
    )


def relative(name: str, folder: Path) -> str:
    """Return a path from a folder on, with slashes; as a whole where it lies elsewhere."""
    whole = os.path.normpath(folder.absolute() / name)
    try:
        return Path(whole).relative_to(os.path.normpath(folder.absolute())).as_posix()
    except ValueError:
        return Path(whole).as_posix()

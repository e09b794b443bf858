"""`CheckedFile`: one file as `check` has examined it, whatever form that is told in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.report import Report
from fsm_langgraph.errors import Place

if TYPE_CHECKING:  # they bring LangGraph with them, which is not needed to check a definition
    from fsm_langgraph.handlers import Handlers

STDIN = "<stdin>"
"""The name of what was read from the standard input."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was examined, and what is told of it."""

    name: str
    """Its path as it was given, or `STDIN`."""
    report: Report
    """All that was found in it."""
    findings: tuple[Finding, ...]
    """The findings that are told: those of the code for it, then those of the report, notes only if asked for."""
    text: str | None = field(default=None, repr=False)
    """The text, where it did not come from a file."""
    handlers: Handlers | None = None
    """The handlers for it, where they were loaded."""
    told_with: Mapping[Finding, str] = field(default_factory=dict)
    """Those of its findings that another file tells, which was examined beside it, each with that file's name."""

    def tells(self, finding: Finding) -> bool:
        """Say whether it tells a finding itself."""
        return finding not in self.told_with

    def count(self, severity: str) -> int:
        """Return how many findings of a severity are told."""
        return sum(each.severity == severity for each in self.findings)

    def fails(self, *, strict: bool) -> bool:
        """Say whether a build is to fail: on errors, with `strict` on warnings too."""
        return bool(self.count("error") or (strict and self.count("warning")))

    def file_of(self, place: Place | None) -> str:
        """Return the file that a place lies in: this one, or that of a sub-machine."""
        return place.file if place is not None and place.file else self.name


def relative(name: str, folder: Path) -> str:
    """Return a path from a folder on, with slashes; as a whole where it lies elsewhere."""
    whole = os.path.normpath(folder.absolute() / name)
    try:
        return Path(whole).relative_to(os.path.normpath(folder.absolute())).as_posix()
    except ValueError:
        return Path(whole).as_posix()

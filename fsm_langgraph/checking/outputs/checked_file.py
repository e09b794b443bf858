"""`CheckedFile`: one file as `check` has examined it, whatever form that is told in."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import Place

ASSUMED = (
    "for every model and every user, as long as handlers, tools and the caller write only the keys that 'written_by' "
    "gives them"
)
"""The assumptions of all that `check` says of a definition."""
STDIN = "<stdin>"
"""The name of what was read from the standard input."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that the author accepts."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was examined."""

    name: str
    """Its path as it was given, or `STDIN`."""
    definition: FSMDefinition | None
    """The definition, where it loads."""
    findings: tuple[Finding, ...]
    """The findings that are told, in the order of the document; notes only where they are asked for."""
    accepted: tuple[Accepted, ...] = ()
    """Those that the author accepts."""
    not_proved: tuple[Finding, ...] = ()
    """The notes of what nobody could decide, asked for or not."""
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


def relative(name: str, folder: Path) -> str:
    """Return a path from a folder on, with slashes; as a whole where it lies elsewhere."""
    whole = os.path.normpath(folder.absolute() / name)
    try:
        return Path(whole).relative_to(os.path.normpath(folder.absolute())).as_posix()
    except ValueError:
        return Path(whole).as_posix()

"""`Finding`, the unit of what `check` tells: a fault that keeps a definition from loading, or one of its meaning.

Faults of loading are made by `loading/` as `Problem` and told here as findings of severity `error`. Everything else is
found by the rooms beside this module, in a definition that loads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import JsonValue

from fsm_langgraph.checking.codes import code_named
from fsm_langgraph.errors import Place, Problem

Severity = Literal["error", "warning", "note"]
"""An `error` keeps a definition from loading; a `warning` may be meant so; a `note` is told only where asked for."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A context that shows a finding: the real evaluator agreed before it was told."""

    context: Mapping[str, JsonValue]
    """The context; a key that is not in it is absent."""
    written: frozenset[str] = frozenset()
    """Keys that were written, which count as answered though they have their default's value."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that `check` tells of a definition."""

    path: str
    """Where it is, from the root of the document: `states.greeting.transitions[0]`."""
    code: str
    """The name of this kind of finding, such as `unreachable-state`; one of `CODES`."""
    message: str
    """The finding, as a sentence."""
    advice: str = ""
    """The way to mend it."""
    witness: Witness | None = field(default=None, compare=False)
    """A context that shows it, where there is one to show."""
    words: str = field(default="", compare=False)
    """The words that it is about, in the text at its path: a tag. It stands where these do."""
    place: Place | None = field(default=None, compare=False)
    """Where that stands in the text, where it came from one."""

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place is not None else ""
        advice = f"\n  {self.advice}" if self.advice else ""
        kind = f"{self.severity} {self.number} {self.code}"
        return f"{place}{kind}: {self.path or '(root)'}: {self.message}{advice}"

    @property
    def number(self) -> str:
        """The number of its code, such as `FSM101`."""
        return code_named(self.code).number

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return code_named(self.code).severity

    def below(self, path: str) -> Finding:
        """Return the same finding, seen from a document that holds this one at `path`, or is it."""
        joiner = "" if not (path and self.path) or self.path.startswith("[") else "."
        return replace(self, path=f"{path}{joiner}{self.path}")


def as_finding(problem: Problem) -> Finding:
    """Tell a fault of loading as a finding."""
    return Finding(problem.path, problem.code, problem.message, problem.advice, place=problem.place)

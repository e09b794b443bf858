"""The figures of coverage: how much of each kind was seen, and the least that is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fsm_langgraph.errors import suggest
from fsm_langgraph.testing.coverage.coverable import KINDS, Kind
from fsm_langgraph.testing.coverage.coverage_error import CoverageError
from fsm_langgraph.testing.coverage.measured import Measured

PLURALS: Mapping[Kind, str] = {
    "state": "states",
    "transition": "transitions",
    "condition": "conditions",
    "comparison": "comparisons",
    "words": "words",
    "sub-machine": "sub-machines",
    "digression": "digressions",
    "handler": "handlers",
}
MAIN: tuple[Kind, ...] = ("state", "transition", "condition", "comparison")
"""The kinds for which a single number of `--fail-under` holds."""


@dataclass(frozen=True, slots=True)
class Figure:
    """How much of something was seen, in outcomes."""

    seen: int
    total: int

    @property
    def percent(self) -> float:
        """The share that was seen, cut to one place, so that 100 is all; 100 where there is nothing."""
        return self.seen * 1000 // self.total / 10 if self.total else 100.0

    def __str__(self) -> str:
        if self.seen == self.total:
            return "100%" if self.total else "-"
        return f"{self.seen}/{self.total} {self.percent:g}%"


def figures(measured: Iterable[Measured]) -> dict[Kind, Figure]:
    """Sum what was seen of some definitions, by kind."""
    counted = [{kind: each.counted(kind) for kind in KINDS} for each in measured]
    return {kind: Figure(sum(c[kind][0] for c in counted), sum(c[kind][1] for c in counted)) for kind in KINDS}


def read_limits(text: str) -> dict[Kind, float]:
    """Read the least that is wanted: `90`, for states, transitions, conditions and comparisons, or `states=100,…`.

    Raises:
        CoverageError: It is neither.
    """
    by_plural = {plural: kind for kind, plural in PLURALS.items()}
    limits: dict[Kind, float] = {}
    for part in text.split(","):
        name, equals, number = part.rpartition("=")
        try:
            limit = float(number)
        except ValueError:
            limit = -1
        if not 0 <= limit <= 100 or (equals and not name.strip()):
            form = "It is a percentage, or some of them: states=100,transitions=100,conditions=90."
            raise CoverageError(f"fail under {text!r}: {part.strip()!r} cannot be read.\n  {form}")
        if equals and name.strip() not in by_plural:
            advice = suggest(name.strip(), by_plural, noun="kinds")
            raise CoverageError(f"fail under {text!r}: nothing is named {name.strip()!r}.\n  {advice}")
        limits |= {by_plural[name.strip()]: limit} if equals else dict.fromkeys(MAIN, limit)
    return limits


def below(limits: Mapping[Kind, float], found: Mapping[Kind, Figure]) -> list[str]:
    """Say of each kind that is below its limit how much of it was seen; of nothing at all no limit is met."""
    if limits and not found["state"].total:
        return ["nothing was measured of any definition as it is now"]
    return [
        f"{PLURALS[kind]}: {found[kind]}, and {limit:g}% are wanted"
        for kind, limit in limits.items()
        if found[kind].seen * 100 < limit * found[kind].total
    ]

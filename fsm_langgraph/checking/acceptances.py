"""Findings that are meant so, as `check: {accept: […]}` says of them, and what is wrong with what it says.

An acceptance holds for findings of its code at its path and below. One that accepts nothing is told: it would silence
the next finding that comes there. A sub-machine's own acceptances hold in it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fsm_langgraph.checking.codes import CODES, Code, code_named
from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.data.json_data import Steps, at, steps_of
from fsm_langgraph.definition import Acceptance
from fsm_langgraph.errors import suggest


@dataclass(frozen=True, slots=True)
class AcceptedFinding:
    """A finding that is meant so."""

    finding: Finding
    acceptance: Acceptance
    """The words of the author on it."""


@dataclass(frozen=True, slots=True)
class _Stated:
    """An acceptance as it is written."""

    acceptance: Acceptance
    path: str
    """Where it stands."""
    code: Code | None
    """The code that it names, if there is one that can be accepted."""
    steps: Steps
    """The way to the part that it is of, from the root of the document."""


class Acceptances:
    """The acceptances of a definition and its sub-machines.

    Args:
        views: The machines.
    """

    def __init__(self, views: Iterable[MachineView]) -> None:
        self._stated = [stated for view in views for stated in _stated_in(view)]
        self._at: dict[tuple[str, Steps], _Stated] = {}
        for stated in self._stated:
            if stated.code is not None:
                self._at.setdefault((stated.code.name, stated.steps), stated)
        self._used: set[str] = set()
        self._undecided: set[Steps] = set()

    def take(self, finding: Finding) -> AcceptedFinding | None:
        """Return a finding with the nearest acceptance that it has; `None` where it has none."""
        steps = steps_of(finding.path) or ()
        if finding.code == "undecided":
            self._undecided.add(steps)
        ways = ((finding.code, outer) for outer in _outwards(steps))
        holding = [self._at[way] for way in ways if way in self._at]
        self._used |= {stated.path for stated in holding}
        return AcceptedFinding(finding, holding[0].acceptance) if holding else None

    def idle(self, left: Sequence[Finding], *, is_proved: bool) -> Iterator[Finding]:
        """Find the acceptances that accept nothing, when every finding was taken.

        Args:
            left: The findings that are not accepted.
            is_proved: Whether a prover was asked: else nobody knows what would be found of them.
        """
        around = {outer for undecided in self._undecided for outer in _outwards(undecided)}
        elsewhere = {finding.code: finding.path for finding in reversed(left)}
        for stated in self._stated:
            code = stated.code
            if code is None:
                yield _not_accepted(stated)
            elif self._at[code.name, stated.steps] is not stated or stated.path in self._used:
                continue
            elif code.name not in _OF_PROVER and (is_proved or not code.number.startswith(_PROVED)):
                is_undecided = stated.steps in around or not self._undecided.isdisjoint(_outwards(stated.steps))
                if not (is_undecided and code.number.startswith(_PROVED)):
                    yield _stale(code, stated.acceptance, stated.path, elsewhere.get(code.name))


_OF_PROVER = ("not-proved", "undecided")
"""Codes of what depends on a prover, which may be missing, and on the time that it has."""
_PROVED = ("FSM3", "FSM44")
"""The numbers of what a prover finds, of guards and privileges, begin so."""


def _stale(code: Code, acceptance: Acceptance, path: str, other: str | None) -> Finding:
    where = repr(acceptance.at) if acceptance.at else "the root"
    found = f"It is found at {other!r}: accept it there, or mend it.  " if other is not None else ""
    return Finding(
        path,
        "stale-acceptance",
        f"{code.name!r} is accepted at {where}, and is not found there.",
        f"{found}Remove this one, or else it silences what comes there next.",
    )


def _outwards(steps: Steps) -> Iterator[Steps]:
    """Go through a part and those around it, to the root."""
    return (steps[:length] for length in range(len(steps), -1, -1))


def _stated_in(view: MachineView) -> Iterator[_Stated]:
    around = steps_of(view.path) or ()
    for index, acceptance in enumerate(view.definition.check.accept):
        path = at(*around, "check", "accept", index)
        steps = (*around, *(steps_of(acceptance.at) or ()))
        yield _Stated(acceptance, path, _acceptable(acceptance.code), steps)


def _acceptable(named: str) -> Code | None:
    try:
        code = code_named(named)
    except KeyError:
        return None
    return None if code.severity == "error" or code.name in _OF_ACCEPTANCES else code


_OF_ACCEPTANCES = ("unknown-acceptance", "stale-acceptance")


def _not_accepted(stated: _Stated) -> Finding:
    path, named = f"{stated.path}.code", stated.acceptance.code
    try:
        code = code_named(named)
    except KeyError:
        names = [code.name for code in CODES.values() if _is_accepted(code)]
        numbers = [code.number for code in CODES.values() if _is_accepted(code)]
        advice = suggest(named, numbers if named.upper().startswith("FSM") else names, noun="codes")
        return Finding(path, "unknown-acceptance", f"there is no code {named!r}, so that it accepts nothing.", advice)
    reason = (
        "an error, which keeps the definition from loading whatever is said of it"
        if code.severity == "error"
        else "told of acceptances, which are mended themselves"
    )
    return Finding(path, "unknown-acceptance", f"{named!r} cannot be accepted: it is {reason}.", "Remove it.")


def _is_accepted(code: Code) -> bool:
    return _acceptable(code.name) is not None

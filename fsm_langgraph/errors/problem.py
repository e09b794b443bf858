"""`Problem`, the unit in which faults are told, and the advice for a name that there is not: the nearest known one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text."""

    file: str
    """The path of the file; empty where the text came without one."""
    line: int
    """From 1 on."""
    column: int
    """From 1 on, in characters."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.file else f"line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault, found in a definition or in an expression."""

    path: str
    """Where it is, from the root of the document: `states.greeting.transitions[0].target_state`."""
    code: str
    """A stable name for this kind of fault, such as `unknown-target`."""
    message: str
    """The fault, as a sentence."""
    advice: str = ""
    """The next thing to do; empty where the message says it all."""
    words: str = field(default="", compare=False)
    """The words that it is about, in the text at its path: a tag. It stands where these do."""
    place: Place | None = field(default=None, compare=False)
    """Where that stands in the text, where it came from one."""

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        path = f"{self.path or '(root)'}: " if self.path or not self.place else ""
        advice = f"\n  {self.advice}" if self.advice else ""
        return f"{place}{path}{self.message}{advice}"

    def below(self, path: str) -> Problem:
        """Return the same problem, seen from a document that holds this one at `path`."""
        joiner = "" if not self.path or self.path.startswith("[") else "."
        return replace(self, path=f"{path}{joiner}{self.path}")


def suggest(name: str, known: Iterable[str], *, noun: str) -> str:
    """Build the advice for an unknown name: the nearest known one, and what there is."""
    names = sorted(known)
    if not names:
        return f"There are no {noun}."
    # Of names that are equally near, the one that begins alike: after "=" comes "==" and not ">=".
    near = difflib.get_close_matches(name, _comparable(name, names))
    near.sort(key=lambda other: not other.startswith(name))
    listed = ", ".join(repr(n) for n in names[:12]) + (", …" if len(names) > 12 else "")
    return (f"Did you mean {near[0]!r}?  " if near else "") + f"{noun.capitalize()}: {listed}."


def _comparable(name: str, names: list[str]) -> list[str]:
    """Return the names worth comparing; of many, those that begin alike, as comparing takes its time."""
    if len(name) > _LONGEST:
        return []
    alike = names if len(names) <= _MOST else [other for other in names if other[:1] == name[:1]][:_MOST]
    return [other for other in alike if len(other) <= _LONGEST]


_MOST = 100
"""How many names are compared."""
_LONGEST = 48
"""How long a name is that is compared."""


def misspelt(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that this one misspells by one letter: too many, missing, wrong, or in the wrong place."""
    return next((other for other in known if name != other and len(other) > 2 and _is_one_slip(name, other)), None)


def _is_one_slip(one: str, other: str) -> bool:
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, others = one[start:], other[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return rest[1:] == others or rest == others[1:] or rest[1:] == others[1:] or swapped == others

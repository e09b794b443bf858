"""Shapes: the values that a part of a guard can have, each with the condition under which it has it.

A key that holds a whole number or nothing has two cases: absent, and some number. Operators go from the cases of
their arguments to those of their result. Where all arguments are exact, the real operator computes it.

    Exact      this JSON value, or nowhere
    Quantity   some number, of which more is said by terms
    SomeText   some text that is none of those with cases of their own; never empty
    SomeList   some list that is none of those; never empty
    SomeObject some object that is none of those; never empty
    Selection  those of a few values whose conditions hold, as a list
    Row        a list of shapes
    Unclear    nobody knows; the same name stands for the same value
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from fsm_langgraph.checking.proving.terms import FALSE, Linear, Term, all_of, any_of, negated

NOWHERE: Any = type("Nowhere", (), {"__repr__": lambda _: "NOWHERE"})()
"""Stands for the value of what is not there."""


@dataclass(frozen=True, slots=True)
class Exact:
    """One value."""

    value: Any
    """The value; `NOWHERE` for none."""
    name: str = field(init=False)
    """The same for the same value, and for no other."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"={self.value!r}")


@dataclass(frozen=True, slots=True)
class Quantity:
    """Some number."""

    sum: Linear
    """The number."""
    is_whole: bool
    """Whether it is an integer, with which Python calculates exactly."""

    @property
    def name(self) -> str:
        """The same for the same number: 1 is not 1.0, with which sums are rounded."""
        return f"#{'i' if self.is_whole else ''}{self.sum.summands}{self.sum.constant}"


@dataclass(frozen=True, slots=True)
class SomeText:
    """Some text."""

    place: str
    """The name of the place that it stands in."""

    @property
    def name(self) -> str:
        """The same for the same text."""
        return f"text {self.place}"


@dataclass(frozen=True, slots=True)
class SomeList:
    """Some list."""

    place: str
    """The name of the place that it stands in."""

    @property
    def name(self) -> str:
        """The same for the same list."""
        return f"list {self.place}"


@dataclass(frozen=True, slots=True)
class SomeObject:
    """Some object."""

    place: str
    """The name of the place that it stands in."""

    @property
    def name(self) -> str:
        """The same for the same object."""
        return f"object {self.place}"


@dataclass(frozen=True, slots=True)
class Selection:
    """A list of those values whose terms are true."""

    name: str
    """The same for the same list."""
    items: tuple[tuple[Term, Any], ...]
    """The values with their terms, in order."""


@dataclass(frozen=True, slots=True)
class Row:
    """A list of so many shapes, not all of them exact."""

    items: tuple[Shape, ...]
    """The shapes of its items."""

    @property
    def name(self) -> str:
        """The same for the same list."""
        return f"[{','.join(item.name for item in self.items)}]"


@dataclass(frozen=True, slots=True)
class Unclear:
    """Something that is not expressed in terms."""

    name: str
    """The same for the same value."""
    operator: str
    """The operator that is the reason."""


Shape = Exact | Quantity | SomeText | SomeList | SomeObject | Selection | Row | Unclear
Cases = tuple[tuple[Term, Shape], ...]
"""Shapes with their conditions, of which exactly one is true."""

NULL = Exact(None)
YES = Exact(True)
NO = Exact(False)


def gathered(cases: Iterable[tuple[Term, Shape]]) -> Cases:
    """Return the cases without those that cannot be, each shape once."""
    shapes: dict[str, Shape] = {}
    terms: dict[str, list[Term]] = {}
    for term, shape in cases:
        if term is not FALSE:
            name = shape.name
            shapes[name] = shape
            terms.setdefault(name, []).append(term)
    return tuple((any_of(terms[name]), shape) for name, shape in shapes.items())


def under(condition: Term, cases: Cases) -> Cases:
    """Return the cases where a condition holds as well."""
    return tuple((all_of((condition, term)), shape) for term, shape in cases)


def as_cases(truth: Term) -> Cases:
    """Return the cases of a truth value."""
    return gathered(((truth, YES), (negated(truth), NO)))

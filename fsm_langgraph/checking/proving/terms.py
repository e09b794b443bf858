"""Terms: the propositions and the linear arithmetic of which a formula is made, before any solver sees them.

They are simplified while they are made: what is constant is gone, so most guards come out small and many as plain
true or false. `solver.py` writes them for z3; `truth_in` evaluates them where the variables are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Rational = int | Fraction


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of numeric variables, each times a number, and a number."""

    summands: tuple[tuple[str, Rational], ...]
    """The variables with their factors, in the order of their names; no factor is 0."""
    constant: Rational = 0
    """The number that is added."""

    def plus(self, other: Linear, factor: Rational = 1) -> Linear:
        """Return the sum of this and `factor` times the other."""
        sums = dict(self.summands)
        for name, each in other.summands:
            sums[name] = sums.get(name, 0) + each * factor
        summands = tuple(sorted((name, each) for name, each in sums.items() if each))
        return Linear(summands, self.constant + other.constant * factor)

    def times(self, factor: Rational) -> Linear:
        """Return this times a number."""
        return Linear((), 0).plus(self, factor)


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A proposition."""

    kind: Literal["constant", "variable", "not", "and", "or", "negative", "zero"]
    """Its form: `negative` and `zero` say so of a sum."""
    of: tuple[Term, ...] = ()
    """The terms that it is made of."""
    name: str = ""
    """The name of a variable; of the constants, `true`."""
    sum: Linear | None = None
    """The sum that is negative, or zero."""


TRUE = Term("constant", name="true")
FALSE = Term("constant")


def constant(value: bool) -> Term:  # it is what the term says
    """Return the term that is always, or never, true."""
    return TRUE if value else FALSE


def negated(term: Term) -> Term:
    """Return the opposite of a term."""
    if term.kind == "constant":
        return FALSE if term is TRUE else TRUE
    return term.of[0] if term.kind == "not" else Term("not", (term,))


def all_of(terms: Iterable[Term]) -> Term:
    """Return the term that is true where all of these are."""
    return _joined("and", terms, TRUE, FALSE)


def any_of(terms: Iterable[Term]) -> Term:
    """Return the term that is true where one of these is."""
    return _joined("or", terms, FALSE, TRUE)


def is_negative(total: Linear) -> Term:
    """Return the term that says that a sum is below 0."""
    return constant(total.constant < 0) if not total.summands else Term("negative", sum=total)


def is_zero(total: Linear) -> Term:
    """Return the term that says that a sum is 0."""
    return constant(total.constant == 0) if not total.summands else Term("zero", sum=total)


def parts_first(terms: Iterable[Term]) -> Iterator[Term]:
    """Yield the terms and all that they are made of, once each, what a term is made of before it."""
    done: set[int] = set()
    waiting = [*terms][::-1]
    while waiting:
        term = waiting[-1]
        if id(term) in done:
            waiting.pop()
        elif below := [part for part in term.of if id(part) not in done]:
            waiting += below
        else:
            waiting.pop()
            done.add(id(term))
            yield term


def truth_in(term: Term, propositions: Mapping[str, bool], numbers: Mapping[str, Rational]) -> bool | None:
    """Evaluate a term.

    Args:
        term: The term.
        propositions: The variables that are true or false; one that is missing may be either.
        numbers: The numeric variables.

    Returns:
        The truth, or `None` where it depends on what is missing.
    """
    known: dict[int, bool | None] = {}
    for each in parts_first([term]):
        known[id(each)] = _truth(each, [known[id(part)] for part in each.of], propositions, numbers)
    return known[id(term)]


def _joined(kind: Literal["and", "or"], terms: Iterable[Term], neutral: Term, final: Term) -> Term:
    found: dict[int, Term] = {}
    denied: set[int] = set()
    for term in terms:
        if term is final:
            return final
        for part in term.of if term.kind == kind and len(term.of) <= _FEW else (term,):
            if part is neutral:
                continue
            found[id(part)] = part
            if part.kind == "not":
                denied.add(id(part.of[0]))
    if not denied.isdisjoint(found):
        return final
    if not found:
        return neutral
    if len(found) == 1:
        return next(iter(found.values()))
    return Term(kind, tuple(found.values()))


_FEW = 8
"""How many parts a term has at most that is taken apart: one with many is shared as it is."""


def _truth(
    term: Term, parts: list[bool | None], propositions: Mapping[str, bool], numbers: Mapping[str, Rational]
) -> bool | None:
    match term.kind:
        case "constant":
            return term is TRUE
        case "variable":
            return propositions.get(term.name)
        case "not":
            return None if parts[0] is None else not parts[0]
        case "and":
            return False if False in parts else None if None in parts else True
        case "or":
            return True if True in parts else None if None in parts else False
    total: Rational = term.sum.constant if term.sum is not None else 0
    for name, factor in term.sum.summands if term.sum is not None else ():
        if name not in numbers:
            return None
        total += numbers[name] * factor
    return total < 0 if term.kind == "negative" else total == 0

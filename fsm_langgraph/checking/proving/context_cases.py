"""The cases of a context: what each key, and each part of its value that a guard reads, can be.

A place is a key, a member of an object or an item of a list. Each has variables that say which of its cases it is, and
what is asked of those cases that stand for many values: a number, how a text sorts, whether a list has an item. The
latter are facets: each knows how to tell its truth from a value, which is how a witness is built, and how the encoding
is compared with the evaluator.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.checking.proving.domains import Domain, inside
from fsm_langgraph.checking.proving.relevant_values import texts_of
from fsm_langgraph.checking.proving.shapes import (
    NOWHERE,
    NULL,
    Cases,
    Exact,
    Quantity,
    Shape,
    SomeList,
    SomeObject,
    SomeText,
)
from fsm_langgraph.checking.proving.terms import (
    FALSE,
    TRUE,
    Linear,
    Rational,
    Term,
    all_of,
    any_of,
    is_negative,
    is_zero,
    negated,
)
from fsm_langgraph.context.values import MAX_DEPTH
from fsm_langgraph.logic.coercion import leading_number, number, text
from fsm_langgraph.logic.limits import Meter

Facet = Callable[[Any], bool]
"""Tells from a value whether something is true of it."""


@dataclass(slots=True)
class Site:
    """A place in the context."""

    name: str
    """Its name: a key's own, or those of the steps that lead to it, with U+0000 between them."""
    domain: Domain
    """The values that it can hold."""
    cases: Cases = ()
    """The shapes that it can have."""
    choices: tuple[str, ...] = ()
    """The variables of its cases, one for each."""
    pool: tuple[JsonValue, ...] = ()
    """The values that have cases of their own."""
    facets: dict[str, Facet] = field(default_factory=dict)
    """The variables that tell something of the value that it has, where that has no case of its own."""
    members: dict[str, Site] = field(default_factory=dict)
    """Its members, where it is an object."""
    readings: dict[str, Callable[[Any], float]] = field(default_factory=dict)
    """The numeric variables that tell which number a text is read as."""
    joins: tuple[str, ...] | None = None
    """The texts of which it is made, with commas between them, where it is the text of a list of such items."""
    as_text: Site | None = None
    """The place of its text, where it is a list."""
    items: dict[int, Site] = field(default_factory=dict)
    """Its items, where it is a list."""
    depth: int = 0
    """The number of steps that lead to it from the key."""


class ContextCases:
    """The cases of all keys that have been asked for.

    Args:
        domain_of: Tells what a key can hold.
        constants: The constants by the keys that they are compared with, under `""` all of them.
    """

    def __init__(self, domain_of: Callable[[str], Domain], constants: Mapping[str, list[JsonValue]]) -> None:
        self._domain_of = domain_of
        self._constants = constants
        self.keys: dict[str, Site] = {}
        self.by_name: dict[str, Site] = {}
        self.whole: dict[str, bool] = {}
        """The numeric variables, each with whether it is an integer."""
        self.constraints: list[Term] = []
        """Terms that are true besides."""
        self.groups: list[tuple[str, ...]] = []
        """Variables of which exactly one is true."""
        self._texts: list[str] = []
        self._ranks: list[Rational] = []
        for known in sorted({*texts_of(constants.get("", ())), *chain(*_BOUNDS.values())}):
            self._texts.append(known)
            self._ranks.append(len(self._ranks))

    def of_key(self, key: str) -> Cases:
        """Return the cases of a key of the context."""
        if key not in self.keys:
            self.keys[key] = self._site(key, self._domain_of(key), self.constants_near(key))
        return self.keys[key].cases

    def of_member(self, holder: SomeObject, name: str) -> Cases:
        """Return the cases of an object's member."""
        site = self.by_name[holder.place]
        if site.depth == MAX_DEPTH:
            return ((TRUE, Exact(NOWHERE)),)
        if name not in site.members:
            constants = self.constants_near(site.name)
            site.members[name] = self._site(f"{site.name}\0{name}", inside(None), constants, site.depth + 1)
        return site.members[name].cases

    def of_item(self, holder: SomeList, index: int) -> Cases:
        """Return the cases of a list's item, which is there if the list is long enough."""
        site = self.by_name[holder.place]
        if site.depth == MAX_DEPTH:
            return ((TRUE, Exact(NOWHERE)),)
        if index not in site.items:
            declaration = site.domain.declaration
            domain = inside(declaration.items if declaration is not None else None)
            made = self._site(f"{site.name}\0\0{index}", domain, self.constants_near(site.name), site.depth + 1)
            site.items[index] = made
            is_beyond = is_negative(self.length(holder).plus(Linear((), -index - 1)))
            is_absent = made.cases[0][0]
            self.constraints += [any_of((negated(is_absent), is_beyond)), any_of((is_absent, negated(is_beyond)))]
        return site.items[index].cases

    def length(self, shape: SomeText | SomeList | SomeObject) -> Linear:
        """Return the number of characters, items or members of a value that has one at least."""
        name = f"{shape.place}|length"
        if name not in self.whole:
            self.whole[name] = True
            self.constraints.append(negated(is_negative(Linear(((name, 1),), -1))))
        return Linear(((name, 1),))

    def order(self, text: SomeText) -> Linear:
        """Return where a text stands among all texts."""
        name = f"{text.place}|order"
        if name not in self.whole:
            self.whole[name] = False
            form, own = self._form(text), Linear(((name, 1),))
            if form in _BOUNDS:
                low, high = _BOUNDS[form]
                self.constraints.append(negated(is_negative(own.plus(self.rank(low), -1))))
                self.constraints.append(negated(is_negative(self.rank(high).plus(own, -1))))
        return Linear(((name, 1),))

    def rank(self, text: str) -> Linear:
        """Return where a text stands that is known."""
        at = bisect_left(self._texts, text)
        if at == len(self._texts) or self._texts[at] != text:
            below = self._ranks[at - 1] if at else -1
            above = self._ranks[at] if at < len(self._ranks) else below + 2
            self._texts.insert(at, text)
            self._ranks.insert(at, Fraction(below + above, 2))
        return Linear((), self._ranks[at])

    def around(self, rank: Rational) -> tuple[str, str, Fraction]:
        """Return the known texts around a place among all texts, and how far between them it is; 1 is the second."""
        at = bisect_left(self._ranks, rank)
        low, below = (self._texts[at - 1], self._ranks[at - 1]) if at else ("", self._ranks[0] - 1)
        high, above = (self._texts[at], self._ranks[at]) if at < len(self._texts) else ("", below + 1)
        return low, high, min(Fraction(rank - below) / Fraction(above - below), Fraction(1))

    def numeral(self, text: SomeText) -> tuple[Term, Linear]:
        """Return whether a text is a number, and which one."""
        if self._form(text) is not None:
            return FALSE, Linear((), 0)
        return self._read_as(text, "value", lambda value: number(value, Meter()))

    def leading_numeral(self, text: SomeText) -> tuple[Term, Linear]:
        """Return whether a text begins with a number, and with which one."""
        return self._read_as(text, "leading value", lambda value: leading_number(value, Meter()))

    def _read_as(self, text: SomeText, what: str, read: Callable[[Any], float]) -> tuple[Term, Linear]:
        name = f"{text.place}|{what}"
        joins = self.by_name[text.place].joins
        if joins is not None and not any(map(_begins_like_a_number, joins)):
            return FALSE, Linear((), 0)
        self.whole.setdefault(name, False)
        self.by_name[text.place].readings[name] = read
        return self.facet(text.place, f"has {what}", lambda value: read(value) == read(value)), Linear(((name, 1),))

    def text_of(self, some: SomeList) -> SomeText:
        """Return the text that a list is where it is compared with what is no list."""
        site = self.by_name[some.place]
        if site.as_text is None:
            site.as_text = Site(f"{site.name}\0\0text", inside(None), joins=_texts_of_items(site.domain))
            self.by_name[site.as_text.name] = site.as_text
        return SomeText(site.as_text.name)

    def is_text(self, text: SomeText, value: str) -> Term:
        """Return whether a text is this one."""
        site = self.by_name[text.place]
        if value in site.pool or not site.domain.holds(value):
            return FALSE
        if site.joins is not None and not _is_joined(value, site.joins):
            return FALSE
        return is_zero(self.order(text).plus(self.rank(value), -1))

    def plain(self) -> Term:
        """Return the term that no key and no part of one is a list or an object that has no case of its own.

        Those that a path leads into are plain enough.
        """
        return all_of(
            negated(term)
            for site in self.by_name.values()
            for term, shape in site.cases
            if (isinstance(shape, SomeList) and not site.items) or (isinstance(shape, SomeObject) and not site.members)
        )

    def facet(self, holder: str, name: str, facet: Facet) -> Term:
        """Return a variable that says something of a value that has no case of its own."""
        variable = f"{holder}|{name}"
        self.by_name[holder].facets[variable] = facet
        return Term("variable", name=variable)

    def constants_near(self, place: str) -> list[JsonValue]:
        """Return the constants with which the key is compared that a place belongs to."""
        return self._constants.get(place.partition("\0")[0], [])

    def whole_number(self, name: str) -> Linear:
        """Return a numeric variable of its own, an integer."""
        self.whole[name] = True
        return Linear(((name, 1),))

    def decimal(self, name: str) -> tuple[Linear, bool]:
        """Return a numeric variable of its own, and whether nobody has asked for it before."""
        is_new = name not in self.whole
        self.whole[name] = False
        return Linear(((name, 1),)), is_new

    def _form(self, text: SomeText) -> str | None:
        declaration = self.by_name[text.place].domain.declaration
        return declaration.format if declaration is not None else None

    def _site(self, name: str, domain: Domain, constants: Iterable[JsonValue], depth: int = 0) -> Site:
        site = Site(name, domain, pool=domain.storable((*domain.members, *constants)), depth=depth)
        self.by_name[name] = site
        shapes: list[Shape] = [Exact(NOWHERE)] if domain.may_be_absent else []
        shapes += [NULL] if domain.may_be_null else []
        shapes += [Exact(value) for value in site.pool if domain.is_apart(value)]
        shapes += [*self._open(site)]
        if len(shapes) == 1:
            site.cases = ((TRUE, shapes[0]),)
            return site
        site.choices = tuple(f"{name}|{index}" for index in range(len(shapes)))
        site.cases = tuple(
            (Term("variable", name=choice), shape) for choice, shape in zip(site.choices, shapes, strict=True)
        )
        self.groups.append(site.choices)
        return site

    def _open(self, site: Site) -> Iterator[Shape]:
        """Yield the shapes that stand for many values."""
        for kind in site.domain.kinds:
            match kind:
                case "number" | "integer":
                    yield self._quantity(site, is_whole=kind == "integer")
                case "string":
                    yield SomeText(site.name)
                case "array":
                    yield SomeList(site.name)
                case "object":
                    yield SomeObject(site.name)

    def _quantity(self, site: Site, *, is_whole: bool) -> Quantity:
        name = f"{site.name}|number"
        self.whole[name] = is_whole
        own = Linear(((name, 1),))
        declared = site.domain.declaration
        low = declared.minimum if declared is not None else None
        high = declared.maximum if declared is not None else None
        for bound in (low, -(2**63) if is_whole else None):
            if bound is not None:
                self.constraints.append(negated(is_negative(own.plus(Linear((), exactly(bound)), -1))))
        for bound in (high, 2**64 - 1 if is_whole else None):
            if bound is not None:
                self.constraints.append(negated(is_negative(Linear((), exactly(bound)).plus(own, -1))))
        return Quantity(own, is_whole)


def exactly(value: float) -> Rational:
    """Return a finite number as Python's exact arithmetic has it."""
    return value if isinstance(value, int) else Fraction(value)


def _texts_of_items(domain: Domain) -> tuple[str, ...] | None:
    """Return the texts of a list's items, where only so many can be."""
    items = domain.declaration.items if domain.declaration is not None else None
    if items is None or items.enum is None:
        return None
    return tuple(text(value, Meter()) for value in items.enum)


def _begins_like_a_number(value: str) -> bool:
    begin = value.strip()[:1]
    return not begin.isalpha()


def _is_joined(value: str, parts: tuple[str, ...]) -> bool:
    """Say whether a text is made of these, with commas between them."""
    ends = {-1}  # where a part may begin, less one
    for at in range(len(value) + 1):
        if at == len(value) or value[at] == ",":
            ends |= {at for start in ends if value[start + 1 : at] in parts}
    return len(value) in ends


_BOUNDS: dict[str | None, tuple[str, str]] = {
    "date": ("0001-01-01", "9999-12-31"),
    "date-time": ("0001-01-01", "9999-12-32"),
    "time": ("00:00", "24"),
}
"""Texts before and after all of a form."""

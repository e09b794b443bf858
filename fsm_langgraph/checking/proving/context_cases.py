"""The cases of a context: what each key, and each part of its value that a guard reads, can be.

A place is a key, a member of an object or an item of a list. Each has variables that say which of its cases it is, and
what is asked of those cases that stand for many values: a number, how a text sorts, whether a list has an item. The
latter are facets: each knows how to tell its truth from a value, which is how a witness is built, and how the encoding
is compared with the evaluator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction

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
from fsm_langgraph.checking.proving.sites import Site
from fsm_langgraph.checking.proving.terms import (
    TRUE,
    Linear,
    Rational,
    Term,
    all_of,
    any_of,
    is_negative,
    negated,
)
from fsm_langgraph.checking.proving.text_cases import TextCases
from fsm_langgraph.context.json_values import MAX_DEPTH


class ContextCases(TextCases):
    """The cases of all keys that have been asked for.

    Args:
        domain_of: Tells what a key can hold.
        constants: The constants by the keys that they are compared with, under `""` all of them.
    """

    def __init__(self, domain_of: Callable[[str], Domain], constants: Mapping[str, list[JsonValue]]) -> None:
        super().__init__(texts_of(constants.get("", ())))
        self._domain_of = domain_of
        self._constants = constants
        self.keys: dict[str, Site] = {}
        self.groups: list[tuple[str, ...]] = []
        """Variables of which exactly one is true."""

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

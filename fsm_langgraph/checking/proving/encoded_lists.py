"""The operators `in contains merge` on shapes.

Whether a list has an item, and whether a text has a part, are propositions of their own: facets of the place.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.checking.proving.context_cases import ContextCases, exactly
from fsm_langgraph.checking.proving.domains import inside
from fsm_langgraph.checking.proving.encoded_comparisons import is_identical, unclear
from fsm_langgraph.checking.proving.encoded_texts import as_text
from fsm_langgraph.checking.proving.shapes import (
    NOWHERE,
    Exact,
    Quantity,
    Row,
    Shape,
    SomeList,
    SomeObject,
    SomeText,
    Unclear,
)
from fsm_langgraph.checking.proving.terms import FALSE, TRUE, Linear, Rational, Term, any_of, constant, is_zero, negated
from fsm_langgraph.checking.proving.text_terms import KnownText, TextFact
from fsm_langgraph.logic.coercion import LISTS, number, text
from fsm_langgraph.logic.limits import Meter
from fsm_langgraph.logic.sequences import holds


def is_in(cases: ContextCases, needle: Shape, haystack: Shape) -> Term:
    """Return whether `in` holds, of which one side at least is not exact."""
    match haystack:
        case Unclear():
            return unclear("in", needle, haystack)
        case Row(items):
            return any_of(is_identical(cases, item, needle) for item in items)
        case SomeList():
            return _has_item(cases, haystack, needle)
        case SomeText():
            return _has_part(cases, haystack, needle)
        case Exact(list() | tuple() as values):
            return is_among(cases, needle, values)
        case Exact(str() as whole):
            return _is_part(cases, needle, whole)
    return FALSE


def contains(cases: ContextCases, haystack: Shape, needle: Shape) -> Term:
    """Return whether `contains` holds, of which one side at least is not exact."""
    match haystack, needle:
        case SomeObject(), Exact(str() as key):
            absent = [term for term, shape in cases.of_member(haystack, key) if shape == Exact(NOWHERE)]
            return negated(any_of(absent))
        case SomeObject(), SomeText() | Unclear():
            return unclear("contains", haystack, needle)
        case Exact(dict()), SomeText() | Unclear():
            return unclear("contains", haystack, needle)
    return is_in(cases, needle, haystack)


def is_among(cases: ContextCases, needle: Shape, values: Iterable[JsonValue]) -> Term:
    """Return whether one of the values is `===` a shape."""
    return any_of(is_identical(cases, Exact(value), needle) for value in values)


def joined(shapes: Iterable[Shape]) -> Shape:
    """Return the list that `merge` makes, of which not all parts are exact."""
    items: list[Shape] = []
    for shape in shapes:
        match shape:
            case Exact(list() | tuple() as values):
                items += [Exact(value) for value in values]
            case Row(inner):
                items += inner
            case SomeList() | Unclear():
                return Unclear(f"merge({','.join(each.name for each in shapes)})", "merge")
            case _:
                items.append(shape)
    return Row(tuple(items))


def _has_item(cases: ContextCases, some: SomeList, needle: Shape) -> Term:
    if not isinstance(needle, Exact):
        return unclear("in", needle, some)
    wanted = needle.value
    declaration = cases.by_name[some.place].domain.declaration
    domain = inside(declaration.items if declaration is not None else None)
    if wanted != wanted or not (domain.holds(wanted) or (wanted is None and domain.may_be_null)):
        return FALSE

    def has(value: Any) -> bool:
        return isinstance(value, LISTS) and holds(value, wanted, Meter())

    return cases.facet(some.place, f"has item {needle.name}", has)


def _has_part(cases: ContextCases, some: SomeText, needle: Shape) -> Term:
    if not isinstance(needle, Exact):
        return _has_text(cases, some, needle)
    if needle.value is None:
        return FALSE
    part = text(needle.value, Meter())
    if not part:
        return TRUE
    has = cases.facet(some.place, f"has part {part}", lambda value: isinstance(value, str) and part in value)
    cases.say(some, f"has part {part}", lambda own: TextFact("has part", (own, KnownText(part)), has))
    return has


def _has_text(cases: ContextCases, some: SomeText, needle: Shape) -> Term:
    """Return whether a text has another one in it, which is said of them alone."""
    part = as_text(cases, needle)
    if part is None:
        return unclear("in", needle, some)
    texts = cases.written(some), part
    has = Term("variable", name=f"{some.place}|has the text {needle.name}")
    cases.say(some, f"has {needle.name}", lambda _: TextFact("has part", texts, has))
    return has


def _is_part(cases: ContextCases, needle: Shape, whole: str) -> Term:
    if not whole:
        return FALSE
    match needle:
        case SomeText(place) | SomeList(place):
            is_in = cases.facet(place, f"is in {whole}", lambda value: text(value, Meter()) in whole)
            if isinstance(needle, SomeText):
                cases.say(needle, f"is in {whole}", lambda own: TextFact("has part", (KnownText(whole), own), is_in))
            return is_in
        case SomeObject():
            return constant("[object Object]" in whole)
        case Quantity(total) if len(whole) <= _SHORT and not any(
            abs(Fraction(each)) >= _ROUNDED for each in _numbers_in(whole)
        ):
            return any_of(is_zero(total.plus(Linear((), -each))) for each in _numbers_in(whole))
    return unclear("in", needle, Exact(whole))


def _numbers_in(whole: str) -> list[Rational]:
    """Return the numbers whose text is a part of a text: of one text there may be an integer and a float."""
    parts = {whole[start:end] for start in range(len(whole)) for end in range(start + 1, len(whole) + 1)}
    numbers = ((part, number(part, Meter())) for part in parts)
    read = ((part, each) for part, value in numbers if value == value for each in (value, float(value)))
    return sorted({exactly(each) for part, each in read if text(each, Meter()) == part})


_SHORT = 100
"""How many characters a text has at most whose numbers are looked for."""
_ROUNDED = 10**21
"""The size from which on several integers have one text."""

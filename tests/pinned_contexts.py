"""A context as an assignment of the variables of an encoding: what each key is, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.checking.proving.asked_formulas import written_variable
from fsm_langgraph.checking.proving.context_cases import ContextCases
from fsm_langgraph.checking.proving.shapes import NOWHERE, Exact, Quantity, Shape, SomeList, SomeObject, SomeText
from fsm_langgraph.checking.proving.sites import Site
from fsm_langgraph.checking.proving.solver import Assignment
from fsm_langgraph.checking.proving.terms import Rational
from fsm_langgraph.checking.proving.text_terms import TextFact, text_in
from fsm_langgraph.context.values import same
from fsm_langgraph.logic.coercion import text
from fsm_langgraph.logic.limits import Meter


class NotInDomainError(Exception):
    """A value that can be stored is none of its key's cases."""


def pinned(cases: ContextCases, context: Mapping[str, JsonValue], written: frozenset[str] = frozenset()) -> Assignment:
    """Return the values that the variables have in a context."""
    found = _Pinned()
    for key, site in cases.keys.items():
        found.propositions[written_variable(key).name] = key in written
        _pin(cases, site, context.get(key, NOWHERE), found)
    _pin_made_texts(cases, found)
    return Assignment(found.propositions, found.numbers, found.texts)


def is_true_of_texts(fact: TextFact, found: Assignment) -> bool | None:
    """Say whether what a fact says of texts is true; `None` where one of them is not known."""
    first, *others = (text_in(text, found.texts, found.numbers) for text in fact.texts)
    if first is None or None in others:
        return None
    match fact.relation:
        case "is":
            return first == others[0]
        case "has part":
            return str(others[0]) in first
    names = [name for name, _ in fact.length.summands]
    return len(first) == found.numbers[names[0]] if names[0] in found.numbers else None


@dataclass
class _Pinned:
    propositions: dict[str, bool] = field(default_factory=dict)
    numbers: dict[str, Rational] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


def _pin(cases: ContextCases, site: Site, value: Any, found: _Pinned) -> None:
    chosen = _chosen(site, value)
    for index, choice in enumerate(site.choices):
        found.propositions[choice] = index == chosen
    shape = site.cases[chosen][1]
    if isinstance(shape, Quantity):
        found.numbers[f"{site.name}|number"] = value if isinstance(value, int) else Fraction(value)
    if isinstance(shape, SomeText | SomeList | SomeObject):
        found.numbers[f"{site.name}|length"] = len(value)
        for name, facet in site.facets.items():
            found.propositions[name] = facet(value)
    if isinstance(shape, SomeText):
        found.texts[f"{site.name}|text"] = value
        _pin_text(cases, site, value, found)
    if isinstance(shape, SomeList) and site.as_text is not None:
        _pin_text(cases, site.as_text, text(value, Meter()), found)
    if isinstance(shape, SomeObject):
        for step, part in site.members.items():
            _pin(cases, part, value.get(step, NOWHERE), found)
    if isinstance(shape, SomeList):
        for index, part in site.items.items():
            _pin(cases, part, value[index] if index < len(value) else NOWHERE, found)


def _pin_made_texts(cases: ContextCases, found: _Pinned) -> None:
    for site in [*cases.by_name.values()]:
        if site.text is not None and not site.cases:
            value = text_in(site.text, found.texts, found.numbers)
            if value is not None:
                found.numbers[f"{site.name}|length"] = len(value)
                _pin_text(cases, site, value, found)
    for fact in cases.facts:
        truth = is_true_of_texts(fact, Assignment(found.propositions, found.numbers, found.texts))
        if truth is not None and fact.term.kind == "variable":
            found.propositions.setdefault(fact.term.name, truth)


def _pin_text(cases: ContextCases, site: Site, value: str, found: _Pinned) -> None:
    found.numbers[f"{site.name}|order"] = cases.texts.rank(value).constant
    for name, facet in site.facets.items():
        found.propositions[name] = facet(value)
    for name, read in site.readings.items():
        if read(value) == read(value):
            found.numbers[name] = Fraction(read(value))


def _chosen(site: Site, value: Any) -> int:
    shapes = [shape for _, shape in site.cases]
    for index, shape in enumerate(shapes):
        if isinstance(shape, Exact) and (shape.value is value or same(shape.value, value)):
            return index
    for index, shape in enumerate(shapes):
        if _stands_for(shape, value):
            return index
    raise NotInDomainError(site.name, value)


def _stands_for(shape: Shape, value: Any) -> bool:
    match shape:
        case Quantity():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case SomeText():
            return isinstance(value, str)
        case SomeList():
            return isinstance(value, list)
        case SomeObject():
            return isinstance(value, dict)
    return False

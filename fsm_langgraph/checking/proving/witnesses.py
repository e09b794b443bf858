"""Witnesses: contexts made of what the solver has found, and made nicer to read.

The solver says which case each key is; what has a case of its own stands for itself. A text that only differs from
those, a list with some items, an object with some members are made up here. Then everything is left out that does not
matter, and what is left is as small and plain as it can be, as the evaluator agrees.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.checking.proving.context_cases import ContextCases
from fsm_langgraph.checking.proving.domains import Domain, inside
from fsm_langgraph.checking.proving.relevant_values import texts_of
from fsm_langgraph.checking.proving.sample_values import between, numbers_near, parts_of_days, samples
from fsm_langgraph.checking.proving.shapes import NOWHERE, Exact, Quantity, SomeList, SomeObject, SomeText
from fsm_langgraph.checking.proving.sites import Site
from fsm_langgraph.checking.proving.solver import Assignment
from fsm_langgraph.checking.proving.terms import Rational
from fsm_langgraph.checking.proving.text_terms import CutText, cut
from fsm_langgraph.context.values import same

MAX_CANDIDATES = 200
"""How many values of a key are looked at for a nice one."""

Agrees = Callable[[dict[str, JsonValue]], bool]


class WitnessMaker:
    """Makes contexts of what the solver has found.

    Args:
        cases: The cases of the machine's keys.
    """

    def __init__(self, cases: ContextCases) -> None:
        self._cases = cases
        self._candidates: dict[str, list[JsonValue]] = {}

    def context(self, found: Assignment, keys: Iterable[str]) -> dict[str, JsonValue]:
        """Return the context that the solver has found."""
        made = {key: self._value(self._cases.keys[key], found) for key in keys if key in self._cases.keys}
        return {key: value for key, value in made.items() if value is not NOWHERE}

    def simplest(self, context: dict[str, JsonValue], agrees: Agrees) -> dict[str, JsonValue]:
        """Return a context that is simpler and does as well; nobody reads one of very many keys."""
        if len(context) > _MOST_KEYS:
            return context
        for key in [*context]:
            if self._cases.keys[key].domain.may_be_absent:
                without = {name: value for name, value in context.items() if name != key}
                if agrees(without):
                    context = without
        for key in [*context]:
            for value in self.candidates(key):
                if same(value, context[key]):
                    break
                changed = {**context, key: value}
                if agrees(changed):
                    context = changed
                    break
        return context

    def candidates(self, key: str) -> list[JsonValue]:
        """Return values that a key can hold, the nicest first."""
        if key not in self._candidates:
            site = self._cases.keys[key]
            nice = islice(self._some_values(site), MAX_CANDIDATES)
            self._candidates[key] = [*site.domain.storable(nice), *([None] if site.domain.may_be_null else ())]
        return self._candidates[key]

    def _value(self, site: Site, found: Assignment) -> Any:
        chosen = (
            next(
                (
                    shape
                    for choice, (_, shape) in zip(site.choices, site.cases, strict=True)
                    if found.propositions.get(choice)
                ),
                site.cases[0][1],
            )
            if site.choices
            else site.cases[0][1]
        )
        match chosen:
            case Exact(value):
                return value
            case Quantity(total):
                return plain_number(found.numbers.get(total.summands[0][0], 0))
            case SomeText():
                return self._text(site, found)
            case SomeList():
                return self._list(site, found)
            case SomeObject():
                made = {step: self._value(part, found) for step, part in site.members.items()}
                members = {step: value for step, value in made.items() if value is not NOWHERE}
                return members or {"other": True}
        return NOWHERE

    def _text(self, site: Site, found: Assignment) -> Any:
        wanted = {name: found.propositions[name] for name in site.facets if name in found.propositions}
        length = found.numbers.get(f"{site.name}|length")
        value = found.numbers.get(f"{site.name}|value")
        best: str | None = None
        for candidate in self._texts(site, found, wanted, value):
            if not site.domain.holds(candidate) or any(same(candidate, each) for each in site.pool):
                continue
            best = best or candidate
            fits = all(site.facets[name](candidate) is truth for name, truth in wanted.items())
            if fits and length in (None, len(candidate)):
                return candidate
        return best if best is not None else NOWHERE

    def _texts(self, site: Site, found: Assignment, wanted: dict[str, bool], value: Rational | None) -> Iterator[str]:
        """Yield texts: the one found, if it was looked for, then those that lie where it lies among the known ones."""
        if (made := found.texts.get(f"{site.name}|text")) is not None:
            yield made
            yield from self._put_together(site, found, made)
        if wanted.get(f"{site.name}|has value") and value is not None:
            yield str(plain_number(value))
        parts = [name.partition("|has part ")[2] for name, truth in wanted.items() if truth and "|has part " in name]
        if parts:
            yield " ".join(parts)
        order = found.numbers.get(f"{site.name}|order")
        if order is not None:
            yield from between(site.domain.declaration, *self._cases.texts.around(order))
        yield from samples(site.domain.declaration, "")
        length = found.numbers.get(f"{site.name}|length")
        if length is not None and 0 < length < _LONG:
            yield "x" * int(length)

    def _put_together(self, site: Site, found: Assignment, made: str) -> Iterator[str]:
        """Yield texts of the declared form in which stands what guards cut out of this one."""
        cuts = [
            (text.start, self._pieces(found.numbers.get(f"{each.name}|order"), text, made))
            for each in self._cases.by_name.values()
            if isinstance(text := each.text, CutText) and text.whole == site.text and text.start >= 0
        ]
        plain = [*islice(samples(site.domain.declaration, ""), _FEW_SAMPLES)] if cuts else []
        for turn in range(max((len(pieces) for _, pieces in cuts), default=0)):
            for sample in plain:
                whole = sample
                for start, pieces in cuts:
                    piece = pieces[min(turn, len(pieces) - 1)]
                    whole = f"{whole[:start]}{piece}{whole[start + len(piece) :]}"
                yield whole

    def _pieces(self, order: Rational | None, text: CutText, made: str) -> list[str]:
        """Return what a cut may have cut out: what lies where it lies among the known texts, if that is asked."""
        piece = cut(made, text.start, text.length)
        if order is None or text.length is None:
            return [piece]
        known, low, high = self._cases.texts.next_to(order)
        between = (each for each in parts_of_days(text.start, text.length) if low < each and (not high or each < high))
        exact = [known] if known is not None and len(known) == text.length else []
        return [*exact, *islice(between, _FEW_PIECES), piece]

    def _list(self, site: Site, found: Assignment) -> Any:
        mark = f"{site.name}|has item "
        items: list[JsonValue] = []
        for index in sorted(index for index in site.items if index < _MOST_ITEMS):
            item = self._value(site.items[index], found)
            if item is NOWHERE:
                break
            items += [item] * (index + 1 - len(items))
        for value in (*self._constants(site), None):
            name = f"{mark}={value!r}"
            if found.propositions.get(name) and not any(same(value, item) for item in items):
                items.append(value)
        declaration = site.domain.declaration
        domain = inside(declaration.items if declaration is not None else None)
        wanted = found.numbers.get(f"{site.name}|length", len(items) or 1)
        filling = [
            value
            for value in self._plain_values(domain, site)
            if found.propositions.get(f"{mark}={value!r}") is not True and f"{mark}={value!r}" not in site.facets
        ]
        while len(items) < min(wanted, _MOST_ITEMS) and (filling or items):
            items.append(filling[0] if filling else items[-1])
        return items or NOWHERE

    def _constants(self, site: Site) -> Iterator[JsonValue]:
        yield from self._cases.constants_near(site.name)

    def _some_values(self, site: Site) -> Iterator[JsonValue]:
        yield from self._plain_values(site.domain, site)
        if "array" in site.domain.kinds:
            declaration = site.domain.declaration
            items = inside(declaration.items if declaration is not None else None)
            found = [value for value in self._plain_values(items, site) if items.holds(value)][:_FEW_ITEMS]
            yield from ([value] for value in found)
            yield found
        if "object" in site.domain.kinds:
            for step, part in site.members.items():
                yield from ({step: value} for value in self._some_values(part))
            yield {"other": True}

    def _plain_values(self, domain: Domain, site: Site) -> Iterator[JsonValue]:
        """Yield values that are no lists or objects, and those that have cases of their own."""
        declared = domain.declaration
        constants = [*self._constants(site)]
        if domain.default is not None:
            yield domain.default
        if declared is not None and declared.enum is not None:
            yield from declared.enum
            return
        if {"number", "integer"}.intersection(domain.kinds):
            yield from sorted(
                numbers_near(constants, declared), key=lambda each: (each != int(each), each < 0, abs(each))
            )
        if "boolean" in domain.kinds:
            yield from (True, False)
        if "string" in domain.kinds:
            yield from samples(declared, "")
            known = [*texts_of(constants)]
            yield from known
            for text in known:
                yield from samples(declared, text)
        if domain is site.domain:
            yield from site.pool


def plain_number(value: Rational) -> int | float:
    """Return an exact number as JSON has it: the nearest."""
    if value == int(value) and -(2**63) <= value < 2**64:
        return int(value)
    try:
        return float(value)
    except OverflowError:
        return math.copysign(_LARGEST, value)


_LARGEST = 1e308


_MOST_KEYS = 100
_FEW_SAMPLES = 20
_FEW_PIECES = 3
_MOST_ITEMS = 50
_FEW_ITEMS = 8
_LONG = 1_000
"""The sizes up to which values are made up."""

"""The texts in a context, and all that is said of them: their places among all texts, their lengths, their numbers.

A text that a guard makes of others is a place of its own, and asked like that of any other. What is said of it, and of
those that it is made of, is tied to their texts by facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.checking.proving.domains import inside
from fsm_langgraph.checking.proving.joined_texts import begins_like_a_number, is_joined, texts_of_items
from fsm_langgraph.checking.proving.shapes import Cases, Exact, SomeList, SomeObject, SomeText
from fsm_langgraph.checking.proving.sites import Facet, Site
from fsm_langgraph.checking.proving.terms import FALSE, TRUE, Linear, Term, is_negative, is_zero, negated
from fsm_langgraph.checking.proving.text_order import BOUNDS, TextOrder, bounds_of_part
from fsm_langgraph.checking.proving.text_terms import (
    CutText,
    JoinedText,
    KnownText,
    TextFact,
    TextTerm,
    TextVariable,
    is_never_empty,
)
from fsm_langgraph.logic.coercion import leading_number, number
from fsm_langgraph.logic.limits import Meter


class TextCases:
    """The texts of one machine's context, and all that is said of them.

    Args:
        known: The texts that guards name.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self.by_name: dict[str, Site] = {}
        """All places that have been asked for, by their names."""
        self.whole: dict[str, bool] = {}
        """The numeric variables, each with whether it is an integer."""
        self.constraints: list[Term] = []
        """Terms that are true besides."""
        self.facts: list[TextFact] = []
        """Facts of texts that others are made of, and of these."""
        self.texts = TextOrder(known)

    def length(self, shape: SomeText | SomeList | SomeObject) -> Linear:
        """Return the number of characters, items or members of a value that has one at least."""
        name = f"{shape.place}|length"
        if name not in self.whole:
            self.whole[name] = True
            self.constraints.append(negated(is_negative(Linear(((name, 1),), -1))))
        own = Linear(((name, 1),))
        if isinstance(shape, SomeText):
            self.say(shape, "length", lambda text: TextFact("has length", (text,), length=own))
        return own

    def order(self, text: SomeText) -> Linear:
        """Return where a text stands among all texts."""
        name = f"{text.place}|order"
        if name not in self.whole:
            self.whole[name] = False
            own = Linear(((name, 1),))
            if (bounds := self._bounds(text)) is not None:
                low, high = map(self.texts.rank, bounds)
                self.constraints.append(negated(is_negative(own.plus(low, -1))))
                self.constraints.append(negated(is_negative(high.plus(own, -1))))
        return Linear(((name, 1),))

    def numeral(self, text: SomeText) -> tuple[Term, Linear]:
        """Return whether a text is a number, and which one."""
        if self._form(text) is not None:
            return FALSE, Linear((), 0)
        return self._read_as(text, "value", lambda value: number(value, Meter()))

    def leading_numeral(self, text: SomeText) -> tuple[Term, Linear]:
        """Return whether a text begins with a number, and with which one."""
        return self._read_as(text, "leading value", lambda value: leading_number(value, Meter()))

    def is_text(self, text: SomeText, value: str) -> Term:
        """Return whether a text is this one."""
        site = self.by_name[text.place]
        if value in site.pool or not site.domain.holds(value):
            return FALSE
        if site.joins is not None and not is_joined(value, site.joins):
            return FALSE
        term = is_zero(self.order(text).plus(self.texts.rank(value), -1))
        self.say(text, f"is {value}", lambda own: TextFact("is", (own, KnownText(value)), term))
        return term

    def is_same(self, a: SomeText, b: SomeText) -> Term:
        """Return whether two texts are the same, as they have one place among all texts."""
        first, second = sorted((a, b), key=lambda text: text.place)
        term = is_zero(self.order(first).plus(self.order(second), -1))
        for some, other in ((first, second), (second, first)):
            self.say(
                some,
                f"is {other.name}",
                lambda _: TextFact("is", (self.written(first), self.written(second)), term),
            )
        return term

    def text_of(self, some: SomeList) -> SomeText:
        """Return the text that a list is where it is compared with what is no list."""
        site = self.by_name[some.place]
        if site.as_text is None:
            site.as_text = Site(f"{site.name}\0\0text", inside(None), joins=texts_of_items(site.domain))
            self.by_name[site.as_text.name] = site.as_text
        return SomeText(site.as_text.name)

    def written(self, text: SomeText) -> TextTerm:
        """Return a text as a term, of which others can be made."""
        site = self.by_name[text.place]
        if site.text is None:
            site.text = TextVariable(f"{site.name}|text")
            others = ("", *filter(_is_text, site.pool)) if site.cases else ()
            self.facts += [TextFact("is", (site.text, KnownText(str(other))), FALSE) for other in others]
            self.facts += [said(site.text) for said in site.said.values()]
        return site.text

    def made(self, text: TextTerm) -> Cases:
        """Return the cases of a text that a guard makes: it may be empty."""
        if isinstance(text, KnownText):
            return ((TRUE, Exact(text.value)),)
        if isinstance(text, TextVariable):
            return ((TRUE, SomeText(text.name.removesuffix("|text"))),)
        some = SomeText(f"\0{text}")
        if some.place not in self.by_name:
            self.by_name[some.place] = Site(some.place, inside(None), text=text)
        if is_never_empty(text) or self._bounds(some) is not None:
            return ((TRUE, some),)
        is_empty = self.facet(some.place, "is empty", lambda value: value == "")
        self.say(some, "is empty", lambda own: TextFact("is", (own, KnownText("")), is_empty))
        return ((is_empty, Exact("")), (negated(is_empty), some))

    def say(self, text: SomeText, name: str, said: Callable[[TextTerm], TextFact]) -> None:
        """Say something of a text, under a name; it counts as soon as a guard makes another text of this one."""
        site = self.by_name[text.place]
        if name not in site.said:
            site.said[name] = said
            if site.text is not None:
                self.facts.append(said(site.text))

    def facet(self, holder: str, name: str, facet: Facet) -> Term:
        """Return a variable that says something of a value that has no case of its own."""
        variable = f"{holder}|{name}"
        self.by_name[holder].facets[variable] = facet
        return Term("variable", name=variable)

    def _read_as(self, text: SomeText, what: str, read: Callable[[Any], float]) -> tuple[Term, Linear]:
        name = f"{text.place}|{what}"
        joins = self.by_name[text.place].joins
        if joins is not None and not any(map(begins_like_a_number, joins)):
            return FALSE, Linear((), 0)
        self.whole.setdefault(name, False)
        self.by_name[text.place].readings[name] = read
        return self.facet(text.place, f"has {what}", lambda value: read(value) == read(value)), Linear(((name, 1),))

    def _bounds(self, text: SomeText) -> tuple[str, str] | None:
        """Return texts before and after all that a text can be, where its form, or that of the whole, says so."""
        match self.by_name[text.place].text:
            case CutText(TextVariable(name), start, length):
                return bounds_of_part(self._form(SomeText(name.removesuffix("|text"))), start, length)
            case JoinedText((KnownText(begin), *_)) if begin[-1] < _LAST_SIGN:
                return begin, f"{begin[:-1]}{chr(ord(begin[-1]) + 1)}"
        return BOUNDS.get(self._form(text))

    def _form(self, text: SomeText) -> str | None:
        declaration = self.by_name[text.place].domain.declaration
        return declaration.format if declaration is not None else None


_LAST_SIGN = "\U0010ffff"


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str)

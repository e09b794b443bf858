"""Texts as terms: what is joined, or cut out of the texts of a context, before any solver sees it.

A fact ties what formulas say in propositions and sums, that a text has a part or where it stands among all texts, to
the text itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from fsm_langgraph.checking.proving.terms import TRUE, Linear, Rational, Term


@dataclass(frozen=True, slots=True)
class TextVariable:
    """The text that stands in a place of the context."""

    name: str
    """The name of the variable."""


@dataclass(frozen=True, slots=True)
class KnownText:
    """A text that is known."""

    value: str
    """The text."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """A whole number as `cat` writes it: below 10^21, in digits."""

    number: Linear
    """The number."""


@dataclass(frozen=True, slots=True)
class JoinedText:
    """Texts, one after the other."""

    parts: tuple[TextTerm, ...]
    """The texts."""


@dataclass(frozen=True, slots=True)
class CutText:
    """A part of a text, as `substr` cuts it out."""

    whole: TextTerm
    """The text."""
    start: int
    """The first character; negative from the end."""
    length: int | None
    """How many characters, at most; negative leaves so many off at the end, `None` none."""


TextTerm = TextVariable | KnownText | Numeral | JoinedText | CutText


_NO_LENGTH = Linear(())


@dataclass(frozen=True, slots=True, eq=False)
class TextFact:
    """Something that is true of texts, exactly where a term is true."""

    relation: Literal["is", "has part", "has length"]
    """The relation: the first is the second, or has it for a part; or it has so many characters."""
    texts: tuple[TextTerm, ...]
    """The texts: two of them, or the one that has the length."""
    term: Term = TRUE
    """The term."""
    length: Linear = _NO_LENGTH
    """The number of characters, where it is of them."""


def names_in(text: TextTerm) -> Iterator[str]:
    """Yield the variables in a text."""
    match text:
        case TextVariable(name):
            yield name
        case Numeral(number):
            yield from (name for name, _ in number.summands)
        case JoinedText(parts):
            for part in parts:
                yield from names_in(part)
        case CutText(whole):
            yield from names_in(whole)


def known_in(text: TextTerm) -> Iterator[str]:
    """Yield the known texts in a text."""
    match text:
        case KnownText(value):
            yield value
        case JoinedText(parts):
            for part in parts:
                yield from known_in(part)
        case CutText(whole):
            yield from known_in(whole)


def text_in(text: TextTerm, texts: Mapping[str, str], numbers: Mapping[str, Rational]) -> str | None:
    """Return a text where the variables are known; `None` where one of them is not."""
    match text:
        case KnownText(value):
            return value
        case TextVariable(name):
            return texts.get(name)
        case Numeral(number):
            if any(name not in numbers for name, _ in number.summands):
                return None
            return str(int(number.constant + sum(numbers[name] * factor for name, factor in number.summands)))
        case JoinedText(parts):
            found = [text_in(part, texts, numbers) for part in parts]
            return None if None in found else "".join(filter(None, found))
        case CutText(whole, start, length):
            cut_from = text_in(whole, texts, numbers)
            return None if cut_from is None else cut(cut_from, start, length)


def cut(text: str, start: int, length: int | None) -> str:
    """Cut a part out of a text as `substr` does."""
    rest = text[start:] if start >= 0 else text[max(len(text) + start, 0) :]
    return rest if length is None else rest[:length]


def joined(parts: Iterable[TextTerm]) -> TextTerm:
    """Return texts one after the other, as one text as far as they are known."""
    found: list[TextTerm] = []
    for part in parts:
        for each in part.parts if isinstance(part, JoinedText) else (part,):
            last = found[-1] if found else None
            if isinstance(each, KnownText) and isinstance(last, KnownText):
                found[-1] = KnownText(last.value + each.value)
            elif each != KnownText(""):
                found.append(each)
    return found[0] if len(found) == 1 else JoinedText(tuple(found)) if found else KnownText("")


def is_never_empty(text: TextTerm) -> bool:
    """Say whether a text has a character for certain; that of a place has one."""
    match text:
        case KnownText(value):
            return bool(value)
        case JoinedText(parts):
            return any(map(is_never_empty, parts))
        case CutText(whole, start, length):
            return start <= 0 and (length is None or length > 0) and is_never_empty(whole)
    return True

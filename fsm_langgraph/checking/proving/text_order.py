"""`TextOrder`: where texts stand among all texts, as numbers between which there is always room for another."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from fractions import Fraction
from itertools import chain

from fsm_langgraph.checking.proving.terms import Linear, Rational

BOUNDS: dict[str | None, tuple[str, str]] = {
    "date": ("0001-01-01", "9999-12-31"),
    "date-time": ("0001-01-01", "9999-12-32"),
    "time": ("00:00", "24"),
}
"""Texts before and after all of a form."""
_FIELDS: dict[str | None, tuple[str, str, tuple[tuple[int, int], ...]]] = {
    "date": ("0001-01-01", "9999-12-31", ((0, 4), (5, 7), (8, 10))),
    "date-time": ("0001-01-01T00:00", "9999-12-31T24:59", ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16))),
    "time": ("00:00", "24:59", ((0, 2), (3, 5))),
}
"""The least and the greatest that stands in each field of a form, and where the fields begin and end."""


def bounds_of_part(form: str | None, start: int, length: int | None) -> tuple[str, str] | None:
    """Return the least and the greatest text that `substr` cuts out of one of a form: of whole fields, such as hours.

    Between the day and the time there may be another sign, so that no part that goes over it has bounds.
    """
    if form not in _FIELDS or length is None:
        return None
    least, greatest, fields = _FIELDS[form]
    end = start + length
    if (start, end) in fields or (end <= _DAY and {start, end} <= {edge for field in fields for edge in field}):
        return least[start:end], greatest[start:end]
    return None


_DAY = 10
"""How many characters a day has."""


class TextOrder:
    """The places of the texts that guards name.

    Args:
        known: The texts.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._texts = sorted({*known, *chain(*BOUNDS.values())})
        self._ranks: list[Rational] = [*range(len(self._texts))]

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

    def next_to(self, rank: Rational) -> tuple[str | None, str, str]:
        """Return the known text at a place among all texts, if there is one, and those before and after it."""
        at = bisect_left(self._ranks, rank)
        known = self._texts[at] if at < len(self._ranks) and self._ranks[at] == rank else None
        after = at if known is None else at + 1
        return known, self._texts[at - 1] if at else "", self._texts[after] if after < len(self._texts) else ""

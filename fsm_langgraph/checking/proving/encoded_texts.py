"""The operators `cat` and `substr` on shapes: a text that is made of others.

Texts are joined with whole numbers and with each other. A text is cut where it is known at which character. What is
made of a decimal, or of a list, nobody knows.
"""

from __future__ import annotations

import math
from fractions import Fraction

from fsm_langgraph.checking.proving.context_cases import ContextCases
from fsm_langgraph.checking.proving.shapes import Exact, Quantity, Shape, SomeObject, SomeText
from fsm_langgraph.checking.proving.text_terms import CutText, KnownText, Numeral, TextTerm, joined
from fsm_langgraph.logic.coercion import number, text
from fsm_langgraph.logic.limits import Meter

TEXT_OPERATORS = ("cat", "substr")
"""The operators of this module."""


def text_made(cases: ContextCases, name: str, shapes: tuple[Shape, ...]) -> TextTerm | None:
    """Return the text that an operator makes of shapes that are not all exact; `None` where nobody knows."""
    if name == "cat":
        parts = [as_text(cases, shape) for shape in shapes]
        known = [part for part in parts if part is not None]
        return joined(known) if len(known) == len(parts) else None
    whole, *positions = as_text(cases, shapes[0]), *map(_position, shapes[1:])
    if whole is None or None in positions:
        return None
    start, length = (*positions, None)[:2]
    return CutText(whole, start or 0, length) if length != 0 else KnownText("")


def as_text(cases: ContextCases, shape: Shape) -> TextTerm | None:
    """Return the text that a shape is written as, as `logic.coercion.text` does."""
    match shape:
        case Exact(value):
            return KnownText(text(value, Meter()))
        case SomeText():
            return cases.written(shape)
        case SomeObject():
            return KnownText("[object Object]")
        case Quantity(total, is_whole=True):
            largest = sum(abs(Fraction(factor)) for _, factor in total.summands) * _LARGEST_KEY
            return Numeral(total) if largest + abs(Fraction(total.constant)) < _IN_DIGITS else None
    return None


def _position(shape: Shape) -> int | None:
    """Read a position of `substr`: what is no number is 0."""
    if not isinstance(shape, Exact):
        return None
    value = number(shape.value, Meter())
    return math.trunc(value) if value == value else 0


_LARGEST_KEY = 2**64
"""More than any integer that a key can hold."""
_IN_DIGITS = 10**21
"""The size from which on a number is written with an exponent."""

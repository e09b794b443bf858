"""Texts and numbers that are made up for witnesses: of a declared form, and near those that guards compare with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction

from pydantic import JsonValue

from fsm_langgraph.definition import ContextKey


def samples(declaration: ContextKey | None, near: str) -> Iterator[str]:
    """Yield texts of a declared form, some of them right before and after a known one."""
    form = declaration.format if declaration is not None else None
    if declaration is not None and declaration.pattern is not None:
        yield from (word.strip(".,;:()\"'") for word in declaration.description.split())
        begin = _LITERAL.match(declaration.pattern)
        yield from (f"{begin[1]}{_DIGITS[:size]}" for size in range(13) if begin and begin[1])
        yield from _OF_PATTERNS
    if form is None:
        yield from (
            f"{near}a",
            f"{near} x",
            f"x{near}",
            near[:-1],
            near.upper(),
            f"{near}1",
            "x",
            "5",
            "12345",
            "ABC-123",
        )
    elif form == "date":
        yield from _days_near(near)
    elif form == "date-time":
        if near[10:11] == "T":
            yield from (f"{day}{near[10:]}" for day in _days_near(near[:10]))
        yield from (f"{day}T12:00:00Z" for day in _days_near(near[:10]))
    elif form == "time":
        yield from ("12:00", "00:00", "23:59", "08:30", "18:00")
    elif form == "email":
        yield from ("ann@example.com", "bob@example.org")
    elif form == "uri":
        yield from ("https://example.com", "http://example.org/x")
    elif form == "uuid":
        yield from ("0a1b2c3d-0000-4000-8000-000000000001", "ffffffff-0000-4000-8000-000000000001")


_LITERAL = re.compile(r"\^?([A-Za-z0-9 _#-]*)(?![*?{])")
_DIGITS = "1234567890" * 2
_OF_PATTERNS = (
    *(f"{begin}{_DIGITS}"[:size] for begin in ("", "+", "A", "AB", "ABC", "AB-", "ABC-") for size in range(1, 21)),
    *("abcdefghij"[:size] for size in range(1, 11)),
    *("ABCDEFGHIJ"[:size] for size in range(2, 11)),
    *("SW1A 1AA", "12:30", "1/2", "12/28", "1.5", "#1234", "A1B2C3", "a-b", "ann@example.com", "Ann Lee"),
)
"""Texts of forms that patterns are often written for."""


def _days_near(text: str) -> Iterator[str]:
    known = _day(text)
    if known is None:
        yield from ("2026-06-15", "2026-01-01", "2030-12-31", "2020-02-29", "0001-01-01", "9999-12-31")
        return
    for days in (1, -1, 30, -30):
        try:
            yield (known + timedelta(days)).isoformat()
        except OverflowError:
            continue


def between(declaration: ContextKey | None, low: str, high: str, part: Fraction) -> Iterator[str]:
    """Yield texts that sort between two known ones: first one that sorts among others as the part tells."""
    if part == 1:
        yield high
    form = declaration.format if declaration is not None else None
    if form in ("date", "date-time"):
        first, last = _day(low) or _FIRST_DAY, _day(high) or _LAST_DAY
        day = first + timedelta(int((last - first).days * part))
        yield from (day.isoformat(), f"{day.isoformat()}T12:00:00Z")
    texts = (
        f"{low}{chr(ord('a') + int(_LETTERS * part))}",
        *samples(declaration, low),
        *samples(declaration, high),
        *(f"{low}{sign}" for sign in " !0"),
    )
    yield from (text for text in texts if low < text and (not high or text < high))


def parts_of_days(start: int, length: int) -> Iterator[str]:
    """Yield parts of days and times as `substr` cuts them out, such as hours; a number has so many digits."""
    if length == _DIGITS_OF_A_FIELD:
        yield from (f"{number:0{length}}" for number in range(10**length))
    elif start + length <= len("2026-01-01"):
        days = (_FIRST_DAY + timedelta(number) for number in range(_LEAP_YEAR))
        yield from (day.isoformat()[start : start + length] for day in days)
        yield from (f"{year:04}-06-15"[start : start + length] for year in range(1, 10_000))


_DIGITS_OF_A_FIELD = 2
_LEAP_YEAR = 366


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


_FIRST_DAY, _LAST_DAY = date(2026, 1, 1), date(2026, 12, 31)
_LETTERS = 25


def numbers_near(constants: Iterable[JsonValue], declared: ContextKey | None) -> set[int | float]:
    """Return small numbers, and those right before and after the known ones."""
    known = {0, 1, *(each for each in constants if isinstance(each, int | float) and not isinstance(each, bool))}
    if declared is not None:
        known |= {each for each in (declared.minimum, declared.maximum) if each is not None}
    near = {each + step for each in known if abs(each) < _HUGE for step in (-1, 0, 1, 0.5)} | known
    whole = {int(each) for each in near if each == int(each)}
    return whole | {each for each in near if each != int(each)}


_HUGE = 10**15
"""The size from which on a number has no neighbours made up."""

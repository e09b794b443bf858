"""Dates and times in English text, as ISO 8601.

"3 May 1990", "May 3rd, 1990", "05/31/1990" (the month first, unless that cannot be), "31.05.1990" (the day
first, as it is written with dots), "1990-05-31", "tomorrow"; "7:30 pm", "19:30", "noon", "half past seven".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from fsm_langgraph.offline.words import word_list

MONTHS = word_list("january february march april may june july august september october november december")


@dataclass(frozen=True, slots=True)
class Found:
    """A value and its position in the text."""

    value: str
    start: int
    end: int


def find_dates(text: str, *, past: bool = False) -> list[Found]:
    """Find the dates in a text, in order.

    Args:
        text: Where to look.
        past: Whether the dates are birthdays and the like: never relative, and never without a year.
    """
    found: list[Found] = []
    # The surest form first; a later one may not take a part of a date that is read already.
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            if (day := read(match, past)) is not None:
                found.append(Found(day.isoformat(), match.start(), match.end()))
    return sorted(found, key=lambda item: item.start)


def find_times(text: str) -> list[Found]:
    """Find the times of day in a text, in order."""
    return [
        Found(f"{hour:02}:{minute:02}", match.start(), match.end())
        for match, hour, minute in _times(text)
        if hour < 24 and minute < 60
    ]


def spoken(iso: str) -> str:
    """Return an ISO date as people write it: "3 May 1990"; anything else as it is."""
    try:
        day = date.fromisoformat(iso) if _ISO.fullmatch(iso) else None
    except ValueError:
        day = None
    return f"{day.day} {MONTHS[day.month - 1].capitalize()} {day.year}" if day else iso


def _year(text: str | None, past: bool) -> int | None:
    if not text:
        return None
    digits = text.lstrip("'")
    if len(digits) == 4:
        return int(digits)
    short = int(digits)
    # "'62" is a year of birth or long gone; "'30" is one to come, unless a birthday is meant.
    return 1900 + short if (past and short > date.today().year % 100) or short > 60 else 2000 + short


def _day(year: int | None, month: int, day: int, past: bool) -> date | None:
    """Make a date; without a year it is the next one to come."""
    try:
        if year is not None:
            return date(year, month, day)
        if past:
            return None
        coming = date(date.today().year, month, day)
        return coming if coming >= date.today() else coming.replace(year=coming.year + 1)
    except ValueError:
        return None


def _iso(match: re.Match[str], past: bool) -> date | None:
    return _day(int(match[1]), int(match[2]), int(match[3]), past)


def _numeric(match: re.Match[str], past: bool) -> date | None:
    first, second, year = int(match[1]), int(match[3]), _year(match[4], past)
    # With dots the day stands first, as in Germany; else the month, as in the United States, unless it cannot be one.
    day_first = match[2] == "." or first > 12
    return _day(year, second, first, past) if day_first else _day(year, first, second, past)


def _day_month(match: re.Match[str], past: bool) -> date | None:
    return _day(_year(match[3], past), _month(match[2]), int(match[1]), past)


def _month_day(match: re.Match[str], past: bool) -> date | None:
    return _day(_year(match[3], past), _month(match[1]), int(match[2]), past)


def _relative(match: re.Match[str], past: bool) -> date | None:
    days = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1, "day after tomorrow": 2}[match[1].lower()]
    return None if past else date.today() + timedelta(days=days)


def _month(name: str) -> int:
    return next(index for index, month in enumerate(MONTHS, 1) if month.startswith(name[:3].lower()))


_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_YEAR = r"(?:,?[ -]+(?:of )?([0-9]{4}|'[0-9]{2})\b(?![:.][0-9]))?"
_READERS = [
    (re.compile(r"(?<![0-9])([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])"), _iso),
    (
        re.compile(r"(?<![0-9./-])([0-9]{1,2}) ?([/.-]) ?([0-9]{1,2}) ?\2 ?([0-9]{4}|[0-9]{2})(?![0-9])"),
        _numeric,
    ),
    (
        re.compile(
            rf"(?<![0-9])([0-9]{{1,2}})(?:st|nd|rd|th)?\.?(?: (?:day )?of)?[ -]+{_MONTH}(?:,?[ -]+(?:of "
            rf")?([0-9]{{4}}|'?[0-9]{{2}})\b(?![:.][0-9]| ?[ap]m))?",
            re.IGNORECASE,
        ),
        _day_month,
    ),
    (
        re.compile(rf"\b{_MONTH}[ -]+(?:the )?([0-9]{{1,2}})(?:st|nd|rd|th)?\b{_YEAR}", re.IGNORECASE),
        _month_day,
    ),
    (re.compile(r"\b(day after tomorrow|today|tonight|tomorrow|yesterday)\b", re.IGNORECASE), _relative),
]

# Not a part of a date or a longer number, and not an amount: "7.50 euros" is no time of day.
_CLOCK = re.compile(
    r"(?<![0-9:.$€£])([0-9]{1,2})(?:[:.h]([0-9]{2}))? ?(a\.?m\b\.?|p\.?m\b\.?|o'?clock\b)?(?![0-9/.-]*[0-9])"
    r"(?! ?(?:euros?|eur|dollars?|usd|pounds?|gbp|kg|km|cm)\b| ?[€%])",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"\b(half past|quarter past|quarter to) (one|two|three|four|five|six|seven|eight|nine|ten|eleven|"
    r"twelve|[0-9]{1,2})\b|\b(noon|midday|midnight)\b|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|"
    r"twelve) ?(a\.?m\b|p\.?m\b|o'?clock\b)",
    re.IGNORECASE,
)
_HOURS = word_list("zero one two three four five six seven eight nine ten eleven twelve")


def _times(text: str) -> Iterator[tuple[re.Match[str], int, int]]:
    for match in _CLOCK.finditer(text):
        suffix = (match[3] or "").lower().replace(".", "")
        # A bare number is no time of day: "7" may count anything.
        if match[2] is None and not suffix:
            continue
        yield match, _on_24(int(match[1]), suffix), int(match[2] or 0)
    for match in _SPOKEN.finditer(text):
        if match[3]:
            yield match, 0 if match[3].lower() == "midnight" else 12, 0
            continue
        if match[4]:
            yield match, _on_24(_HOURS.index(match[4].lower()), match[5].lower().replace(".", "")), 0
            continue
        hour = int(match[2]) if match[2].isdigit() else _HOURS.index(match[2].lower())
        if match[1].lower() == "quarter to":
            yield match, (hour - 1) % 24, 45
        else:
            yield match, hour, 30 if match[1].lower() == "half past" else 15


def _on_24(hour: int, suffix: str) -> int:
    if suffix == "pm" and hour < 12:
        return hour + 12
    return 0 if suffix == "am" and hour == 12 else hour

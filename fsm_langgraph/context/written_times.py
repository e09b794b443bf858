"""Written times: whether a date or a time in ISO 8601 is one that a text has in the words of people.

    2027-05-12     "12 May 2027", "May 12th, '27", "12.05.2027", "12 mai 2027"
    14:30          "14:30", "2.30 pm", "half past two" is not

Each of its numbers has to stand in the text. The month may be told by its name; that of another language than English
is taken on trust, where a word stands beside the day. A date whose year nobody has written is made up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from fsm_langgraph.data.plain_words import plain_words


def is_written_time(iso: str, texts: Sequence[str]) -> bool:
    """Say whether texts have all that a date, a time, or both are made of; the zone may be taken from elsewhere."""
    match = _ISO.fullmatch(iso)
    if match is None or not any(match.groups()):
        return False
    text = "\n".join(texts).casefold()
    year, month, day, hour, minute = (int(part) if part else None for part in match.groups())
    if year is not None and month is not None and day is not None and not _is_date(year, month, day, text):
        return False
    return hour is None or minute is None or _is_time(hour, minute, text)


def _is_date(year: int, month: int, day: int, text: str) -> bool:
    numbers = Counter(map(int, _DIGITS.findall(text)))
    told = [day, year if year in numbers else year % 100]
    has_both = _are_in(told, numbers)
    named = {number for word in _LETTERS.findall(text) for number in _months_named(word)}
    if month in named or not named:
        is_trusted = month in named or re.search(_FOREIGN.format(day=day), text) is not None
        if has_both and is_trusted:
            return True
    return _are_in([*told, month], numbers)


def _are_in(wanted: Sequence[int], numbers: Counter[int]) -> bool:
    return all(count <= numbers[number] for number, count in Counter(wanted).items())


def _months_named(word: str) -> list[int]:
    if len(word) < len("may"):
        return []
    return [number for number, month in enumerate(_MONTHS, start=1) if month.startswith(word) or word == month[:4]]


def _is_time(hour: int, minute: int, text: str) -> bool:
    words = {*_LETTERS.findall(text)}
    said = {*map(int, _DIGITS.findall(text))} | {number for number, word in enumerate(_HOURS) if word in words}
    spoken = {hour, hour % 12 or 12}
    return bool(said & spoken) and (minute == 0 or minute in said)


_ISO = re.compile(
    r"(?:(\d{4})-(\d\d)-(\d\d))?(?:(?:(?<=\d)[t ])?(\d\d):(\d\d)(?::\d\d(?:\.\d+)?)?(?:z|[+-]\d\d:?\d\d)?)?",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d{1,18}")
_LETTERS = re.compile(r"[^\W\d_]+")
_FOREIGN = r"(?<!\d)0?{day}(?:\.|st|nd|rd|th|er|º)?\s+(?:de\s+|of\s+)?[^\W\d_]{{3,}}|[^\W\d_]{{3,}}\.?\s+0?{day}(?!\d)"
"""A day with a word beside it."""
_MONTHS = plain_words("january february march april may june july august september october november december")
_HOURS = plain_words("zero one two three four five six seven eight nine ten eleven twelve")

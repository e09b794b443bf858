"""Numbers in English text: "1,200.50", "$5k", "20%", "twenty five", "a dozen"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fsm_langgraph.offline.words import word_list, word_set

_UNITS = {
    word: value
    for value, word in enumerate(
        word_list(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen"
        )
    )
}
_TENS = {word: 10 * n for n, word in enumerate(word_list("twenty thirty forty fifty sixty seventy eighty ninety"), 2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "dozen": 12}
_FIXED = {"couple": 2, "pair": 2, "single": 1, "twice": 2, "once": 1}
_SUFFIXES = {"k": 1000, "thousand": 1000, "m": 1_000_000, "million": 1_000_000, "hundred": 100, "dozen": 12}


@dataclass(frozen=True, slots=True)
class Number:
    """A number and its position in the text."""

    value: int | float
    start: int
    end: int


def find_numbers(text: str) -> list[Number]:
    """Find the numbers in a text, in order."""
    found = [_read_digits(match) for match in _DIGITS.finditer(text)]
    taken = [(number.start, number.end) for number in found]
    spelled = [
        number
        for number in _spelled(text)
        if not any(number.start < end and start < number.end for start, end in taken)
    ]
    return sorted(found + spelled, key=lambda number: number.start)


# Not the end of a word or of another number: "A17" and "#5" name things. At most 15 digits: a float holds no more.
_DIGITS = re.compile(
    r"(?<![\w.,#])[-+]?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(\.[0-9]{1,9})?(?: ?(k|thousand|m|million|"
    r"hundred|dozen)\b)?(?=$|[^\w]|x\b|st\b|nd\b|rd\b|th\b|%|euros?|dollars?|eur|usd|kg|cm|km|g\b|am\b|pm\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_POINTS_AT = word_set(
    "the that this which no any some every each other another red blue green big small first last right wrong only"
)


def _read_digits(match: re.Match[str]) -> Number:
    whole = float(match[1].replace(",", "") + (match[2] or ""))
    whole *= _SUFFIXES[match[3].lower()] if match[3] else 1
    whole = -whole if match[0].startswith("-") else whole
    return Number(int(whole) if whole.is_integer() else whole, match.start(), match.end())


def _spelled(text: str) -> list[Number]:
    """Read runs of number words: "two hundred and fifty"."""
    found: list[Number] = []
    total, current, start, end, before = 0, 0, -1, 0, ""
    # `None` ends the last run.
    for match in [*_WORD.finditer(text), None]:
        word = match[0].lower() if match else ""
        between = text[end : match.start()] if match else "."
        runs_on = start >= 0 and between.strip() in ("", "-")
        if match and runs_on and word == "and" and (current or total) and _continues(text, match.end()):
            end = match.end()
            continue
        if start >= 0 and (not runs_on or not _joins(word, current)):
            found.append(Number(total + current, start, end))
            total, current, start = 0, 0, -1
        if match is None:
            break
        if word in _SCALES and (start >= 0 or before in ("a", "one", "half")):
            first = start if start >= 0 else match.start()
            scale = (
                _SCALES[word] // 2
                if before == "half" or text[: match.start()].lower().endswith("half a ")
                else _SCALES[word]
            )
            current = (current or 1) * scale
            if scale >= 1000:
                total, current = total + current, 0
            start, end = first, match.end()
        # "The red one" counts nothing.
        elif word in _UNITS and not (word == "one" and before in _POINTS_AT):
            start = start if start >= 0 else match.start()
            current, end = current + _UNITS[word], match.end()
        elif word in _TENS:
            start = start if start >= 0 else match.start()
            current, end = current + _TENS[word], match.end()
        elif word in _FIXED and start < 0 and (before == "a" or word in ("twice", "once", "single")):
            found.append(Number(_FIXED[word], match.start(), match.end()))
        before = word
    return found


def _joins(word: str, current: int) -> bool:
    """Say whether a number word belongs to the number so far: "twenty five" is one number, "five twenty" are two."""
    if word in _SCALES:
        return True
    # "Twenty five" joins, "twenty fifteen" does not: after tens, below ten; after hundreds, below twenty.
    if word in _UNITS:
        return current == 0 or (
            current % 10 == 0
            and (current % 100 >= 20 or current % 100 == 0)
            and 0 < _UNITS[word] < (10 if current % 100 else 20)
        )
    return word in _TENS and current % 100 == 0


def _continues(text: str, position: int) -> bool:
    match = _WORD.search(text, position)
    return match is not None and (match[0].lower() in _UNITS or match[0].lower() in _TENS)

"""Values of each kind in a text: e-mail addresses, dates, numbers, choices; `extraction` gives them to keys."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fsm_langgraph.offline.dates import Found, find_dates, find_times
from fsm_langgraph.offline.hearing import yes_or_no
from fsm_langgraph.offline.names import short_answer
from fsm_langgraph.offline.numbers import Number, find_numbers
from fsm_langgraph.offline.words import STOP_WORDS, meaning, plain, stem


@dataclass(frozen=True, slots=True)
class Entities:
    """The values in a message whose form alone says what they are."""

    emails: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    uuids: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    births: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    rest: str = ""
    """The message with all of them blanked out, except the numbers."""

    def of_kind(self, kind: str, *, birth: bool = False) -> list[str]:
        """Return the values of one kind."""
        if kind == "date":
            return self.births if birth else self.dates
        by_kind = {
            "email": self.emails,
            "url": self.urls,
            "uuid": self.uuids,
            "phone": self.phones,
            "time": self.times,
        }
        return by_kind.get(kind, [])

    def __bool__(self) -> bool:
        """Say whether there are any, numbers not counted."""
        return bool(self.emails or self.urls or self.uuids or self.phones or self.dates or self.births or self.times)


def find_entities(text: str) -> Entities:
    """Find everything in a message that is known by its form."""
    rest = _SPOKEN_EMAIL.sub(r"\1@\2.\3", text)
    emails, rest = _take(_EMAIL, rest)
    urls, rest = _take(_URL, rest)
    uuids, rest = _take(_UUID, rest)
    # Read both ways, as only the key will tell whether a date is a birthday: "3 May" is none, "May '62" may be.
    births = [found.value for found in find_dates(rest, past=True)]
    dates = find_dates(rest)
    for found in dates:
        rest = _blank(rest, found.start, found.end)
    # Dates are blanked out before times are read, and times before numbers: a part of one would be read as the next.
    times = find_times(rest)
    for found in times:
        if not _is_number_too(rest, found):
            rest = _blank(rest, found.start, found.end)
    phones, rest = _take(_PHONE, rest)
    return Entities(
        emails=[email.rstrip(".") for email in emails],
        urls=[url.rstrip(".,;)") for url in urls],
        uuids=uuids,
        phones=[" ".join(phone.split()) for phone in phones if 7 <= sum(map(str.isdigit, phone)) <= 15],
        dates=[found.value for found in dates],
        births=births,
        times=[found.value for found in times],
        numbers=find_numbers(rest),
        rest=rest,
    )


def _is_number_too(text: str, time: Found) -> bool:
    """Say whether a time could as well be a number: "19.30" is either, "at 19.30" is none."""
    return bool(_DECIMAL.fullmatch(text, time.start, time.end)) and not _BEFORE_TIMES.search(text, 0, time.start)


def find_choice(text: str, choices: Sequence[Any]) -> Any:
    """Find which of some choices a text names; `None` if it names none, or more than one."""
    low = _without_negated(plain(text))
    tokens = re.findall(r"[^\W_]+", low)
    heard, meant = {stem(token) for token in tokens}, {meaning(token) for token in tokens}
    scores = [_choice_score(choice, low, tokens, heard, meant) for choice in choices]
    # Two choices that fit equally well leave it open: the user is asked again.
    best = max(scores, default=0.0)
    if best > 0 and scores.count(best) == 1:
        return choices[scores.index(best)]
    if best > 0:
        return None
    if (match := _ORDINAL.search(low)) and (index := _ordinal(match[0], len(choices))) is not None:
        return choices[index]
    answer = yes_or_no(text)
    for choice in choices if answer is not None else ():
        if choice is answer or str(choice).lower() in (("yes", "true", "y") if answer else ("no", "false", "n")):
            return choice
    return None


def find_choices(text: str, choices: Sequence[Any]) -> list[Any]:
    """Find all of some choices that a text names."""
    parts = split_list(_without_negated(plain(text)))
    found = [choice for part in parts if (choice := find_choice(part, choices)) is not None]
    return list(dict.fromkeys(found))


def split_list(text: str) -> list[str]:
    """Split "a, b and c"."""
    parts = re.split(r"\s*(?:,|;|\n|\band\b|&|\+|\bplus\b|\bas well as\b)\s*", text)
    return [item for part in parts if (item := short_answer(part))]


def find_code(text: str) -> str | None:
    """Find something like an order number: letters and digits, or digits alone."""
    match = _CODE.search(text)
    return match[1].upper() if match else None


def _choice_score(choice: Any, low: str, tokens: list[str], heard: set[str], meant: set[str]) -> float:
    """Say how plainly a text names a choice: 3 and more by its words, 2 by others that mean the same, 1 if misspelt."""
    if isinstance(choice, bool) or choice is None:
        return 0.0
    if isinstance(choice, int | float):
        return 3.0 if any(number.value == choice for number in find_numbers(low)) else 0.0
    parts = re.findall(r"[^\W_]+", plain(str(choice)))
    if not parts:
        return 0.0
    spelled = r"[\W_]+".join(map(re.escape, parts))
    if re.search(rf"(?<!\w){spelled}(?!\w)", low):
        return 3.0 + len(parts)
    if all(stem(part) in heard for part in parts):
        return 2.5 + len(parts) / 10
    telling = [part for part in parts if part not in STOP_WORDS]
    if telling and all(meaning(part) in meant for part in telling):
        return 2.0 + len(telling) / 10
    if telling and any(stem(part) in heard for part in telling):
        return 1.5
    # Short words and long messages have too many neighbours to guess at a misspelling.
    heard_well = [token for token in tokens if len(token) >= 4]
    if len(tokens) <= 8 and any(
        len(part) >= 4 and difflib.get_close_matches(part, heard_well, 1, _ALIKE) for part in telling
    ):
        return 1.0
    return 0.0


def _without_negated(low: str) -> str:
    """Blank out the things that a text excludes: "not the red one", "instead of Hawaii"."""
    return _NEGATED.sub(" ", low)


def _ordinal(word: str, count: int) -> int | None:
    if word.startswith(("last", "latter")):
        return count - 1 if count else None
    number = re.search(r"\d", word)
    index = int(number[0]) - 1 if number else next(n for n, name in enumerate(_ORDINALS) if word.startswith(name))
    return index if 0 <= index < count else None


def _take(pattern: re.Pattern[str], text: str) -> tuple[list[str], str]:
    """Take all matches out of a text."""
    found = [match[0] for match in pattern.finditer(text)]
    return found, pattern.sub(lambda match: " " * len(match[0]), text)


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


_ALIKE = 0.8
"""The least likeness of a misspelt word to the right one, as `difflib` measures it."""
_DECIMAL = re.compile(r"[0-9]{1,2}\.[0-9]{2} ?")
_BEFORE_TIMES = re.compile(r"\b(?:at|by|from|to|till|until|before|after|around) $", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
# The known endings only: "meet me at noon dot that is all" is no address.
_SPOKEN_EMAIL = re.compile(
    r"\b([\w.+-]{1,64}) (?:at|\(at\)|\[at\]) ([\w-]{1,63}) (?:dot|\(dot\)|\[dot\]) (com|org|net|de|edu|io|"
    r"co|uk|fr|eu|info)\b",
    re.IGNORECASE,
)
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"]{2,300}", re.IGNORECASE)
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
# From 7 digits on, with the signs that people put between them; the count of digits is checked after that.
_PHONE = re.compile(r"(?<![\w#/.-])(?:\+|\()?[0-9][0-9 ().\-/]{5,18}[0-9](?![\w])")
# With a digit somewhere, since a code of letters alone is a word.
_CODE = re.compile(r"(?<![\w-])#?((?=[A-Za-z0-9-]*[0-9])[A-Za-z0-9][A-Za-z0-9-]{1,30})(?![\w-])")
_NEGATED = re.compile(
    r"\b(?:not|instead of|rather than|except|without|other than|anything but|no(?= (?:\w+ )?(?:one|"
    r"please)))\s+(?:(?:want|need|like) )?(?:to \w+ )?(?:(?:by|in|with|the|an?|that|my) ){0,2}\w+(?: one)?"
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_ORDINAL = re.compile(
    r"\b(?:(?:first|second|third|fourth|fifth|last|latter)(?: (?:one|option|choice))?|(?:option|number|"
    r"choice) ?[1-9])\b(?=[\s.,!]*(?:please|one|$))"
)

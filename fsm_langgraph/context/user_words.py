"""The user's own words, against which the values that a model tells are held.

Words are those of `plain_words`, so that case and punctuation do not count; nor does where a code or a number is
divided: "lx 77" is "LX-77". A numeral stands for its number: "1,000" is 1000, and so is "two", in English, 2. Where a
script puts no blanks between words, a part of the text counts as a word. Dates and times are those of
`written_times.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, pairwise

from pydantic import JsonValue

from fsm_langgraph.context.coercions import numeral
from fsm_langgraph.context.written_times import is_written_time
from fsm_langgraph.data.plain_words import folded, plain_words


class UserWords:
    """All that the user has written in the messages of a conversation that are kept.

    Args:
        texts: The messages, which are looked at when the first value is held against them: most values need not be.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._given = texts

    def has_phrase(self, text: str) -> bool:
        """Say whether the user has written this text, as whole words; one that has no words is a message of its own."""
        wanted = plain_words(text)
        if not wanted:
            return any(text.strip() == each.strip() for each in self._texts)
        return any(_holds(said, wanted) for said in self._said) or self._has_part(" ".join(wanted))

    def around(self, wanted: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield the words before and behind each place where the user has written these words."""
        size = len(wanted)
        for said in self._said:
            for at in range(len(said) - size + 1):
                if said[at : at + size] == [*wanted]:
                    yield said[at - 1] if at else "", said[at + size] if at + size < len(said) else ""

    def has_all_of(self, value: JsonValue, form: str | None = None) -> bool:
        """Say whether every word and number of a value stands in what the user wrote; a truth value never does.

        Args:
            value: The value.
            form: The format of its texts: dates and times are written in many ways.
        """
        if form in _TIMES:
            return all(isinstance(leaf, str) and is_written_time(leaf, self._texts) for leaf in _leaves(value))
        return all(map(self._has, _leaves(value)))

    def has_time(self, text: str, form: str | None) -> bool:
        """Say whether a text is a date or a time in ISO 8601, and the user has written it in whatever form."""
        return form in _TIMES and is_written_time(text, self._texts)

    @cached_property
    def _texts(self) -> list[str]:
        return [*self._given]

    @cached_property
    def _said(self) -> list[list[str]]:
        return [*map(plain_words, self._texts)]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(word for said in self._said for word in said)

    @cached_property
    def _numbers(self) -> frozenset[int | float]:
        found = (match[0] for text in self._texts for match in _NUMERAL.finditer(text))
        read = (_number(reading) for text in found for reading in _readings(text))
        written = (number for number in read if number is not None)
        return frozenset(chain(written, *map(_named_numbers, self._said)))

    @cached_property
    def _whole(self) -> str:
        return folded("\n".join(self._texts))

    def _has(self, leaf: JsonValue) -> bool:
        if isinstance(leaf, bool) or leaf is None:
            return leaf is None
        if isinstance(leaf, int | float):
            return leaf in self._numbers
        words = plain_words(str(leaf))
        if not words:
            return folded(str(leaf)).strip() in self._whole
        return all(map(self._has_word, words)) or any(_joins(said, "".join(words)) for said in self._said)

    def _has_word(self, word: str) -> bool:
        if word in self._known or self._has_part(word):
            return True
        number = _NUMBERS.get(word, _number(word))
        return number is not None and number in self._numbers

    def _has_part(self, word: str) -> bool:
        return _UNSPACED.search(word) is not None and word in self._whole


def _named_numbers(said: list[str]) -> Iterator[int]:
    """Yield the numbers that stand in words there, each for itself, and "twenty-five" as one too."""
    for word, following in pairwise([*said, ""]):
        if (number := _NUMBERS.get(word)) is not None:
            yield number
            if word in _TENS and 0 < (unit := _NUMBERS.get(following, 0)) < 10:
                yield number + unit


def _holds(said: list[str], wanted: list[str]) -> bool:
    last = len(said) - len(wanted) + 1
    return any(said[at : at + len(wanted)] == wanted for at in range(last))


def _joins(said: list[str], wanted: str) -> bool:
    """Say whether words in a row make this text, however it is divided."""
    at, starts = 0, set[int]()
    for word in said:
        starts.add(at)
        at += len(word)
    text, found = "".join(said), -1
    while (found := text.find(wanted, found + 1)) >= 0:
        if found in starts and (found + len(wanted) in starts or found + len(wanted) == at):
            return True
    return False


def _leaves(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)
    else:
        yield value


def _readings(numeral: str) -> Iterator[str]:
    """Yield the ways in which people read a numeral: "1.000" may be one, or a thousand; "1.234,50" has a comma."""
    yield numeral
    yield numeral.translate(_SWAPPED)


def _number(text: str) -> int | float | None:
    try:
        return numeral(text, allow_ambiguous=True)
    except ValueError:
        return None


_TIMES = ("date", "time", "date-time")
_NUMERAL = re.compile(r"(?<![\w.,])[+-]?\d+(?:[.,]\d+)*")
_SWAPPED = str.maketrans(",.", ".,")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese; in Korean particles follow a word without a blank."""
_TENS = plain_words("twenty thirty forty fifty sixty seventy eighty ninety")
_UP_TO_NINETEEN = plain_words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_NUMBERS = {word: number for number, word in enumerate(_UP_TO_NINETEEN)} | {
    word: 10 * number for number, word in enumerate(_TENS, start=2)
}
"""The numbers that people write in words as often as not."""

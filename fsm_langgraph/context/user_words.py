"""The user's own words, against which the values that a model tells are held.

Words are runs of letters and digits in Unicode's composed form (NFC), whatever their case. A numeral stands for its
number: "1,000" is 1000. Where a script puts no blanks between words, a part of the text counts as a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from pydantic import JsonValue

from fsm_langgraph.context.values import numeral
from fsm_langgraph.data.composition import composed


class UserWords:
    """All that the user has written in the messages of a conversation that are kept.

    Args:
        texts: The messages, which are looked at when the first value is held against them: most values need not be.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._given = texts

    def has_phrase(self, text: str) -> bool:
        """Say whether the user has written this text, as whole words; one that has no words is a message of its own."""
        wanted = _words(text)
        if not wanted:
            return any(text.strip() == each.strip() for each in self._texts)
        return any(_holds(said, wanted) for said in self._said) or self._has_part(" ".join(wanted))

    def has_all_of(self, value: JsonValue) -> bool:
        """Say whether every word and number of a value stands in what the user wrote; a truth value never does."""
        return all(map(self._has, _leaves(value)))

    @cached_property
    def _texts(self) -> list[str]:
        return [*self._given]

    @cached_property
    def _said(self) -> list[list[str]]:
        return [*map(_words, self._texts)]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(word for said in self._said for word in said)

    @cached_property
    def _numbers(self) -> frozenset[int | float]:
        found = (match[0] for text in self._texts for match in _NUMERAL.finditer(text))
        read = (_number(reading) for text in found for reading in _readings(text))
        return frozenset(number for number in read if number is not None)

    @cached_property
    def _whole(self) -> str:
        return _folded("\n".join(self._texts))

    def _has(self, leaf: JsonValue) -> bool:
        if isinstance(leaf, bool) or leaf is None:
            return leaf is None
        if isinstance(leaf, int | float):
            return leaf in self._numbers
        words = _words(str(leaf))
        return all(map(self._has_word, words)) if words else _folded(str(leaf)).strip() in self._whole

    def _has_word(self, word: str) -> bool:
        return word in self._known or self._has_part(word) or (_number(word) in self._numbers)

    def _has_part(self, word: str) -> bool:
        return _UNSPACED.search(word) is not None and word in self._whole


def _folded(text: str) -> str:
    return composed(composed(text).casefold())


def _words(text: str) -> list[str]:
    return _WORD.findall(_folded(text))


def _holds(said: list[str], wanted: list[str]) -> bool:
    last = len(said) - len(wanted) + 1
    return any(said[at : at + len(wanted)] == wanted for at in range(last))


def _leaves(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)
    else:
        yield value


def _readings(numeral: str) -> Iterator[str]:
    """Yield the ways in which people read a numeral: "1.000" may be one, or a thousand."""
    yield numeral
    yield numeral.replace(",", ".")
    if _GROUPED.fullmatch(numeral):
        yield numeral.replace(",", "").replace(".", "")


def _number(text: str) -> int | float | None:
    try:
        return numeral(text, allow_ambiguous=True)
    except ValueError:
        return None


_WORD = re.compile(r"[^\W_]+")
_NUMERAL = re.compile(r"(?<![\w.,])[+-]?\d+(?:[.,]\d+)*")
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,]\d{3})+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese; in Korean particles follow a word without a blank."""

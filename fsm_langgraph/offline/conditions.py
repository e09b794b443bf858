"""Conditions judged by their words, since a prompt describes them and does not show their logic.

"The age is at least 18" can be judged: its words compare a known key with a value. For most others the answer is that
nobody can tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fsm_langgraph.offline.durations import in_unit, unit_of
from fsm_langgraph.offline.numbers import find_numbers
from fsm_langgraph.offline.words import plain, split_key, stem, word_set, words


def holds(condition: str, known: Mapping[str, Any], news: Mapping[str, Any] = MappingProxyType({})) -> bool | None:
    """Judge a condition's description; `None` where the words do not tell.

    Args:
        condition: The condition's description.
        known: The values of all keys that are known.
        news: Those of them that are new: a condition that names no key is about the new number, if there is just one.
    """
    text = plain(condition)
    for key, value in known.items():
        name = r"\s+".join(re.escape(part) for part in split_key(key))
        if not name or not (match := re.search(rf"\b{name}\b", text)):
            continue
        rest = text[match.end() :]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _compares(value, rest)
        if isinstance(value, str) and (verdict := _equals(value, rest)) is not None:
            return verdict
    numbers = {key: v for key, v in news.items() if isinstance(v, int | float) and not isinstance(v, bool)}
    if len(numbers) != 1:
        return None
    ((key, number),) = numbers.items()
    unit = unit_of(" ".join(split_key(key)))
    return _compares(number, in_unit(text, unit) if unit else text, plainly=True)


def _equals(value: str, text: str) -> bool | None:
    """Judge "… is large" by a stored text."""
    match = _IS.match(text)
    stored = {stem(word) for word in words(value)}
    if match is None or not stored or match["word"] in _SAYS_NOTHING:
        return None
    return (stem(match["word"]) in stored) is not bool(match["not"])


def _compares(value: int | float, text: str, *, plainly: bool = False) -> bool | None:
    """Judge "… is at least 18", or "… 18 at most", by a stored number."""
    for name, pattern in _COMPARISONS.items():
        # Without the key's name, "is" and "of" compare anything with anything.
        if (match := pattern.search(text)) is None or (plainly and name == "equal"):
            continue
        if numbers := find_numbers(text[match.end() :]) or find_numbers(text[: match.start()])[-1:]:
            limit = numbers[0].value
            match name:
                case "at least":
                    return value >= limit
                case "at most":
                    return value <= limit
                case "above":
                    return value > limit
                case "below":
                    return value < limit
                case _:
                    return value == limit
    return None


_IS = re.compile(r"\s+(?:is|was|are|equals?|=|:)\s+(?P<not>not\s+)?[\"']?(?P<word>[\w-]+)")
_SAYS_NOTHING = word_set(
    "provided given known collected valid set present a an the available obtained complete one in wrong right chosen "
    "selected picked named told described answered entered there"
)
_COMPARISONS = {
    "at least": re.compile(r"\b(?:at least|no less than|not less than|minimum of)\b|>="),
    "at most": re.compile(r"\b(?:at most|no more than|not more than|up to|maximum of)\b|<="),
    "above": re.compile(r"\b(?:over|above|(?:more|greater|older|higher|larger|longer) than|exceeds?)\b|>"),
    "below": re.compile(r"\b(?:under|below|(?:less|lower|fewer|younger|smaller|shorter) than)\b|<"),
    "equal": re.compile(r"\b(?:is|equals?|exactly|of)\b|="),
}

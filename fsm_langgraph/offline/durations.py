"""Lengths of time as a number of the unit that a key asks for: "two hours" is 120 where it asks for minutes."""

from __future__ import annotations

import re

from fsm_langgraph.offline.words import word_list, words


def in_unit(text: str, unit: str) -> str:
    """Write the lengths of time in a text in one unit; the text as it is where it names none.

    Args:
        text: The user's message, or a condition's description.
        unit: The unit to write, as `unit_of` returns it.
    """
    text = _HALF_HOUR.sub("30 minutes", _HOUR_AND_HALF.sub("90 minutes", text))
    return _LENGTH.sub(lambda match: _written(match, unit), text)


def unit_of(text: str) -> str:
    """Return the unit of time that a key's name or description names; "" for none."""
    return next((unit for word in words(text) if (unit := _UNITS.get(word, ""))), "")


def _written(match: re.Match[str], unit: str) -> str:
    number, own = match["number"].lower(), _UNITS[match["unit"].lower()]
    amount = _AMOUNTS.get(number) or float(number)
    value = amount * _SECONDS[own] / _SECONDS[unit]
    return f"{int(value) if value.is_integer() else round(value, 2)} {unit}s"


_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "month": 2_592_000}
_UNITS = {form: unit for unit in _SECONDS for form in (unit, f"{unit}s")} | {
    "min": "minute", "mins": "minute", "hr": "hour", "hrs": "hour", "h": "hour", "sec": "second",
}  # fmt: skip
_AMOUNTS = {
    word: float(value)
    for value, word in enumerate(word_list("one two three four five six seven eight nine ten eleven twelve"), start=1)
} | {"a": 1.0, "an": 1.0, "couple of": 2.0}
_LENGTH = re.compile(
    rf"\b(?:a )?(?P<number>[0-9]{{1,6}}(?:\.[0-9]{{1,3}})?|{'|'.join(_AMOUNTS)}) ?"
    rf"(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_HALF_HOUR = re.compile(r"\b(?:a )?half (?:an )?hour\b", re.IGNORECASE)
_HOUR_AND_HALF = re.compile(r"\b(?:an|one) hour and a half\b|\bone and a half hours\b", re.IGNORECASE)

"""Values as people write them, for the tags of a template: `ham, olives`, `yes`, `79` for 79.0, an object as JSON.

Sections go by the values themselves: a list is gone through, false and 0 leave a section out. So each value keeps its
nature, and only its text is another.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any


def written(values: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """Return the values of these keys, each with the text that people would write for it."""
    return {key: _written(values[key]) for key in keys if key in values}


def text_of(value: Any) -> str:
    """Return the text that people would write for a value."""
    return str(_written(value))


class _Nothing(str):
    """Null: no text, which in an object is still null."""

    __slots__ = ()


_NOTHING = _Nothing()


class _Truth(int):
    """A truth value; Python's own cannot be given another text."""

    def __str__(self) -> str:
        return "yes" if self else "no"


class _Fraction(float):
    def __str__(self) -> str:
        return format(Decimal(f"{self:.15g}"), "f")  # 15 digits are what a float keeps of any numeral


class _Items(list[Any]):
    def __str__(self) -> str:
        texts = [text for item in self if (text := str(item))]
        return ("; " if any(isinstance(item, _Items) for item in self) else ", ").join(texts)


class _Members(dict[str, Any]):
    def __str__(self) -> str:
        return json.dumps(_plain(self), ensure_ascii=False)


def _written(value: Any) -> Any:
    if isinstance(value, bool):
        return _Truth(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else _Fraction(value)
    if isinstance(value, list | tuple):
        return _Items(map(_written, value))
    if isinstance(value, Mapping):
        return _Members((key, _written(item)) for key, item in value.items())
    return _NOTHING if value is None else value


_EXACT = 2**53
"""Up to here every whole number is a float."""


def _plain(value: Any) -> Any:
    """Return what JSON is to write of a value."""
    if isinstance(value, _Nothing):
        return None
    if isinstance(value, _Truth):
        return bool(value)
    if isinstance(value, _Fraction):
        return float(str(value))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value

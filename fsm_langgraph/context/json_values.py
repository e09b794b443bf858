"""JSON values of Python's own types, bounded in depth and size: what every serializer takes and gives back."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from fsm_langgraph.data.composition import composed
from fsm_langgraph.data.surrogates import mended

MAX_DEPTH = 32
"""How deep a value may nest; deeper ones come from no honest writer and break serialisers."""
TOO_DEEP = f"nests deeper than {MAX_DEPTH} levels"
MAX_ITEMS = 100_000
"""How many values one value may hold in all; a few lists that hold each other can stand for billions."""


def plain(value: Any) -> Any:
    """Return the value as JSON of Python's own types, or say why JSON cannot hold it."""
    check_size(value)
    return _copy(value)


def check_size(value: Any) -> None:
    """Refuse a value that nests too deep, or holds too many values.

    Raises:
        ValueError: It does; the text is the end of the sentence "its value …".
    """
    level, depth, count = [value], 0, 0
    while level:
        depth += 1
        if depth > MAX_DEPTH + 1:
            raise ValueError(TOO_DEEP)
        below: list[Any] = []
        for holder in level:
            if isinstance(holder, dict | list | tuple):
                count += len(holder)
                if count > MAX_ITEMS:
                    raise ValueError(f"holds more than {MAX_ITEMS:,} values")
                below += _held(holder)
        level = below


def _held(holder: Any) -> Iterable[Any]:
    return holder.values() if isinstance(holder, dict) else holder


def _copy(value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case int():
            if not -(2**63) <= value < 2**64:
                raise ValueError("is too large a number")
            return int(value)
        case float():
            if not math.isfinite(value):
                raise ValueError("is not a finite number")
            return float(value)
        case str():
            return composed(mended(str.__str__(value)))
        case list() | tuple():
            return [_copy(item) for item in value]
        case dict():
            if not all(isinstance(key, str) for key in value):
                raise ValueError("has names that are not text")
            return {_copy(key): _copy(item) for key, item in value.items()}
    raise ValueError(f"is a Python {type(value).__name__}, which JSON cannot hold")

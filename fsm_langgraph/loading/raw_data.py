"""A definition's data before anything of it is known to be right: its parts, where they are what they should be.

What is of another kind is left out: the fault is told by the shape of the format (`shape.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]
"""A part of a document."""


def is_definition(data: Any) -> bool:
    """Say whether data is meant as a definition: it has states, and one of them has a field that states have."""
    states = data.get("states") if isinstance(data, dict) else None
    raws = states.values() if isinstance(states, dict) else ()
    return any(isinstance(raw, dict) and not _FIELDS.isdisjoint(raw) for raw in raws)


_FIELDS = frozenset({"purpose", "transitions", "instructions", "required_context_keys"})


def objects(value: Any) -> Iterator[tuple[int, Object]]:
    """Yield the objects of what should be a list, each with its index."""
    return ((index, item) for index, item in items(value) if isinstance(item, dict))


def strings(value: Any) -> Iterator[tuple[int, str]]:
    """Yield the texts of what should be a list, each with its index."""
    return ((index, item) for index, item in items(value) if isinstance(item, str))


def items(value: Any) -> Iterator[tuple[int, Any]]:
    """Yield the items of what should be a list, each with its index."""
    return enumerate(value if isinstance(value, list) else ())

"""The patterns of a document, together: thousands that are small enough each take minutes and gigabytes to compile.

They are looked at before all else that compiles them, and no further than to the one that is too much.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fsm_langgraph.data.json_data import Steps, at
from fsm_langgraph.data.patterns import MAX_PATTERN, program_size
from fsm_langgraph.errors import Problem

MAX_PROGRAMS = 4_000_000
"""How many instructions all patterns of a document may have when compiled; an ordinary one has a hundred."""


def too_large_together(data: Any) -> Problem | None:
    """Return the problem of the first pattern that there is no room for; `None` where all of them have room."""
    sizes: dict[str, int] = {}
    total = 0
    for steps, pattern in _patterns(data):
        if pattern not in sizes and len(pattern) <= MAX_PATTERN:
            sizes[pattern] = program_size(pattern)
            total += sizes[pattern]
        if total > MAX_PROGRAMS:
            message = f"all patterns up to this one are too large together: {MAX_PROGRAMS:,} instructions are read."
            return Problem(at(*steps), "too-large", message, "Fewer repetitions of large sets take less room.")
    return None


def _patterns(data: Any) -> Iterator[tuple[Steps, str]]:
    """Go through the patterns of the declared keys of a machine, and of its sub-machines."""
    if not isinstance(data, dict):
        return
    for key, raw in _entries(data.get("context")):
        steps: Steps = ("context", key)
        while isinstance(raw, dict):
            if isinstance(raw.get("pattern"), str):
                yield (*steps, "pattern"), raw["pattern"]
            steps, raw = (*steps, "items"), raw.get("items")
    for name, inner in _entries(data.get("subflows")):
        yield from ((("subflows", name, *steps), pattern) for steps, pattern in _patterns(inner))


def _entries(value: Any) -> list[tuple[str, Any]]:
    return [*value.items()] if isinstance(value, dict) else []

"""A headline figure: one line of the table that all benchmarks make together.

Each benchmark has, besides the table that it prints by itself, a function `figures()` that measures its quick set, in a
minute at most, and yields one `Figure` for each thing that it has an aim for.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, what came of it, and what it should be."""

    what: str
    """What was measured, with its unit or what it is a ratio of."""
    found: str
    """What came of it."""
    aim: str = ""
    """What it should be, in words; empty where there is no aim."""
    is_reached: bool | None = None
    """Whether it is; `None` where there is no aim."""


def measure(benchmark: str) -> list[Figure]:
    """Measure the quick set of a benchmark."""
    return [*importlib.import_module(f"benchmarks.{benchmark}").figures()]

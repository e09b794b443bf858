"""A headline figure: one line of the table that all benchmarks make together.

Each benchmark has, besides the table that it prints by itself, a function `figures()` that measures its quick set, in a
minute at most, and yields one `Figure` for each thing that it has an aim for.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement, its result, and its aim."""

    what: str
    """The measurement's name, with its unit or, for a ratio, its base."""
    found: str
    """The result, in words."""
    aim: str = ""
    """The aim, in words; empty where there is none."""
    is_reached: bool | None = None
    """Whether the aim is reached; `None` where there is none."""


def measure(benchmark: str) -> list[Figure]:
    """Measure the quick set of a benchmark."""
    return [*importlib.import_module(f"benchmarks.{benchmark}").figures()]

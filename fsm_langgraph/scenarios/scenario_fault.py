"""A fault in a file of scenarios, before its line is known."""

from __future__ import annotations

from dataclasses import dataclass

Steps = tuple[str | int, ...]
"""The way from the root of the file to a part."""


@dataclass(frozen=True, slots=True)
class ScenarioFault:
    """One fault."""

    steps: Steps
    """Where it is."""
    code: str
    """A stable name for this kind of fault."""
    message: str
    """The fault, as a sentence."""
    advice: str = ""
    """The next thing to do; empty where the message says it all."""

"""The parts of a text, by the positions of its characters: JSON and YAML have a tree each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

Step = str | int


class TextPart(NamedTuple):
    """A part of a text, by the positions of its characters."""

    start: int
    """Where its value begins."""
    name: int | None
    """Where its name begins; an item of a list has none."""
    holds: bool
    """Whether it is an object or a list."""
    node: Any = None
    """By what its tree knows it."""
    again: int | None = None
    """Where its name stands a second time, among those of the same object."""


class TextTree(Protocol):
    """The parts of a text."""

    def root(self) -> TextPart:
        """Return the whole."""

    def inside(self, part: TextPart) -> Mapping[Step, TextPart]:
        """Return the parts of an object by their names, or of a list by their indices."""

    def end(self, part: TextPart) -> int:
        """Return where a value ends."""

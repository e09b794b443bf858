"""One definition as it was measured: its items, and the outcomes that were seen of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.testing.coverage.coverable import Coverable, Kind, coverables

Outcome = tuple[Kind, str, str]
"""Something that was seen: the item's kind and place, and the outcome."""


@dataclass(slots=True)
class Measured:
    """A definition as it was measured."""

    file: str
    """The file that the definition stands in."""
    name: str
    fingerprint: str
    """A digest of the definition: what was seen of another text says nothing of this one."""
    items: dict[tuple[Kind, str], Coverable] = field(default_factory=dict)
    """The items by kind and place, in document order."""
    seen: set[Outcome] = field(default_factory=set)

    def note(self, kind: Kind, place: str, outcome: str) -> None:
        """Note an outcome; turns of several threads may do so at once."""
        self.seen.add((kind, place, outcome))

    def add_items(self, items: Iterable[Coverable]) -> None:
        """Add items that are not known yet."""
        for item in items:
            self.items.setdefault((item.kind, item.place), item)

    def unseen(self, item: Coverable) -> tuple[str, ...]:
        """Return the outcomes of an item that were not seen."""
        return tuple(each for each in item.outcomes if (item.kind, item.place, each) not in self.seen)

    def of_kind(self, *kinds: Kind) -> Iterator[Coverable]:
        """Yield the items of some kinds."""
        return (item for item in self.items.values() if item.kind in kinds)

    def counted(self, kind: Kind) -> tuple[int, int]:
        """Count the outcomes of a kind: those that were seen, and all."""
        items = [*self.of_kind(kind)]
        total = sum(len(item.outcomes) for item in items)
        return total - sum(len(self.unseen(item)) for item in items), total


def measured(file: str | Path, definition: FSMDefinition) -> Measured:
    """Begin to measure a definition, of which nothing was seen yet."""
    begun = Measured(str(file), definition.name, fingerprint(definition))
    begun.add_items(coverables(definition))
    return begun


def fingerprint(definition: FSMDefinition) -> str:
    """Return a digest of a definition and of all that it runs, the same whenever it is loaded."""
    return hashlib.sha256(definition.model_dump_json(exclude_defaults=True).encode()).hexdigest()

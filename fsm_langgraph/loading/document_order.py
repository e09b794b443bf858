"""Problems and findings in the order of their document; what is missing stands at the start of what lacks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeVar

from fsm_langgraph.data.json_data import Steps, steps_of


class Placed(Protocol):
    """Something that is told of a part of a document."""

    @property
    def path(self) -> str:
        """Where it is, as `at` writes it."""


T = TypeVar("T", bound=Placed)


def in_document_order(told: Iterable[T], data: Any) -> list[T]:
    """Sort by where each stands in the data, once each; of two at one place the first goes first."""
    unique = list(dict.fromkeys(told))
    if len(unique) < 2:
        return unique
    ways = {each.path: steps_of(each.path) or () for each in unique}
    order = _order(data, {around for steps in ways.values() for around in _outwards(steps)})
    return sorted(
        unique, key=lambda each: next(order[around] for around in _outwards(ways[each.path]) if around in order)
    )


def _outwards(steps: Steps) -> Iterator[Steps]:
    """Go through a part and those around it, to the root."""
    return (steps[:length] for length in range(len(steps), -1, -1))


def _order(data: Any, wanted: set[Steps]) -> dict[Steps, int]:
    """Return the positions in the document of these parts; those around each are among them."""
    found: dict[Steps, int] = {}
    waiting: list[tuple[Steps, Any]] = [((), data)]
    while waiting:
        steps, value = waiting.pop()
        found[steps] = len(found)
        inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        waiting += reversed([((*steps, step), item) for step, item in inside if (*steps, step) in wanted])
    return found

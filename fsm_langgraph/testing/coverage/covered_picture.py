"""The picture of a machine in the colours of its coverage: green is covered, yellow is partly, red is missed."""

from __future__ import annotations

from collections.abc import Iterable

from fsm_langgraph.drawing import Picture
from fsm_langgraph.drawing.chart import Mark
from fsm_langgraph.loading import load_definition
from fsm_langgraph.testing.coverage.measured import Measured


def covered_picture(measured: Measured) -> Picture:
    """Make the picture of a definition with what was seen of it.

    Raises:
        DefinitionError: The definition's file cannot be loaded any more.
    """
    return Picture(load_definition(measured.file), marks=coverage_marks(measured))


def coverage_marks(measured: Measured) -> dict[str, Mark]:
    """Say of each transition and state how far it is covered.

    A transition is covered where it was taken and each of its conditions was seen true and false, with all that they
    compare; a state where it was entered, and its transitions are covered.
    """
    marks: dict[str, Mark] = {}
    for item in measured.of_kind("transition"):
        below = (each for each in measured.items.values() if each.place.startswith(f"{item.place}."))
        unseen = any(measured.unseen(each) for each in below)
        marks[item.place] = "missed" if measured.unseen(item) else "partly" if unseen else "covered"
    for item in measured.of_kind("state"):
        own = [marks[place] for place in marks if place.startswith(f"{item.place}.transitions[")]
        rest = [each for each in measured.of_kind("words", "sub-machine") if each.place == item.place]
        is_whole = _all_covered(own) and not any(measured.unseen(each) for each in rest)
        marks[item.place] = "missed" if measured.unseen(item) else "covered" if is_whole else "partly"
    return marks


def _all_covered(marks: Iterable[Mark]) -> bool:
    return all(mark == "covered" for mark in marks)

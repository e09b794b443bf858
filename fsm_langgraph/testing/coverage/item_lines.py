"""The lines of items in files: a sub-machine may stand in one of its own, beside the definition that runs it."""

from __future__ import annotations

import re
from pathlib import Path

from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import DefinitionError
from fsm_langgraph.loading import load_definition, origins_of
from fsm_langgraph.testing.coverage.coverable import Coverable

_Steps = tuple[str | int, ...]


class ItemLines:
    """Finds the lines of the items of a definition.

    Args:
        file: The definition's file.
    """

    def __init__(self, file: str) -> None:
        self._file = Path(file)
        try:
            self._definition: FSMDefinition | None = load_definition(self._file)
        except DefinitionError:
            self._definition = None

    def of(self, item: Coverable) -> tuple[str, int | None]:
        """Return the file of an item, and its line there, which is `None` where it is not known."""
        if self._definition is None:
            return str(self._file), None
        inside, name = _divided(item.place)
        base, definition = _Steps(), self._definition
        for state in inside:
            named = definition.states[state].subflow or ""
            base, definition = (*base, "subflows", named), definition.subflows[named]
        place = origins_of(self._definition).place_of(at(*base, *_steps(name)))
        return (place.file, place.line) if place is not None else (str(self._file), None)


def _divided(place: str) -> tuple[list[str], str]:
    """Divide a place into the states around its machine, and what is named in that."""
    marks = (place.find(mark) for mark in (".transitions[", "global_transitions["))
    at = next((found for found in marks if found >= 0), len(place))
    *inside, name = place[:at].split("/")
    return inside, name + place[at:]


def _steps(name: str) -> _Steps:
    """Return the way from a machine to what is named in it: `desk.transitions[0].conditions[1]`."""
    if name.startswith("global_transitions["):
        return tuple(_parsed(name))
    state, dot, below = name.partition(".transitions[")
    return ("states", state, *(_parsed(f"transitions[{below}") if dot else ()))


def _parsed(path: str) -> _Steps:
    found = re.findall(r"\[(\d+)\]|([^.\[\]]+)", path)
    return tuple(int(index) if index else name for index, name in found)

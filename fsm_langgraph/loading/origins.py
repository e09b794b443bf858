"""Where the parts of a definition were written: in which text, and at which line and column of it.

A definition is linked from texts: its own, and those of the files that its states run. Each is remembered by the way to
where it stands in the whole. `origins_of` finds those of a definition that was loaded, for as long as it is in use.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from fsm_langgraph.data.json_data import Steps, steps_of
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import Place, Problem
from fsm_langgraph.loading.positions import Positions


@dataclass(frozen=True)
class WrittenText:
    """A text that a definition was read from."""

    file: str
    """The path of its file; empty where it came without one."""
    text: str
    is_json: bool

    @cached_property
    def positions(self) -> Positions:
        """Where its parts stand."""
        return Positions(self.text, is_json=self.is_json)


@dataclass(frozen=True, slots=True)
class Origins:
    """The texts of a definition; one that was given as data has none."""

    texts: Mapping[Steps, WrittenText | None]
    """The text of each document, by the way to where it stands: of the outermost by no steps at all."""

    @property
    def is_written(self) -> bool:
        """Whether all of it comes from texts, so that everything in it has a place."""
        return bool(self.texts) and all(text is not None for text in self.texts.values())

    @property
    def inner_files(self) -> tuple[Path, ...]:
        """The files of the machines that run inside."""
        return tuple({Path(text.file): None for steps, text in self.texts.items() if steps and text and text.file})

    def place_of(self, path: str, code: str = "", *, words: str = "") -> Place | None:
        """Return where a fault stands; `None` where that comes from no text.

        Args:
            path: Its path.
            code: Its code.
            words: The words that it is about, where the path is that of a text.
        """
        steps = steps_of(path) or ()
        text, inside = self._text_of(steps)
        if text is None:
            return None
        if words:
            return Place(text.file, *text.positions.of_words(inside, words))
        find = {
            **dict.fromkeys(_OF_NAMES, text.positions.of_name),
            **dict.fromkeys(_OF_SECOND, text.positions.of_second),
        }.get(code, text.positions.of)
        return Place(text.file, *find(inside))

    def located(self, problem: Problem) -> Problem:
        """Return a problem with its place."""
        return (
            problem
            if problem.place
            else replace(problem, place=self.place_of(problem.path, problem.code, words=problem.words))
        )

    def named(self, file: str) -> Origins:
        """Return the same, told under another name of the file."""
        return Origins({steps: text and replace(text, file=file) for steps, text in self.texts.items()})

    def _text_of(self, steps: Steps) -> tuple[WrittenText | None, Steps]:
        holder = self._holder(steps)
        return (None, ()) if holder is None else (self.texts[holder], steps[len(holder) :])

    def _holder(self, steps: Steps) -> Steps | None:
        lengths = range(len(steps), -1, -1)
        return next((steps[:length] for length in lengths if steps[:length] in self.texts), None)


_OF_NAMES = ("unknown-field", "newer-field")
"""Codes of faults of a name, whatever its value is."""
_OF_SECOND = ("duplicate-key", "duplicate-id")
"""Codes of faults of a name that is given twice."""

NO_ORIGINS = Origins({})
"""Those of a definition that was given as data."""


def remember(definition: FSMDefinition, origins: Origins) -> None:
    """Remember where a definition was written, for as long as it is in use."""
    known = id(definition)
    _ORIGINS[known] = origins
    weakref.finalize(definition, _ORIGINS.pop, known, None).atexit = False


def origins_of(definition: FSMDefinition) -> Origins:
    """Return where a definition was written that was loaded."""
    return _ORIGINS.get(id(definition), NO_ORIGINS)


_ORIGINS: dict[int, Origins] = {}
"""The origins of loaded definitions, by identity: they are frozen, and no two are the same."""

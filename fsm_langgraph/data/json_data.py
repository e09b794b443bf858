"""Plain JSON data, made of any Python objects, and the path of each fault in them.

A parser or a caller hands over Python objects. `to_json` makes of them dicts, lists, strings, finite numbers, booleans
and null. So its callers need no case for NaN, for keys that are numbers or for values that hold themselves. It goes on
past each fault and tells all of them. `at` writes a path in the form in which problems give it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.data.composition import composed
from fsm_langgraph.errors import Problem
from fsm_langgraph.portable import Portable

MAX_DEPTH = 100
"""How deep a document may nest; far beyond any definition, far within Python's own limit."""
MAX_VALUES = 2_000_000
"""How many values a document may hold: a few lines of YAML aliases can stand for billions."""


class UnreadableError(Portable, ValueError):
    """A document that cannot be read at all; `problem` says why."""

    def __init__(self, code: str, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.problem = Problem("", code, message, advice)


class Pairs(dict[Any, Any]):
    """A dict as a parser fills it, which remembers the keys that it was given more than once."""

    repeated: tuple[Any, ...] = ()


def to_json(raw: object) -> tuple[JsonValue, tuple[Problem, ...]]:
    """Return the data as JSON, with a problem for each part that JSON cannot hold.

    Raises:
        UnreadableError: The data nests deeper, or holds more values, than the limits allow.
    """
    walk = _Walk()
    return walk.value(raw), tuple(walk.problems)


def at(*steps: str | int) -> str:
    """Write the path that these steps from the root make: `states.greeting.transitions[0]`."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif re.fullmatch(r"[^\s.\[\]\"]+", step):
            path += f".{step}" if path else step
        else:
            path += f"[{json.dumps(step, ensure_ascii=False)}]"
    return path


class _Walk:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._steps: list[str | int] = []
        self._count = 0

    def value(self, value: Any) -> JsonValue:
        self._count += 1
        if len(self._steps) > MAX_DEPTH:
            raise UnreadableError("too-deep", f"nests deeper than {MAX_DEPTH} levels.")
        if self._count > MAX_VALUES:
            raise UnreadableError("too-large", f"holds more than {MAX_VALUES:,} values.")
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, float):
            return self._number(value)
        if isinstance(value, Mapping):
            return self._object(value)
        if isinstance(value, list | tuple):
            return [self._inside(index, item) for index, item in enumerate(value)]
        self._report("wrong-type", f"must be JSON data, not a Python {type(value).__name__}.")
        return None

    def _inside(self, step: str | int, value: Any) -> JsonValue:
        self._steps.append(step)
        plain = self.value(value)
        self._steps.pop()
        return plain

    def _object(self, value: Mapping[Any, Any]) -> JsonValue:
        # The path of a key given twice is known only here, on the way down from the root.
        for key in value.repeated if isinstance(value, Pairs) else ():
            code, what = ("duplicate-id", "state id") if self._steps == ["states"] else ("duplicate-key", "key")
            advice = "Only the first one was read: rename or remove the others."
            self._report(code, f"this {what} is given more than once.", advice, below=str(key))
        return {(name := self._key(key)): self._inside(name, item) for key, item in value.items()}

    def _key(self, key: Any) -> str:
        if isinstance(key, str):
            return self._text(key)
        self._report("wrong-key", f"the key {key!r} is not a string.", "Write it in quotes.")
        return self._text(str(key))

    def _number(self, value: float) -> JsonValue:
        if math.isfinite(value):
            return value
        self._report("not-finite", f"must be a finite number, not {value}.")
        return None

    def _text(self, value: str) -> str:
        try:
            value.encode()
        except UnicodeEncodeError:
            self._report("bad-text", "has half of a surrogate pair in it, which is no character.")
            return value.encode("utf-8", "replace").decode()
        return composed(value)

    def _report(self, code: str, message: str, advice: str = "", *, below: str | None = None) -> None:
        steps = self._steps if below is None else [*self._steps, below]
        self.problems.append(Problem(at(*steps), code, message, advice))

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

Steps = tuple[str | int, ...]
"""The steps from the root of a document to a part of it, as `at` writes them."""
MAX_BYTES = 5_000_000
"""How large a document may be; 10,000 states are some 3 MB."""
MAX_DEPTH = 100
"""How deep a document may nest; far beyond any definition, far within Python's own limit."""
MAX_VALUES = 1_000_000
"""How many values a document may hold: a few lines of YAML aliases can stand for billions."""
MAX_CHARACTERS = 2 * MAX_BYTES
"""How many characters its texts may come to, for the same reason."""
MAX_PROBLEMS = 100
"""How many problems of a document are told; one more is kept, by which is seen that there are more."""
MAX_BITS = 1024
"""How large a whole number may be: as large as a float, which is what JSON's numbers are elsewhere."""


class UnreadableError(Portable, ValueError):
    """A document that cannot be read at all; `problem` says why.

    Args:
        code: The problem's code.
        message: The problem's sentence.
        advice: The problem's advice.
        index: The position of the character in the text at which reading ended.
    """

    def __init__(self, code: str, message: str, advice: str = "", *, index: int = 0) -> None:
        super().__init__(message)
        self.problem = Problem("", code, message, advice)
        self.index = index


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


def count_values(data: JsonValue) -> int:
    """Count the values that JSON data holds, itself among them."""
    count, waiting = 0, [data]
    while waiting:
        value = waiting.pop()
        count += 1
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return count


def at(*steps: str | int) -> str:
    """Write the path that these steps from the root make: `states.greeting.transitions[0]`.

    A name with signs that nobody sees is written with their code points.
    """
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif re.fullmatch(r"[^\s.\[\]\"]+", step) and step.isprintable():
            path += f".{step}" if path else step
        else:
            path += f"[{json.dumps(step, ensure_ascii=not step.isprintable())}]"
    return path


def steps_of(path: str) -> Steps | None:
    """Return the steps that a path was written with by `at`; `None` where it is none."""
    steps: list[str | int] = []
    end = 0
    while end < len(path):
        found = _STEP.match(path, end)
        if found is None or (found["dot"] is not None and bool(found["dot"]) != bool(end)):
            return None
        end = found.end()
        if found["index"] is not None:
            steps.append(int(found["index"]))
        elif found["quoted"] is not None:
            try:
                steps.append(json.loads(found["quoted"]))
            except ValueError:
                return None
        else:
            steps.append(found["name"])
    return tuple(steps)


_STEP = re.compile(
    r"""\[(?P<index>[0-9]{1,9})\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]|(?P<dot>\.?)(?P<name>[^\s.\[\]"]+)"""
)


class _Walk:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._steps: list[str | int] = []
        self._count = 0
        self._characters = 0

    def value(self, value: Any) -> JsonValue:
        self._count += 1
        if len(self._steps) > MAX_DEPTH:
            raise UnreadableError("too-deep", f"nests deeper than {MAX_DEPTH} levels.")
        if self._count > MAX_VALUES:
            raise UnreadableError("too-large", f"holds more than {MAX_VALUES:,} values.")
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
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
        is_plain = isinstance(key, float | bool) or (isinstance(key, int) and key.bit_length() <= MAX_BITS)
        name = str(key) if is_plain or key is None else type(key).__name__  # Python's own text of others has no bounds
        self._report("wrong-key", f"the key {name} is not a string.", "Write it in quotes.")
        return name

    def _number(self, value: int | float) -> JsonValue:
        if isinstance(value, int):
            if value.bit_length() <= MAX_BITS:
                return value
            self._report("not-finite", "must be a number that a float can hold, of some 300 digits at most.")
        elif math.isfinite(value):
            return value
        else:
            self._report("not-finite", f"must be a finite number, not {value}.")
        return None

    def _text(self, value: str) -> str:
        self._characters += len(value)
        if self._characters > MAX_CHARACTERS:
            raise UnreadableError("too-large", f"holds more than {MAX_CHARACTERS:,} characters.")
        if "\0" in value:
            self._report("bad-text", "has the character U+0000 in it, which databases and terminals refuse.")
            value = value.replace("\0", "\ufffd")
        try:
            value.encode()
        except UnicodeEncodeError:
            self._report("bad-text", "has half of a surrogate pair in it, which is no character.")
            return value.encode("utf-8", "replace").decode()
        return composed(value)

    def _report(self, code: str, message: str, advice: str = "", *, below: str | None = None) -> None:
        if len(self.problems) > MAX_PROBLEMS:
            return
        steps = self._steps if below is None else [*self._steps, below]
        self.problems.append(Problem(at(*steps), code, message, advice))

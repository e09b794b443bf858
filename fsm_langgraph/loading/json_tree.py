"""The parts of a JSON text. The parser that read it says where each value ends, so what nobody asks for is passed over.

An object or a list is gone through when somebody asks for what is in it, and remembered. Each level on the way to a
part is read once, at the speed of the parser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from fsm_langgraph.data.composition import composed
from fsm_langgraph.loading.text_tree import Step, TextPart


class JsonTree:
    """The parts of a JSON text.

    Args:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[int, dict[Step, TextPart]] = {}

    def root(self) -> TextPart:
        """Return the whole."""
        return self._part(self._past_space(0), None)

    def inside(self, part: TextPart) -> Mapping[Step, TextPart]:
        """Return what is in an object or a list."""
        if part.start not in self._found:
            found = self._found[part.start] = {}
            try:
                for step, inner in self._members(part.start):
                    first = found.get(step)
                    if first is None:
                        found[step] = inner
                    elif first.again is None:
                        found[step] = first._replace(again=inner.name)
            except (ValueError, IndexError, RecursionError):  # a text that is read here and was not read before
                pass
        return self._found[part.start]

    def end(self, part: TextPart) -> int:
        """Return where a value ends."""
        return _PARSER.raw_decode(self._text, part.start)[1]

    def _members(self, start: int) -> Iterator[tuple[Step, TextPart]]:
        is_object, index = self._text[start] == "{", 0
        at = self._past_space(start + 1)
        while self._text[at] not in "}]":
            step: Step = index
            name = None
            if is_object:
                key, end = _PARSER.raw_decode(self._text, at)
                step, name = composed(key), at
                at = self._past_space(self._past_space(end) + 1)  # past the colon
            yield step, self._part(at, name)
            at = self._past_space(_PARSER.raw_decode(self._text, at)[1])
            if self._text[at] == ",":
                at = self._past_space(at + 1)
            index += 1

    def _part(self, start: int, name: int | None) -> TextPart:
        return TextPart(start, name, self._text[start : start + 1] in ("{", "["))

    def _past_space(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found else at


_PARSER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")

"""Where the parts of a text stand, in lines and columns: for problems, findings, scenarios, coverage and editors.

Reading a document gives its data, which knows no lines. Here the text is looked into once more, along the way to a part
alone, and only when somebody asks:

    json_tree   JSON, by the parser of the standard library, which says where a value ends
    yaml_tree   YAML, by the nodes that ruamel composes

Lines and columns count from 1 on, columns in characters; a line ends with a line feed, a carriage return or both.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property

from fsm_langgraph.loading.json_tree import JsonTree
from fsm_langgraph.loading.text_tree import Step, TextPart, TextTree


class Positions:
    """The lines and columns of a text's parts. A part that is not there stands where that stands which lacks it.

    Args:
        text: A text that could be read.
        is_json: Whether it is JSON, or else YAML.
    """

    def __init__(self, text: str, *, is_json: bool) -> None:
        self._text = text
        self._is_json = is_json

    def of(self, steps: Sequence[Step]) -> tuple[int, int]:
        """Return the line and the column of a value; of an object or a list that has a name, those of the name."""
        part = self._part(steps)[0]
        return self._at(part.name if part.holds and part.name is not None else part.start)

    def of_name(self, steps: Sequence[Step]) -> tuple[int, int]:
        """Return the line and the column of the name that a value has; those of the value, if it has none."""
        part = self._part(steps)[0]
        return self._at(part.start if part.name is None else part.name)

    def of_second(self, steps: Sequence[Step]) -> tuple[int, int]:
        """Return the line and the column at which a name stands a second time."""
        part, is_there = self._part(steps)
        return self._at(part.again) if is_there and part.again is not None else self.of_name(steps)

    def of_words(self, steps: Sequence[Step], words: str) -> tuple[int, int]:
        """Return the line and the column of words in a text, whatever space is between them; else those of the text."""
        part = self._part(steps)[0]
        if part.holds:
            return self.of(steps)
        pieces = map(re.escape, _PIECES.findall(words))
        found = re.compile(r"\s*".join(pieces)).search(self._text, part.start, self._tree.end(part))
        return self._at(found.start()) if found else self.of(steps)

    def _part(self, steps: Sequence[Step]) -> tuple[TextPart, bool]:
        """Return a part, or the innermost one around it that is there; and whether it is itself."""
        part = self._tree.root()
        for step in steps:
            members = self._tree.inside(part) if part.holds else {}
            inner = members.get(step) or members.get(_OTHER_NAMES.get(step, step))
            if inner is None and step == 0:
                continue  # a list around a single item may be left out
            if inner is None:
                return part, False
            part = inner
        return part, True

    def _at(self, index: int) -> tuple[int, int]:
        line = bisect_right(self._line_starts, index)
        return line, index - self._line_starts[line - 1] + 1

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_END.finditer(self._text))]

    @cached_property
    def _tree(self) -> TextTree:
        if self._is_json:
            return JsonTree(self._text)
        # Only those who write YAML wait for its parser to be imported.
        from fsm_langgraph.loading.yaml_tree import YamlTree

        return YamlTree(self._text)


_OTHER_NAMES: dict[Step, Step] = {"instructions": "response_instructions"}
"""Names by which LLM-FSM has a field."""
_PIECES = re.compile(r"\w+|[^\w\s]")
_LINE_END = re.compile(r"\r\n|\n|\r")


def position_in(text: str, index: int) -> tuple[int, int]:
    """Return the line and the column of a character."""
    before = text[:index]
    start = max(before.rfind("\n"), before.rfind("\r")) + 1
    return len(_LINE_END.findall(before)) + 1, index - start + 1

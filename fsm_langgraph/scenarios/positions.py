"""Where the parts of a file stand: the line and column of each, for messages, test reports and editors.

The data of a file is read by `loading`, with its bounds, and knows no lines. Here the text is composed to YAML nodes,
which do; JSON is YAML as well. It is done when somebody asks for a line, and only after the file could be read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode


class Positions:
    """The lines and columns of a file's parts.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._root: Any = None
        self._is_read = False

    def of(self, steps: Sequence[str | int]) -> tuple[int, int]:
        """Return the line and the column of a part, from 1 on; of a part that is not there those of what holds it.

        A step into the only item of a list may be left out in the file, as a list around one item may.
        """
        node, mark = self._root_node(), None
        for step in steps:
            found = _inside(node, step)
            if found is None and step == 0:
                continue
            if found is None:
                break
            mark, node = found
        if mark is None:
            mark = node.start_mark if node is not None else None
        return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)

    def of_path(self, path: str) -> tuple[int, int]:
        """Return the line and the column of a part by its path, as `at` writes it."""
        found = re.findall(r'\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.\[\]]+)', path)
        return self.of([int(index) if index else quoted or name for index, quoted, name in found])

    def node(self, steps: Sequence[str | int]) -> Any:
        """Return the YAML node of a part; `None` where there is none."""
        node = self._root_node()
        for step in steps:
            found = _inside(node, step)
            if found is None:
                return None
            _, node = found
        return node

    def _root_node(self) -> Any:
        if not self._is_read:
            self._is_read = True
            yaml = YAML(typ="safe", pure=True)
            yaml.composer.warn_double_anchors = False  # as the reader of definitions has it
            yaml.allow_duplicate_keys = True
            try:
                self._root = yaml.compose(self._path.read_bytes().decode("utf-8-sig"))  # with its own ends of lines
            except (
                YAMLError,
                OSError,
                UnicodeError,
                RecursionError,
            ):  # JSON may be no YAML: then nothing is known of its lines
                self._root = None
        return self._root


def _inside(node: Any, step: str | int) -> tuple[Any, Any] | None:
    """Return where a part of a node begins, and its own node."""
    if isinstance(node, MappingNode) and isinstance(step, str):
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == step:
                return key.start_mark, value
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark, item
    return None

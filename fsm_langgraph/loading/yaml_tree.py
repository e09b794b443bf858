"""The parts of a YAML text: the nodes that its parser composes, which know where they begin.

What an alias stands for stands where its anchor is, and what a merge key brings in where it is written. A value that is
nothing, or that an alias stands for as a whole, is pointed at by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from fsm_langgraph.data.composition import composed
from fsm_langgraph.loading.text_tree import Step, TextPart
from fsm_langgraph.loading.yaml_text import MERGE, compose_yaml


class YamlTree:
    """The parts of a YAML text; of one that cannot be composed only the whole is known.

    Args:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        try:
            self._root = compose_yaml(text)
        except (YAMLError, RecursionError):  # JSON with tabs is none
            self._root = None
        self._found: dict[int, dict[Step, TextPart]] = {}

    def root(self) -> TextPart:
        """Return the whole."""
        return TextPart(0, None, holds=False) if self._root is None else _part(self._root)

    def inside(self, part: TextPart) -> Mapping[Step, TextPart]:
        """Return what is in a mapping or a sequence."""
        node = part.node
        if id(node) not in self._found:  # the root keeps all nodes, so that no other one gets this identity
            found = self._found[id(node)] = {}
            for step, inner in _members(node):
                first = found.setdefault(step, inner)
                if first is not inner and first.again is None:
                    found[step] = first._replace(again=inner.name)
        return self._found[id(node)]

    def end(self, part: TextPart) -> int:
        """Return where a value ends; one that an alias stands for ends before its name begins."""
        return part.start if part.node is None else int(part.node.end_mark.index)

    def node(self, steps: Sequence[Step]) -> Any:
        """Return the node of a part; `None` where there is none."""
        part = self.root()
        for step in steps:
            inner = self.inside(part).get(step)
            if inner is None:
                return None
            part = inner
        return part.node


def _part(node: Any, key: Any = None) -> TextPart:
    start, holds = node.start_mark.index, isinstance(node, MappingNode | SequenceNode)
    if key is None:
        return TextPart(start, None, holds, node)
    name = key.start_mark.index
    is_elsewhere = start < key.end_mark.index
    is_empty = start == node.end_mark.index and not holds
    return TextPart(name if is_elsewhere or is_empty else start, name, holds, node)


def _members(node: Any) -> Iterator[tuple[Step, TextPart]]:
    if isinstance(node, SequenceNode):
        yield from ((index, _part(item)) for index, item in enumerate(node.value))
    elif isinstance(node, MappingNode):
        known: set[str] = set()
        for holder in _with_merged(node):
            for key, value in holder.value:
                if isinstance(key, ScalarNode) and key.tag != MERGE:
                    name = composed(key.value)
                    if holder is node or name not in known:
                        yield name, _part(value, key)
                    known.add(name)


def _with_merged(node: MappingNode) -> Iterator[MappingNode]:
    """Yield a mapping and those that it merges, in the order in which they are looked into; a circle ends."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        holder = waiting.pop()
        if id(holder) in seen or not isinstance(holder, MappingNode):
            continue
        seen.add(id(holder))
        yield holder
        merged = next((value for key, value in holder.value if key.tag == MERGE), None)
        waiting += reversed(merged.value) if isinstance(merged, SequenceNode) else [merged] if merged else []

"""YAML 1.2 as JSON data. `document.py` imports it only for a definition that is written in YAML.

YAML 1.2 keeps `no`, `on` and `12:30` as the strings that they look like. Dates, which JSON does not have,
become ISO 8601 strings; keys given twice are remembered for the walk that knows their path. Tags of Python's
or of anybody else's are refused: reading a definition builds nothing but plain data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode

from fsm_langgraph.data.json_data import Pairs, UnreadableError


def parse_yaml(text: str) -> Any:
    """Parse one YAML document; raise `UnreadableError` with the line and column where it is none."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _JsonConstructor
    yaml.allow_duplicate_keys = True
    yaml.composer.warn_double_anchors = False  # legal in YAML 1.2: the later one counts
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise UnreadableError("not-yaml", f"is not YAML: {where}{error.problem or error.context}.", _HINT) from error
    except YAMLError as error:
        found = str(error).splitlines()[0]
        raise UnreadableError("not-yaml", f"is not YAML: {found}.") from error


_HINT = "Indent with spaces; put text in quotes that starts with a sign such as ! % @ & * { [ or holds ': '."


class _JsonConstructor(SafeConstructor):
    """Makes plain data of YAML nodes."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """Say where it is if a value does not fit its explicit tag, such as `!!int x`."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, TypeError) as error:
            found = f"{node.value!r} cannot be read as {node.tag}"
            raise ConstructorError(None, None, found, node.start_mark) from error

    def construct_yaml_map(self, node: Any) -> Iterator[Pairs]:
        """Keep the first of several equal keys, and remember that there were more."""
        data = Pairs()
        yield data
        data.repeated = tuple(_repeated(node))
        try:
            data.update(self.construct_mapping(node))
        except TypeError as error:
            raise ConstructorError(None, None, "a key holds an object", node.start_mark) from error

    def construct_yaml_timestamp(self, node: Any, values: Any = None) -> str:
        """Write a date as ISO 8601; what only looks like one (a 31st of February) stays as it is written."""
        try:
            return str(super().construct_yaml_timestamp(node, values).isoformat())
        except ValueError:
            return str(node.value)


for _kind in ("map", "timestamp"):
    _JsonConstructor.add_default_constructor(_kind)


def _repeated(node: Any) -> list[str]:
    pairs = node.value if isinstance(node, MappingNode) else ()
    counts = Counter(key.value for key, _ in pairs if isinstance(key, ScalarNode))
    return [name for name, count in counts.items() if count > 1]

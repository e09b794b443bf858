"""YAML 1.2 as JSON data. `document.py` imports it only for a definition that is written in YAML.

YAML 1.2 keeps `no`, `on` and `12:30` as the strings that they look like. Dates, which JSON does not have,
become ISO 8601 strings; keys given twice are remembered for the walk that knows their path. Tags of Python's
or of anybody else's are refused: reading a definition builds nothing but plain data.

A few lines can ask for billions of values. What aliases stand for is counted by the walk (`to_json`), and what merge
keys bring is counted here, before it is brought in. Keys are scalars: one made of lists that hold each other would be
compared without end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from fsm_langgraph.data.json_data import MAX_VALUES, Pairs, UnreadableError
from fsm_langgraph.data.shortened import shortened

MAX_YAML = 1_000_000
"""How many characters a document has at most: it takes half a minute to read, and as JSON a fraction of a second."""


def parse_yaml(text: str) -> Any:
    """Parse one YAML document; raise `UnreadableError` where it is none."""
    if len(text) > MAX_YAML:
        raise UnreadableError("too-large", f"is longer than {MAX_YAML:,} characters.", "Write it in JSON.")
    yaml = _reader()
    yaml.Constructor = _JsonConstructor
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.problem == "but found another document":
            raise UnreadableError(
                "not-yaml", "is more than one YAML document.", _SPLIT, index=mark.index if mark else 0
            ) from error
        found = f"is not YAML: {error.problem or error.context}."
        raise UnreadableError("not-yaml", found, _HINT, index=mark.index if mark else 0) from error
    except YAMLError as error:
        found = str(error).splitlines()[0]
        index = error.position if isinstance(error, ReaderError) else 0
        raise UnreadableError("not-yaml", f"is not YAML: {found}.", index=index) from error
    except (RecursionError, UnreadableError):
        raise
    except Exception as error:  # the edge of a library that raises whatever Python raises
        raise UnreadableError("not-yaml", "is not YAML that can be read.", _HINT) from error


def compose_yaml(text: str) -> Any:
    """Return the root of a document's nodes, which know where they stand in the text.

    Raises:
        YAMLError: It is no YAML.
    """
    return _reader().compose(text)


def _reader() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_duplicate_keys = True
    yaml.composer.warn_double_anchors = False  # legal in YAML 1.2: the later one counts
    return yaml


_HINT = "Indent with spaces; put text in quotes that starts with a sign such as ! % @ & * { [ or holds ': '."
_SPLIT = "Write each into a file of its own."


class _JsonConstructor(SafeConstructor):
    """Makes plain data of YAML nodes."""

    _merged = 0

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """Say where it is if a value does not fit its explicit tag, such as `!!int x`."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, TypeError) as error:
            found = f"{shortened(repr(node.value), 60)} cannot be read as {shortened(str(node.tag), 60)}"
            raise ConstructorError(None, None, found, node.start_mark) from error

    def flatten_mapping(self, node: Any) -> None:
        """Bring in what the merge key `<<` names, each key once: one of the mapping's own goes before."""
        own = [pair for pair in node.value if pair[0].tag != MERGE]
        merges = [value for key, value in node.value if key.tag == MERGE]
        for key, _ in own:
            if not isinstance(key, ScalarNode):
                raise ConstructorError(None, None, "a key is a list or an object", key.start_mark)
        if merges:
            node.value = own  # so that a mapping that merges itself ends
            brought: dict[tuple[str, str], Any] = {}
            for holder in _holders(merges[0]):
                self.flatten_mapping(holder)
                self._merged += len(holder.value)
                if self._merged > MAX_VALUES:
                    raise UnreadableError("too-large", f"merges more than {MAX_VALUES:,} values.")
                for pair in holder.value:
                    brought.setdefault(_name_of(pair), pair)
            own_pairs: dict[tuple[str, str], Any] = {}
            for pair in own:
                own_pairs.setdefault(_name_of(pair), pair)
            node.value = [*{**brought, **own_pairs}.values()]
        super().flatten_mapping(node)

    def construct_yaml_map(self, node: Any) -> Iterator[Pairs]:
        """Keep the first of several equal keys, and remember that there were more."""
        data = Pairs()
        yield data
        data.repeated = tuple(_repeated(node))
        data.update(self.construct_mapping(node))

    def construct_yaml_timestamp(self, node: Any, values: Any = None) -> str:
        """Write a date as ISO 8601; what only looks like one (a 31st of February) stays as it is written."""
        try:
            return str(super().construct_yaml_timestamp(node, values).isoformat())
        except ValueError:
            return str(node.value)


_JsonConstructor.yaml_constructors = {
    tag: construct
    for tag, construct in SafeConstructor.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] not in ("binary", "omap", "pairs", "set")  # which JSON does not have
}
for _kind in ("map", "timestamp"):
    _JsonConstructor.add_default_constructor(_kind)

MERGE = "tag:yaml.org,2002:merge"
"""The tag of the key `<<`."""


def _holders(value: Any) -> list[Any]:
    """Return the mappings that a merge key names: one, or a list of them."""
    holders = value.value if isinstance(value, SequenceNode) else [value]
    for holder in holders:
        if not isinstance(holder, MappingNode):
            raise ConstructorError(None, None, "a merge key names something else than mappings", holder.start_mark)
    return list(holders)


def _name_of(pair: tuple[Any, Any]) -> tuple[str, str]:
    key = pair[0]
    return key.tag, key.value


def _repeated(node: Any) -> list[str]:
    pairs = node.value if isinstance(node, MappingNode) else ()
    counts = Counter(key.value for key, _ in pairs if isinstance(key, ScalarNode))
    return [name for name, count in counts.items() if count > 1]

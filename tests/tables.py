"""The tables that tests are made of, read by libyaml: twenty times as fast as by what the package reads YAML with.

By YAML 1.2, as there: a plain `no` is a string, and a key given twice is an error.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # its types are a package of their own

_PLAIN = {
    "null": ("~nN", r"~|null|Null|NULL|"),
    "bool": ("tTfF", r"true|True|TRUE|false|False|FALSE"),
    "int": ("-+0123456789", r"[-+]?(?:0|[1-9][0-9]*)"),
    "float": ("-+.0123456789", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?"),
}
"""What is no string where it is written without quotes, in the order in which it is tried: how it begins, and how it
reads."""


def read_table(path: Path) -> Any:
    """Read a YAML file of ours."""
    with path.open("rb") as file:
        return yaml.load(file, _Loader)  # noqa: S506 - built upon the safe one


class _Loader(yaml.CSafeLoader):  # type: ignore[misc]  # it has no types
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML fills it below

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(key.value for key, _ in node.value)
        if twice := [key for key, times in keys.items() if times > 1]:
            raise yaml.constructor.ConstructorError(None, None, f"given twice: {twice}", node.start_mark)
        read: dict[Any, Any] = super().construct_mapping(node, deep)
        return read


for _kind, (_first, _pattern) in _PLAIN.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(f"(?:{_pattern})$"), [*_first, ""])

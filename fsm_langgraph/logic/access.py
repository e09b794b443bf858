"""The operators that read the data: `var missing missing_some has_context context_length`.

A name is a path with dots: keys of objects, positions in lists and strings from 0 on, and `length` of either.
The empty name, or null, is all of the data.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from fsm_langgraph.logic.coercion import LISTS, is_present, number, text
from fsm_langgraph.logic.limits import Meter
from fsm_langgraph.logic.lists import build_list
from fsm_langgraph.logic.node import Constant, Node

_ABSENT = object()


def variable(name: Node = Constant(None), default: Node | None = None) -> Node:  # noqa: B008  # it is never changed
    """Build `var`: what the name leads to, else the default, else null."""
    find = _finder(name)
    if default is None and isinstance(name, Constant) and is_present(name.value):
        return _read(_parts(name.value, Meter()))

    def read(data: Any, meter: Meter) -> Any:
        value = find(data, meter)
        if value is not _ABSENT:
            return value
        return default(data, meter) if default else None

    return read


def missing(*names: Node) -> Node:
    """Build `missing`: the names that lead to null, to `""` or nowhere; one list of names counts as they."""

    def collect(data: Any, meter: Meter) -> list[Any]:
        values = [name(data, meter) for name in names]
        return build_list(_missing(data, values[0] if values and _is_list(values[0]) else values, meter), meter)

    return collect


def missing_some(needed: Node, names: Node) -> Node:
    """Build `missing_some`: nothing if at least so many names lead somewhere, else those that do not."""

    def collect(data: Any, meter: Meter) -> list[Any]:
        least, values = number(needed(data, meter), meter), names(data, meter)
        if not _is_list(values):
            values = [values]
        absent = _missing(data, values, meter)
        return [] if len(values) - len(absent) >= least else build_list(absent, meter)

    return collect


def has_context(*where: Node, declared: Collection[str] = ()) -> Node:
    """Build `has_context`: whether a name leads to something that is present, in the data or in what stands before it.

    Args:
        where: The name; or the value to look in, and the name.
        declared: The keys of the data that have declarations.
    """
    *source, name = where

    def has(data: Any, meter: Meter) -> bool:
        parts = _parts(name(data, meter), meter)
        value = _find(source[0](data, meter) if source else data, parts, meter)
        is_declared = bool(parts) and not source and parts[0] in declared
        return value is not _ABSENT and is_present(value, is_declared=is_declared)

    return has


def context_length(*where: Node) -> Node:
    """Build `context_length`: the length of the list, string or object that a name leads to, else 0.

    Args:
        where: The name; or the value to look in, and the name.
    """
    *source, name = where

    def measure(data: Any, meter: Meter) -> int:
        parts = _parts(name(data, meter), meter)
        return length(_find(source[0](data, meter) if source else data, parts, meter))

    return measure


def find(data: Any, path: str, default: Any = None) -> Any:
    """Return what a path leads to, as `var` reads it; the default where it leads nowhere."""
    value = _follow(data, path.split("."))
    return default if value is _ABSENT else value


def length(value: Any) -> int:
    """Count the items, characters or keys of a value; what has none has length 0."""
    return len(value) if isinstance(value, (str, list, tuple, Mapping)) else 0


def _read(parts: Sequence[str]) -> Node:
    """Build the plain case, where guards spend their time: a fixed name, and null for what is not there."""
    if len(parts) == 1:
        [key] = parts

        def read_key(data: Any, meter: Meter) -> Any:  # noqa: ARG001  # a node
            if type(data) is dict:
                return data.get(key)
            value = _step(data, key)
            return None if value is _ABSENT else value

        return read_key

    def read_path(data: Any, meter: Meter) -> Any:  # noqa: ARG001  # a node
        for part in parts:
            data = data.get(part) if type(data) is dict else _step(data, part)
            if data is None or data is _ABSENT:
                return None
        return data

    return read_path


def _finder(name: Node) -> Callable[[Any, Meter], Any]:
    """Build the search for a name, which ends with `_ABSENT` where the path leads nowhere."""
    if isinstance(name, Constant):
        parts = _parts(name.value, Meter())
        return lambda data, meter: _find(data, parts, meter)
    return lambda data, meter: _find(data, _parts(name(data, meter), meter), meter)


def _parts(name: Any, meter: Meter) -> Sequence[str]:
    return () if name is None or name == "" else text(name, meter).split(".")


def _find(data: Any, parts: Sequence[str], meter: Meter) -> Any:
    meter.spend(len(parts))
    return _follow(data, parts)


def _follow(data: Any, parts: Sequence[str]) -> Any:
    for part in parts:
        data = _step(data, part)
        if data is _ABSENT:
            return _ABSENT
    return data


def _step(value: Any, part: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(part, _ABSENT)
    if not isinstance(value, (str, list, tuple)):
        return _ABSENT
    if part == "length":
        return len(value)
    is_position = part == "0" or (len(part) < 10 and part.isascii() and part.isdecimal() and part[0] != "0")
    return value[int(part)] if is_position and int(part) < len(value) else _ABSENT


def _missing(data: Any, names: Sequence[Any], meter: Meter) -> list[Any]:
    meter.spend(len(names))
    found = [(name, _find(data, _parts(name, meter), meter)) for name in names]
    return [name for name, value in found if value is _ABSENT or value is None or value == ""]


def _is_list(value: Any) -> bool:
    return isinstance(value, LISTS)

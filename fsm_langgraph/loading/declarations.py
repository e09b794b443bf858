"""Faults of the `context` section: declarations that no value can satisfy, or that contradict themselves.

The checks read the raw data, so that a fault of shape in one declaration hides nothing in the next.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from pydantic import JsonValue, ValidationError

from fsm_langgraph.context.values import coerce, same
from fsm_langgraph.data.json_data import Steps, at
from fsm_langgraph.data.patterns import pattern_fault
from fsm_langgraph.definition import ContextKey
from fsm_langgraph.errors import Problem
from fsm_langgraph.loading.key_names import check_declared, key_fault


def check_declarations(context: dict[str, Any]) -> Iterator[Problem]:
    """Find what is wrong with the declared keys."""
    circles = _circles(context)
    for key, raw in context.items():
        if reason := key_fault(key):
            yield Problem(at("context", key), "reserved-name", reason)
        if isinstance(raw, dict):
            yield from _declaration(("context", key), raw)
            yield from _dependencies(key, raw, context, circles)


def misfit_of(value: JsonValue, raw: dict[str, Any]) -> str:
    """Say why a value does not fit a declaration; nothing where it does, or where that has a fault itself."""
    declared = _lenient(raw)
    if declared.pattern is not None and pattern_fault(declared.pattern)[0]:
        return ""
    reason = _misfit(value, declared)
    return f"the value {_text(value)} {reason}." if reason else ""


def _declaration(steps: Steps, raw: dict[str, Any]) -> Iterator[Problem]:
    declared = _lenient(raw)
    yield from _misfits(steps, declared)
    reason, advice = pattern_fault(declared.pattern) if declared.pattern is not None else ("", "")
    if reason:
        yield _bad((*steps, "pattern"), f"{reason}.", advice)
        declared = declared.model_copy(update={"pattern": None})
    if declared.minimum is not None and declared.maximum is not None and declared.minimum > declared.maximum:
        yield _bad((*steps, "maximum"), f"{declared.maximum} is below the minimum, {declared.minimum}.")
    yield from _values(steps, declared)
    if declared.secret and declared.default is not None and len(steps) == _OF_A_KEY:
        message = "stands in the definition for all to read, and the key is secret."
        yield _bad((*steps, "default"), message, "Have a handler or the caller write it.")
    if declared.grounded and any(map(_is_truth, (declared, declared.items or declared))):
        message = "cannot hold: a truth value is nothing that the user writes in so many words."
        yield _bad((*steps, "grounded"), message, "Leave it out here.")
    if isinstance(raw.get("items"), dict):
        items, nothing = _lenient(raw["items"]), ContextKey()
        for field in ("default", "written_by", "depends_on", "secret", "grounded"):
            if getattr(items, field) != getattr(nothing, field):
                yield _bad(
                    (*steps, "items", field), "belongs to the key itself, not to its items.", "Write it beside 'items'."
                )
        yield from _declaration((*steps, "items"), raw["items"])


_OF_A_KEY = 2
"""How many steps lead to the declaration of a key, and not of its items."""


def _is_truth(declared: ContextKey) -> bool:
    values = declared.enum or ()
    return declared.type == "boolean" or (bool(values) and all(isinstance(value, bool) for value in values))


def _dependencies(
    key: str, raw: dict[str, Any], context: dict[str, Any], circles: dict[str, list[str]]
) -> Iterator[Problem]:
    """Find the keys that a key depends on and that nothing declares, and circles."""
    for index, other in enumerate(_lenient(raw).depends_on):
        place = at("context", key, "depends_on", index)
        if reason := key_fault(other):
            yield Problem(place, "reserved-name", reason)
        elif other not in context:
            yield from check_declared(("context", key, "depends_on", index), other, context)
        elif way := _way(other, key, circles):
            told = " depends on ".join(map(repr, [key, *way]))
            yield Problem(place, "circular-dependency", f"{told}.", "Leave one of them out.")


def _circles(context: dict[str, Any]) -> dict[str, list[str]]:
    """Return the keys that may stand in a circle, each with those that it depends on; of many keys, one circle's."""
    depends = {key: [*_lenient(raw).depends_on] for key, raw in context.items() if isinstance(raw, dict)}
    try:
        TopologicalSorter(depends).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]  # each depends on the one before, and the last one is the first
        return depends if len(depends) <= _FEW else {key: [of] for of, key in pairwise(circle)}
    return {}


def _way(source: str, target: str, depends: dict[str, list[str]]) -> list[str]:
    """Return the keys by which one depends on another, both included; nothing where it does not."""
    came_from, waiting = {source: ""}, [source] if source in depends else []
    for key in waiting:  # it grows while it is walked: the shortest comes first
        if key == target:
            way = [key]
            while way[-1] != source:
                way.append(came_from[way[-1]])
            return way[::-1]
        for further in depends.get(key, ()):
            if further not in came_from:
                came_from[further] = key
                waiting.append(further)
    return []


_FEW = 100
"""Of how many keys every circle is told."""


def _lenient(raw: dict[str, Any]) -> ContextKey:
    """Make the declaration without those of its fields that have a fault of shape."""
    try:
        return ContextKey.model_validate(raw)
    except ValidationError as error:
        bad = {fault["loc"][0] for fault in error.errors(include_url=False)}
        return ContextKey.model_validate({name: value for name, value in raw.items() if name not in bad})


def _misfits(steps: Steps, declared: ContextKey) -> Iterator[Problem]:
    """Find the limits that say nothing about values of the declared type."""
    for field, types in _MEANT_FOR.items():
        if declared.type not in (None, *types) and getattr(declared, field) is not None:
            wanted = " or ".join(map(repr, types))
            yield _bad((*steps, field), f"says nothing about the type {declared.type!r}: it is for {wanted}.")


_MEANT_FOR = {
    "format": ("string",),
    "pattern": ("string",),
    "minimum": ("number", "integer"),
    "maximum": ("number", "integer"),
    "items": ("array",),
}


def _values(steps: Steps, declared: ContextKey) -> Iterator[Problem]:
    """Find the values of `enum`, and the default, that the declaration itself refuses."""
    if declared.enum == ():
        yield _bad((*steps, "enum"), "is empty: no value is allowed.")
        declared = declared.model_copy(update={"enum": None})
    without_enum = declared.model_copy(update={"enum": None})
    for index, value in enumerate(declared.enum or ()):
        if reason := _misfit(value, without_enum):
            yield _bad((*steps, "enum", index), f"the value {_text(value)} {reason}.")
    if declared.default is not None and (reason := _misfit(declared.default, declared)):
        yield _bad((*steps, "default"), f"the value {_text(declared.default)} {reason}.")


def _misfit(value: JsonValue, declared: ContextKey) -> str:
    try:
        stored = coerce(value, declared)
    except ValueError as error:
        return str(error)
    return "" if same(value, stored) else f"would be stored as {_text(stored)}"


def _text(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)


def _bad(steps: Steps, message: str, advice: str = "") -> Problem:
    return Problem(at(*steps), "bad-declaration", message, advice)

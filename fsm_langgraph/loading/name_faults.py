"""Faults of names: signs in them that nobody sees, blanks at their ends, and two names that look the same.

Each name is told of once, where it first stands. That two names differ in upper and lower case is seen, and so no
fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fsm_langgraph.data.json_data import Steps, at
from fsm_langgraph.data.name_signs import MAX_NAME, looks, sign_fault, visible
from fsm_langgraph.errors import Problem
from fsm_langgraph.loading.raw_data import Object, objects, strings


def check_names(root: Object) -> Iterator[Problem]:
    """Find what is wrong with the names of a definition; those of sub-machines are their own definitions'."""
    kinds = (
        [(("name",), root["name"])] if isinstance(root.get("name"), str) else [],
        _members(("states",), root.get("states")),
        _keys(root),
        _members(("subflows",), root.get("subflows")),
        _members(("store",), root.get("store")),
        _listed(root, "tools"),
        _handoffs(root),
    )
    for names in kinds:
        seen: set[str] = set()
        alike: dict[str, str] = {}
        for steps, name in names:
            if name in seen:
                continue
            seen.add(name)
            if fault := sign_fault(name):
                message = f"the name {visible(name)} {fault}."
                advice = _SHORTER if len(name) > MAX_NAME else "Write it with signs that people see and can type."
                yield Problem(at(*steps), "bad-name", message, advice)
            elif (other := alike.setdefault(looks(name), name)) != name:
                message = f"the name {visible(name)} looks the same as {visible(other)}."
                yield Problem(at(*steps), "bad-name", message, "Write both in one way, or choose another name.")


_SHORTER = "Let the description tell the rest."


def _keys(root: Object) -> Iterator[tuple[Steps, str]]:
    """Go through the names of context keys: those declared, and those that states name."""
    yield from _members(("context",), root.get("context"))
    for field in ("required_context_keys", "optional_context_keys", "visible_context_keys", "forget"):
        yield from _listed(root, field)
    for steps, state in _states(root):
        for field in ("inputs", "outputs"):
            yield from _members((*steps, field), state.get(field))
            yield from (((*steps, field, index), key) for index, key in strings(state.get(field)))


def _listed(root: Object, field: str) -> Iterator[tuple[Steps, str]]:
    for steps, state in _states(root):
        yield from (((*steps, field, index), name) for index, name in strings(state.get(field)))


def _handoffs(root: Object) -> Iterator[tuple[Steps, str]]:
    holders: list[tuple[Steps, Any]] = [((), root.get("global_transitions"))]
    holders += [(steps, state.get("transitions")) for steps, state in _states(root)]
    for steps, transitions in holders:
        field = "transitions" if steps else "global_transitions"
        for index, transition in objects(transitions):
            if isinstance(name := transition.get("handoff"), str):
                yield (*steps, field, index, "handoff"), name


def _members(steps: Steps, value: Any) -> Iterator[tuple[Steps, str]]:
    return (((*steps, name), name) for name in (value if isinstance(value, dict) else ()))


def _states(root: Object) -> Iterator[tuple[Steps, Object]]:
    states = root.get("states")
    for name, raw in (states if isinstance(states, dict) else {}).items():
        if isinstance(raw, dict):
            yield ("states", name), raw

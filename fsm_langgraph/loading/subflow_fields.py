"""Faults of the fields by which a state runs a sub-machine, and of those that mean nothing beside them.

The checks read the raw data, with the sub-machines in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fsm_langgraph.data.json_data import at
from fsm_langgraph.errors import Problem, suggest
from fsm_langgraph.loading.key_names import key_fault
from fsm_langgraph.loading.raw_data import Object


def check_subflow_fields(state_id: str, raw: Object, root: Object) -> Iterator[Problem]:
    """Find what is wrong with a state as one that runs a sub-machine, or as one that runs none.

    Args:
        state_id: The state's key under `states`.
        raw: The state.
        root: The definition that it stands in, with its sub-machines.
    """
    steps = ("states", state_id)
    if raw.get("subflow") is None:
        for field in ("inputs", "outputs"):
            if raw.get(field):
                message = "keys go in and come back only where a 'subflow' runs."
                yield Problem(at(*steps, field), "contradiction", message, "Name the sub-machine, or remove this.")
        return
    for field, voids in _VOID.items():
        if raw.get(field) in voids:
            message = "the sub-machine has the conversation here, so this says nothing."
            yield Problem(at(*steps, field), "contradiction", message, "Remove it, or write it in the sub-machine.")
    for field in ("required_context_keys", "optional_context_keys"):
        if raw.get(field):
            message = "the sub-machine has the conversation here, so nobody collects these keys."
            yield Problem(at(*steps, field), "contradiction", message, "Let the sub-machine collect them.")
    if raw.get("say"):
        message = "the sub-machine has the conversation here, so these words are never said."
        advice = "Let a state of the sub-machine say them, or a silent state that leads here."
        yield Problem(at(*steps, "say"), "contradiction", message, advice)
    if raw.get("transitions") in (None, []):
        message = "a state that runs a sub-machine needs a way on for when that has ended."
        yield Problem(
            at(*steps, "transitions"), "contradiction", message, "Add a transition, to a final state perhaps."
        )
    inner = (root.get("subflows") or {}).get(raw["subflow"]) if isinstance(root.get("subflows"), dict) else None
    yield from _keys(steps, raw, root.get("context"), inner.get("context") if isinstance(inner, dict) else None)


_VOID: dict[str, tuple[Any, ...]] = {"silent": (True,), "listens": (False,), "decision": ("logic",), "calls": ("two",)}


def _keys(steps: tuple[str, ...], raw: Object, outer: Any, inner: Any) -> Iterator[Problem]:
    for field in ("inputs", "outputs"):
        for position, (inner_key, outer_key) in _pairs(raw.get(field)):
            path = at(*steps, field, position)
            if _is_swapped(inner_key, outer_key, inner, outer):
                message = f"{inner_key!r} is a key in 'context', and {outer_key!r} one in the sub-machine."
                advice = f"Swap them, {outer_key!r}: {inner_key!r}: the sub-machine's key comes first."
                yield Problem(path, "undeclared-key", message, advice)
                continue
            sides = ((inner_key, inner, "in the sub-machine"), (outer_key, outer, "in 'context'"))
            for key, declared, where in sides:
                if reason := key_fault(key):
                    yield Problem(path, "reserved-name", reason)
                elif isinstance(declared, dict) and key not in declared:
                    advice = suggest(key, declared, noun="declared keys")
                    yield Problem(path, "undeclared-key", f"the key {key!r} is not declared {where}.", advice)
            source, goal = (sides[1], sides[0]) if field == "inputs" else (sides[0], sides[1])
            if _is_secret(source[0], source[1]) and not _is_secret(goal[0], goal[1]):
                message = f"the key {source[0]!r} is secret, and {goal[0]!r}, {goal[2]}, is not."
                yield Problem(path, "contradiction", message, "Declare both 'secret'.")


def _is_swapped(inner_key: str, outer_key: str, inner: Any, outer: Any) -> bool:
    """Say whether the keys of a pair are declared the other way round only."""
    if not isinstance(inner, dict) or not isinstance(outer, dict):
        return False
    fits = inner_key in inner and outer_key in outer
    return not fits and outer_key in inner and inner_key in outer and not (key_fault(inner_key) or key_fault(outer_key))


def _pairs(value: Any) -> Iterator[tuple[str | int, tuple[str, str]]]:
    if isinstance(value, dict):
        yield from ((key, (key, name)) for key, name in value.items() if isinstance(name, str))
    elif isinstance(value, list):
        yield from ((i, (key, key)) for i, key in enumerate(value) if isinstance(key, str))


def _is_secret(key: str, declared: Any) -> bool:
    declaration = declared.get(key) if isinstance(declared, dict) else None
    return isinstance(declaration, dict) and declaration.get("secret") is True

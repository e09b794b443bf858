"""Faults of the name of a context key: it is not declared where keys are, or it is one of the machine's own.

All parts of a definition that name keys ask here, so that the same fault is told in the same words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fsm_langgraph.context.machine_keys import MACHINE_KEYS
from fsm_langgraph.context.writes import MACHINE_PREFIX
from fsm_langgraph.data.json_data import Steps, at
from fsm_langgraph.errors import Problem, suggest


def key_fault(key: str) -> str:
    """Say why no definition may have this context key; nothing if it may."""
    if not key:
        return "a context key needs a name."
    if key.startswith(MACHINE_PREFIX):
        return f"context keys that start with {MACHINE_PREFIX!r} are the machine's: {key!r}."
    return ""


def check_read(steps: Steps, key: str, declared: Mapping[str, Any] | None) -> Iterator[Problem]:
    """Find a key that a condition or a text reads and that there is not.

    Args:
        steps: Where it is read.
        key: The key.
        declared: The declarations of keys; `None` where nothing is declared.
    """
    if key.startswith(MACHINE_PREFIX) and key not in MACHINE_KEYS:
        advice = suggest(key, MACHINE_KEYS, noun="keys of the machine's own")
        yield Problem(at(*steps), "unknown-machine-key", f"the machine has no key {key!r} of its own.", advice)
    yield from check_declared(steps, key, declared)


def check_declared(steps: Steps, key: str, declared: Mapping[str, Any] | None) -> Iterator[Problem]:
    """Find a key that is not declared where keys are; of one of the machine's nothing is said."""
    if declared is None or key in declared or key_fault(key):
        return
    advice = suggest(key, declared, noun="declared keys")
    yield Problem(at(*steps), "undeclared-key", f"the key {key!r} is not declared in 'context'.", advice)

"""Where a stored conversation stands, by the values of its graph's state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.turn.frames import before_turn, path_of


def current_path(definition: FSMDefinition, values: Mapping[str, Any]) -> str:
    """Return the path of the state that a stored conversation is in: `payment/card`."""
    return path_of(_current(definition, values), values.get("sub_machine"))


def has_ended(definition: FSMDefinition, values: Mapping[str, Any]) -> bool:
    """Say whether a stored conversation has reached a final state, or was closed."""
    state = definition.states.get(_current(definition, values))
    is_there = state is not None and state.is_final and "current_state" in values
    # A digression lands in a state without transitions too, but will return from it.
    is_digression = bool(before_turn(values.get("turn") or {})["left"])
    return is_closed(values) or (is_there and not is_digression)


def is_closed(values: Mapping[str, Any]) -> bool:
    """Say whether a stored conversation was closed."""
    return bool((values.get("turn") or {}).get("closed"))


def _current(definition: FSMDefinition, values: Mapping[str, Any]) -> str:
    return str(values.get("current_state", definition.initial_state))

"""Machines written down as their transitions, and what the checks of structure find in them."""

from __future__ import annotations

from typing import Any

from fsm_langgraph.checking import findings
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.loading import load_definition

Json = dict[str, Any]
KNOWN: Json = {"conditions": [{"description": "it is known", "requires_context_keys": ["size"]}]}
"""A condition that requires a key."""
IN_WORDS: Json = {"conditions": [{"description": "the user is satisfied"}]}
"""A condition in words alone."""
SILENT: Json = {"silent": True}
THOUGHT: Json = {"listens": False}


def to(*targets: str, **fields: Any) -> Json:
    """Write a state with transitions to these targets, without conditions: what is left out is filled in."""
    return {"transitions": [way(target) for target in targets], **fields}


def way(target: str, **fields: Any) -> Json:
    """Write a transition."""
    return {"target_state": target, "description": f"to {target}", **fields}


def raw(states: Json, **fields: Any) -> Json:
    """Write a machine whose first state is the initial one."""
    whole = {
        name: {"id": name, "description": name, "purpose": f"Be {name}", "transitions": [], **state}
        for name, state in states.items()
    }
    return {"name": "m", "description": "d", "initial_state": next(iter(states)), "states": whole, **fields}


def made(states: Json, **fields: Any) -> FSMDefinition:
    """Make a machine whose first state is the initial one."""
    return load_definition(raw(states, **fields))


def told(definition: FSMDefinition, *codes: str) -> list[str]:
    """Return what is found of these codes, or of all of structure: the name of each with its path."""
    found = [each for each in findings(definition, notes=True) if each.number < "FSM2"]
    return [f"{each.code} {each.path}" for each in found if not codes or each.code in codes]

"""Machines whose states ask for keys, written in a line each, and what the checks of keys find in them."""

from __future__ import annotations

from typing import Any

from checking.machine_of_states import Json, made

from fsm_langgraph.checking.keys import find_key_faults
from fsm_langgraph.checking.machine_view import machine_views

TEXT: Json = {"type": "string"}
BOOLEAN: Json = {"type": "boolean"}
BY_HANDLER: Json = {"type": "string", "written_by": "handler"}


def asks(*keys: str, to: list[Json] | None = None, **fields: Any) -> Json:
    """Write a state that asks for keys; without transitions it is final."""
    return {"required_context_keys": [*keys], "transitions": to or [], **fields}


def on(target: str, *required: str, logic: Any = None, **condition: Any) -> Json:
    """Write a transition that requires keys, or whose logic or condition is given."""
    whole = {"description": "c", "requires_context_keys": [*required], "logic": logic, **condition}
    has_condition = bool(required or condition or logic is not None)
    return {"target_state": target, "description": f"to {target}", "conditions": [whole] if has_condition else []}


def found(states: Json, context: Json | None = None, *, notes: bool = False, **fields: Any) -> list[str]:
    """Return what is found in a machine that ends in `end`: the name of each with its path."""
    declared = {} if context is None else {"context": context}
    definition = made({**states, "end": {}}, **declared, **fields)
    faults = (each.below(view.path) for view in machine_views(definition) for each in find_key_faults(view))
    return [f"{each.code} {each.path}" for each in faults if notes or each.severity != "note"]

"""Machines around some guards, and what the checks of guards tell of them."""

from __future__ import annotations

from typing import Any

from random_definitions import definition

from fsm_langgraph.checking.guards.guard_check import check_guards
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.outputs.told_witness import told_witness
from fsm_langgraph.definition import FSMDefinition

HOTEL: dict[str, Any] = {
    "size": {"enum": ["single", "double", "suite"]},
    "nights": {"type": "integer", "minimum": 1, "maximum": 14},
    "price": {"type": "number"},
    "name": {"type": "string"},
    "day": {"type": "string", "format": "date"},
    "breakfast": {"type": "boolean"},
    "extras": {"type": "array", "items": {"enum": ["sauna", "boat"]}},
    "notes": {"type": "array"},
    "address": {"type": "object"},
    "free": {"type": "boolean", "written_by": "handler"},
    "status": {"type": "string", "written_by": "handler"},
}
"""Declarations of every type."""


def var(key: str) -> dict[str, Any]:
    """Read a key in an expression."""
    return {"var": key}


def to(target: str, logic: Any = None, *, requires: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    """Make a transition with one condition; with none where that would ask for nothing."""
    condition = {"description": "it holds", "logic": logic, "requires_context_keys": requires}
    conditions = [condition] if requires or logic is not None else []
    return {"target_state": target, "description": f"to {target}", "conditions": conditions, **fields}


def machine(*transitions: dict[str, Any], context: Any = HOTEL, **fields: Any) -> FSMDefinition:
    """Make a machine whose first state has these transitions, to states `a`, `b` and `c`."""
    return definition(context, start={"transitions": list(transitions), **fields}, a={}, b={}, c={})


def guarded(logic: Any, *requires: str) -> FSMDefinition:
    """Make a machine with one guard."""
    return machine(to("a", logic, requires=requires))


def told(machine: FSMDefinition) -> list[str]:
    """List the findings on guards: the code of each, where it is within the first state, and the sentence.

    What was not decided is left out: which operators the prover follows is not the matter here.
    """
    return [
        f"{each.code} {each.path.removeprefix('states.start.transitions')}: {each.message}"
        for each in check_guards(MachineView(machine))
        if each.code != "undecided"
    ]


def shown(machine: FSMDefinition) -> str:
    """Return in words the context that shows the only finding on guards."""
    [finding] = check_guards(MachineView(machine))
    return told_witness(finding, machine)

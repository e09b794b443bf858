"""Where a key comes from in the end: whether the model may write it, here, around this machine, or inside of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.context.machine_keys import MACHINE_KEYS
from fsm_langgraph.context.writes import is_writable
from fsm_langgraph.definition import ContextKey


@dataclass(frozen=True, slots=True)
class Origin:
    """How it comes that a model may write a key."""

    key: str
    """The key that the model writes, by its name where it does so."""
    reason: str
    """How it comes to be written by the model, in words."""
    is_open: bool
    """Whether it is so because nothing is declared there."""
    is_choice: bool
    """Whether its values name nobody: they are a few that the file lists, or days."""
    came_in: str = ""
    """The state of the machine around by whose `inputs` it comes in; empty where the machine itself has it."""


def model_origin(view: MachineView, key: str) -> Origin | None:
    """Say how the model may write a key; `None` where only handlers and the caller do.

    A sub-machine's key that is the caller's comes from the machine around, which is asked in its turn.
    """
    if key in MACHINE_KEYS:
        return None
    declared = view.definition.declared(key)
    if is_writable(view.definition, key, "model"):
        is_open = view.definition.context is None
        reason = (
            f"no key is declared, so that a reply may write {key!r}" if is_open else f"{key!r} is 'written_by: model'"
        )
        return Origin(key, reason, is_open, is_choice(declared))
    if view.outer is None:
        return None
    for state in view.runs_in:
        outside = state.inputs.get(key)
        found = model_origin(view.outer, outside) if outside is not None else None
        if found is not None:
            reason = f"it comes in from {outside!r} of the machine around, where {found.reason}"
            return replace(found, reason=reason, is_choice=found.is_choice or is_choice(declared), came_in=state.id)
    return None


def is_choice(declared: ContextKey | None) -> bool:
    """Say whether the values of a key are a few that name nobody: those that the file lists, yes and no, days."""
    if declared is None:
        return False
    return declared.enum is not None or declared.type == "boolean" or declared.format in ("date", "time", "date-time")

"""Where a key comes from in the end: whether the model may write it, here, around this machine, or inside of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fsm_langgraph.checking.access.machine_access import MachineAccess
from fsm_langgraph.context.machine_keys import MACHINE_KEYS
from fsm_langgraph.context.writes import is_writable
from fsm_langgraph.definition import ContextKey, State


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
    declared_in: str = ""
    """The machine whose key it is, and by which state it comes from there; empty where the machine itself has it."""


def model_origin(access: MachineAccess, key: str) -> Origin | None:
    """Say how the model alone may write a key; `None` where it may not, or where the key is the machine's own.

    A key may come in from the machine around, and back from a sub-machine that the model alone brings to an end. Both
    are asked in their turn.
    """
    return _origin(access, key, frozenset())


def _origin(access: MachineAccess, key: str, asked: frozenset[tuple[str, str]]) -> Origin | None:
    definition, asking = access.view.definition, (access.view.path, key)
    if key in MACHINE_KEYS or asking in asked or not access.may_write(key):
        return None
    declared = definition.declared(key)
    if is_writable(definition, key, "model"):
        is_open = definition.context is None
        reason = (
            f"no key is declared, so that a reply may write {key!r}" if is_open else f"{key!r} is 'written_by: model'"
        )
        return Origin(key, reason, is_open, is_choice(declared))
    for state, other, name in access.comes_from(key):
        found = _origin(other, name, asked | {asking})
        if found is not None:
            is_inside = other.view.outer is access.view
            side = f"the sub-machine of {state.id!r}" if is_inside else "the machine around"
            reason = f"it comes {'back' if is_inside else 'in'} from {name!r} of {side}, where {found.reason}"
            where = f"the sub-machine of the state {state.id!r}" if is_inside else _around(state)
            return replace(
                found,
                reason=reason,
                is_choice=found.is_choice or is_choice(declared),
                declared_in=found.declared_in or where,
            )
    return None


def _around(state: State) -> str:
    return f"the machine around, in the state {state.id!r}"


def is_choice(declared: ContextKey | None) -> bool:
    """Say whether the values of a key are a few that name nobody: those that the file lists, yes and no, days."""
    if declared is None:
        return False
    return declared.enum is not None or declared.type == "boolean" or declared.format in ("date", "time", "date-time")

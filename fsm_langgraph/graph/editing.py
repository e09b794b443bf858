"""Edits of a conversation from outside: as which nodes they are made, and what they may not write.

LangGraph makes an edit as the node that has run last, and takes the edges out of it once more. A conversation that
waits for the user would then be on its way, and one whose turn is paused would lose where it goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langgraph.graph import START
from langgraph.types import Command, StateSnapshot, StateUpdate

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import ArgumentError, StateError


def steps_of_edit(
    definition: FSMDefinition, snapshot: StateSnapshot, update: Mapping[str, Any]
) -> list[list[StateUpdate]]:
    """Say as which nodes an update is made, step by step; nothing where LangGraph itself knows best."""
    flight, written, due = snapshot.values.get("turn") or {}, dict(update), snapshot.next
    if snapshot.config.get("configurable", {}).get("checkpoint_ns") or START in due:
        return []
    moved = update.get("current_state")
    names = (moved, snapshot.values.get("current_state"), definition.initial_state)
    state = next(name for name in names if isinstance(name, str) and name in definition.states)
    if due and "message_id" not in flight:
        # The turn has landed, and somebody's own edges lead on; those into states lead to the one that was written.
        onward = [state if moved is not None and name in definition.states else name for name in due]
        jump: Any = Command(update=written, goto=[*dict.fromkeys(onward)])
        return [[StateUpdate(jump, state)]]
    if not definition.states.keys() >= {*due}:
        return []
    if flight.get("next") in due:  # a turn is paused on the way
        return [[StateUpdate(written, flight["at"])]]
    # A turn that is paused before its first state begins once more, in the state that was written.
    return [[StateUpdate(written, state)], *([[StateUpdate({}, START)]] if due else [])]


def is_own_edit(written: Any) -> bool:
    """Say whether an edit is one of this package's own: those close a conversation, or bring it over."""
    update = update_of(written)
    return isinstance(update, Mapping) and "turn" in update


def update_of(written: Any) -> Any:
    """Return what an input, an edit or a command writes: a mapping, be it that a command has pairs.

    Raises:
        ArgumentError: Several pairs write one channel.
    """
    update = written.update if isinstance(written, Command) else written
    if not isinstance(written, Command) or not (update and isinstance(update, list | tuple)):
        return update
    if not all(isinstance(each, tuple) and len(each) == 2 for each in update):
        return update
    named = dict(update)
    if len(named) < len(update):
        found = "several of its pairs write one channel."
        raise ArgumentError("update", update, "Write each channel once.", found=found)
    return named


def check_edit(definition: FSMDefinition, written: Any) -> None:
    """See that an edit, be it in a `Command`, puts the conversation into a state that there is.

    Raises:
        StateError: It does not.
    """
    update = update_of(written)
    if isinstance(update, Mapping) and "current_state" in update:
        if update["current_state"] is None:
            raise StateError("", definition.states, _NO_STATE.format(definition.initial_state))
        check_state(definition, update)


def check_state(definition: FSMDefinition, update: Mapping[str, Any]) -> None:
    """See that an update puts the conversation into a state that there is, if into any.

    A node may give back the null that it was given, where the conversation has not begun.

    Raises:
        StateError: It does not.
    """
    state = update.get("current_state")
    if state is not None and (not isinstance(state, str) or state not in definition.states):
        around = str(state).partition("/")[0]
        is_inside = around in definition.states and definition.states[around].subflow is not None
        raise StateError(str(state), definition.states, _INSIDE.format(around) if is_inside else _UNKNOWN)


_UNKNOWN = "it was written as the current_state, and there is no such state. Nothing was stored."
_INSIDE = (
    "it was written as the current_state, and nobody is put into a sub-machine's state from outside. Nothing was "
    "stored.\n  Write {0!r}: its sub-machine goes on where it stands, or begins."
)
_NO_STATE = (
    "null was written as the current_state, and a conversation is always in a state. Nothing was stored.\n"
    "  Write {0!r}, the initial state, to have it begin there; leave current_state out to have it stay where it is."
)

"""A stored conversation brought over to its graph's definition at once, as one edit.

A conversation whose turn has failed is brought over as it was before that turn: the user's message stays, and is read
by the next one. A turn that is paused would lose where it goes on, so such a conversation is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.base import CheckpointTuple
from langgraph.types import StateSnapshot, StateUpdate

from fsm_langgraph.context.secret_tokens import Vault
from fsm_langgraph.definition import FSMDefinition, Migration
from fsm_langgraph.graph.editing import steps_of_edit
from fsm_langgraph.graph.standing import broken_off
from fsm_langgraph.loading import load_definition
from fsm_langgraph.turn.changed_definition.bringing_over import bring_over, follows, stale
from fsm_langgraph.turn.changed_definition.starting import UNDER_WAY
from fsm_langgraph.turn.definition_change import DefinitionChange
from fsm_langgraph.turn.frames import before_turn


@dataclass(frozen=True, slots=True)
class MigrationEdit:
    """The edit that brings a conversation over."""

    steps: list[list[StateUpdate]]
    """The steps of the edit, for LangGraph."""
    change: DefinitionChange
    """The changes that it makes."""
    values: Mapping[str, Any]
    """The graph's state afterwards."""


def read_migration(definition: FSMDefinition, given: Migration | Mapping[str, Any] | None) -> Migration | None:
    """Return a migration that a caller hands over, held against the definition.

    Raises:
        DefinitionError: Something in it does not fit the definition.
    """
    if given is None:
        return None
    written = given.model_dump(exclude_defaults=True) if isinstance(given, Migration) else given
    return load_definition({**definition.model_dump(exclude_defaults=True), "migrate": written}).migrate


def edit_of_migration(
    definition: FSMDefinition,
    saved: CheckpointTuple | None,
    snapshot: StateSnapshot,
    conversation_id: str,
    migration: Migration | None,
    vault: Vault | None = None,
) -> MigrationEdit | None:
    """Say how a conversation is brought over; nothing where it goes on as it is.

    Args:
        definition: The definition of today.
        saved: The conversation's checkpoint.
        snapshot: The same, as LangGraph tells it.
        conversation_id: The conversation's id.
        migration: How it is brought over, besides what the definition says.
        vault: Its secrets, which takes in new ones.

    Raises:
        StaleDefinition: It does not fit, or a turn of it is paused.
    """
    values = saved.checkpoint["channel_values"] if saved is not None else {}
    if follows(definition, values):
        return None
    brought = bring_over(definition, values, conversation_id, migration=migration, vault=vault)
    if not brought.writes or brought.change is None:
        return None
    turn: Mapping[str, Any] = brought.values["turn"]
    is_under_way = "message_id" in turn
    if is_under_way and (saved is None or broken_off(saved) != "failed"):
        identity = (values.get("turn") or {}).get("definition")
        raise stale(definition, conversation_id, identity, [f"a turn is under way.  {UNDER_WAY}"])
    update = {**brought.writes, "turn": _before_failed(turn) if is_under_way else turn}
    state = brought.values.get("current_state") or definition.initial_state
    steps = [] if is_under_way else steps_of_edit(definition, snapshot, update)
    return MigrationEdit(steps or [[StateUpdate(update, state)]], brought.change, brought.values)


def _before_failed(turn: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a turn that has failed has found: how things stood before it, and the ids of unread messages."""
    kept = ("version", "definition", "definition_change", "base", "callers_ids")
    return {**{name: turn[name] for name in kept if name in turn}, **before_turn(turn)}

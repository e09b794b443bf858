"""The beginning of a turn, and the going on of one, under a definition that has changed since.

A turn that begins brings the conversation over: START writes that together with the turn's beginning. A turn that is
under way works on values of its own, and stands in LangGraph's tasks by the name of its state. So it goes on only where
nothing has to be changed for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fsm_langgraph.context.secret_tokens import Vault
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import StaleDefinition
from fsm_langgraph.turn.changed_definition.bringing_over import BroughtOver, bring_over, follows, stale

Values = Mapping[str, Any]


def take_over(
    definition: FSMDefinition,
    stored: Values,
    conversation_id: str,
    *,
    moved_to: str | None = None,
    vault: Vault | None = None,
) -> tuple[Values, Mapping[str, Any]]:
    """Bring a conversation over as a turn begins; return the graph's state, and what is to be written for that.

    Args:
        definition: The definition of the outermost machine.
        stored: The graph's state.
        conversation_id: The conversation's id, for the error.
        moved_to: The state that somebody's own node leads into, if one does.
        vault: The secrets that the run knows.

    Raises:
        StaleDefinition: The conversation does not fit.
    """
    if follows(definition, stored):
        return stored, _NOTHING
    brought = bring_over(definition, stored, conversation_id, moved_to=moved_to, vault=vault)
    return brought.values, brought.writes


def take_up(definition: FSMDefinition, stored: Values, conversation_id: str, *, vault: Vault | None = None) -> Values:
    """Go on with a turn that is under way; return the graph's state. The arguments are those of `take_over`.

    Raises:
        StaleDefinition: The conversation does not fit, or something would have to be changed for it.
    """
    if follows(definition, stored):
        return stored
    brought = bring_over(definition, stored, conversation_id, vault=vault)
    turn = stored.get("turn") or _NOTHING
    at = turn.get("next") or stored.get("current_state") or definition.initial_state
    identity: str | None = turn.get("definition")
    reason = _hindrance(definition, at, brought)
    if brought.change is not None and not reason and not _fits(definition, stored, conversation_id):
        reason = f"at {at!r}, and what it has found would have to be changed"
    if reason:
        raise stale(definition, conversation_id, identity, [f"a turn is under way {reason}.  {UNDER_WAY}"])
    return {**stored, "turn": brought.values["turn"]}


UNDER_WAY = "Let it end with the definition that it began with, or send a new message, which begins anew."
"""The advice about a turn that cannot go on."""


def _hindrance(definition: FSMDefinition, at: str, brought: BroughtOver) -> str:
    """Say why a turn cannot go on at a state; nothing where it can."""
    state = definition.states.get(at)
    if state is None:
        return f"at {at!r}, and the definition has no such state"
    if brought.change is None:  # another revision of the same, or of what an earlier release has stored nothing changes
        return ""
    if state.subflow is not None:
        return f"inside {at!r}, and what runs there may have changed"
    return f"at {at!r}, and what it has begun with would have to be changed" if brought.writes else ""


def _fits(definition: FSMDefinition, stored: Values, conversation_id: str) -> bool:
    """Say whether the values that a turn under way works on, which are not stored yet, need no change."""
    found = (stored.get("turn") or _NOTHING).get("context")
    if found is None:
        return True
    try:
        return not bring_over(definition, {**stored, "context": found}, conversation_id).writes
    except StaleDefinition:
        return False


_NOTHING: Values = MappingProxyType({})

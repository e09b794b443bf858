"""A conversation whose definition has changed since it was stored: where it does not fit, runs and edits are refused.

Nothing is stored for that yet: a turn brings it over as it begins (`turn/changed_definition/`). An edit of
`current_state`, and a jump, put the conversation elsewhere, so that where it stood does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, StateUpdate

from fsm_langgraph.context.writes import apply
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.graph.editing import is_own_edit
from fsm_langgraph.graph.secrets.secret_store import vault_in
from fsm_langgraph.turn.changed_definition.bringing_over import bring_over, follows
from fsm_langgraph.turn.changed_definition.starting import take_up

Values = Mapping[str, Any]


def refuse_stale_run(
    definition: FSMDefinition,
    values: Values,
    conversation_id: str,
    given: Any,
    config: RunnableConfig | None = None,
) -> Values | None:
    """See that a run may go on with what is stored; return what it is brought over to, if it is.

    Args:
        definition: The definition of today.
        values: The graph's state, as it is stored.
        conversation_id: The conversation's id.
        given: The input.
        config: The config of the run, whose secrets take in new ones.

    Raises:
        StaleDefinition: The conversation does not fit the definition.
    """
    if follows(definition, values):
        return None
    vault = vault_in(config or {})
    is_command, flight = isinstance(given, Command), values.get("turn") or {}
    if "message_id" in flight and (given is None or (is_command and given.resume is not None)):
        return take_up(definition, values, conversation_id, vault=vault)
    goto, updates = (given.goto, [given.update]) if is_command else (None, [])
    moved_to = goto if isinstance(goto, str) and goto in definition.states else None
    edited, moved_to = _edited(values, updates), moved_to or _moved_to(updates)
    return bring_over(definition, edited, conversation_id, moved_to=moved_to, vault=vault).values


def refuse_stale_edit(
    definition: FSMDefinition, values: Values, conversation_id: str, supersteps: Iterable[Iterable[StateUpdate]]
) -> None:
    """See that an edit may be made of what is stored, by how it would stand afterwards.

    Raises:
        StaleDefinition: It would not fit the definition.
    """
    updates: list[Any] = [written for step in supersteps for written, *_ in step]
    if follows(definition, values) or any(map(is_own_edit, updates)):
        return
    updates = [each.update if isinstance(each, Command) else each for each in updates]
    bring_over(definition, _edited(values, updates), conversation_id, moved_to=_moved_to(updates))


def _edited(values: Values, updates: Iterable[Any]) -> Values:
    context = values.get("context") or {}
    for update in updates:
        written = update.get("context") if isinstance(update, Mapping) else None
        context = apply(context, written) if isinstance(written, Mapping) else context
    return {**values, "context": context}


def _moved_to(updates: Iterable[Any]) -> str | None:
    states = [update.get("current_state") for update in updates if isinstance(update, Mapping)]
    return next((state for state in reversed(states) if state is not None), None)

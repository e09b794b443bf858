"""A stored conversation, judged and brought over to the definition of today, all of it at once or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fsm_langgraph.context.secret_tokens import Vault
from fsm_langgraph.context.values import same
from fsm_langgraph.context.writes import update_of
from fsm_langgraph.definition import FSMDefinition, Migration, joined, read_identity
from fsm_langgraph.errors import StaleDefinition
from fsm_langgraph.turn.changed_definition.findings import ChangedMachine, Findings
from fsm_langgraph.turn.changed_definition.standing_places import Stand, bring_over_left, bring_over_stand
from fsm_langgraph.turn.changed_definition.stored_values import bring_over_values, names_now
from fsm_langgraph.turn.definition_change import DefinitionChange, merged
from fsm_langgraph.turn.frames import before_turn, read_frame

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BroughtOver:
    """A conversation as the definition of today has it."""

    values: Values
    """The graph's state."""
    writes: Mapping[str, Any]
    """The updates of the graph's channels that make it so, but for `turn`; empty where it fits as it is."""
    change: DefinitionChange | None
    """The change, for the turn record."""


def follows(definition: FSMDefinition, stored: Values) -> bool:
    """Say whether a conversation was last held with this definition, or has not begun: one comparison of two texts."""
    turn = stored.get("turn")
    return turn.get("definition") == definition.identity if turn else not stored.get("last_turn")


def bring_over(
    definition: FSMDefinition,
    stored: Values,
    conversation_id: str,
    *,
    migration: Migration | None = None,
    moved_to: str | None = None,
    vault: Vault | None = None,
) -> BroughtOver:
    """Bring a conversation over to a definition.

    Args:
        definition: The definition of today.
        stored: The graph's state.
        conversation_id: The conversation's id, for the error.
        migration: How it is brought over, besides what the definition says, which comes second.
        moved_to: The state that somebody puts it into: where it stood does not matter then.
        vault: The secrets that are known, which takes in new ones; tokens stay as they are where it is left out.

    Raises:
        StaleDefinition: It does not fit; all that does not is told.
    """
    if moved_to == stored.get("current_state"):
        moved_to = None
    turn: Values = stored.get("turn") or _NOTHING
    identity: str | None = turn.get("definition")
    had = read_identity(identity) if identity is not None else None
    if had is not None and (had.name, had.fingerprint) == (definition.name, definition.fingerprint):
        return BroughtOver({**stored, "turn": {**turn, "definition": definition.identity}}, _NOTHING, None)
    whole = definition.migration if migration is None else joined([("", migration), ("", definition.migration)])
    found, place = Findings(had, whole, vault), ChangedMachine(definition)
    if had is not None and had.name not in (definition.name, *whole.names):
        advice = f"Open it with that one; if this is it under a new name, say so: migrate: {{names: [{had.name}]}}."
        found.differences.append(f"another machine: {had.name!r}.  {advice}")
        raise stale(definition, conversation_id, identity, found.differences)

    stand, left = _stand(found, place, stored, turn, moved_to), before_turn(turn)["left"]
    if moved_to is None:
        left = bring_over_left(found, place, left)
    context = bring_over_values(found, place, stored.get("context") or {})
    if found.differences:
        raise stale(definition, conversation_id, identity, found.differences)

    now: dict[str, Any] = {**stored, "context": context}
    if stand is not None:
        now["current_state"] = stand.state
        if (frame := stored.get("sub_machine")) is not None and frame["of"] == stored["current_state"]:
            now["sub_machine"] = stand.frame
    writes = _writes(definition, stored, now)
    change = found.told(definition)
    untold: DefinitionChange | None = turn.get("definition_change")  # the turn that was to tell it has not landed
    if change is not None and untold is not None:
        change = merged(untold, change)
    kept: dict[str, Any] = {"left": left, "answered": names_now(found, place, before_turn(turn)["answered"])}
    if stand is not None:
        is_moved = stand.begins_anew or before_turn(turn)["at"] not in (None, stored.get("current_state"))
        kept["at"] = "" if is_moved else stand.state
    return BroughtOver({**now, "turn": _turn(definition, place, found, turn, kept, change)}, writes, change)


def stale(
    definition: FSMDefinition, conversation_id: str, identity: str | None, differences: Sequence[str]
) -> StaleDefinition:
    """Make the error that tells why a conversation cannot go on.

    Args:
        definition: The definition of today.
        conversation_id: The conversation's id.
        identity: The identity of the definition that it was held with, where it is known.
        differences: All that does not fit.
    """
    had = read_identity(identity) if identity is not None else None
    held_with = _named(had.name, had.revision, had.fingerprint) if had is not None else "a definition of earlier days"
    now = _named(definition.name, definition.revision, definition.fingerprint)
    return StaleDefinition(conversation_id, differences, held_with=held_with, definition=now)


def _stand(found: Findings, place: ChangedMachine, stored: Values, turn: Values, moved_to: str | None) -> Stand | None:
    """Return where the conversation stands; nothing where it has not begun, or is being moved."""
    state = stored.get("current_state")
    if state is None or moved_to is not None:
        return None
    before = turn.get("before") or turn
    return bring_over_stand(
        found,
        place,
        state,
        stored.get("sub_machine"),
        may_be_final=bool(before_turn(turn)["left"]) or not _waits(stored, before),
        has_come_out=found.had is None or before.get("came_out", False) or before.get("at") != state,
    )


def _waits(stored: Values, before: Values) -> bool:
    """Say whether the last turn has come to rest where the user is waited for, as far as its record tells."""
    record = stored.get("last_turn")
    if record is None or before.get("at") != stored.get("current_state") or before.get("closed"):
        return False
    if record["why"] == "failed" or "handoff" in record or not record["steps"]:
        return False
    # A final state judges no transition: the last step of a turn that has come to one is the step that led there.
    last = record["steps"][-1]
    return last["target_state"] is None


def _writes(definition: FSMDefinition, stored: Values, now: Values) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if update := update_of(stored.get("context") or {}, now["context"]):
        written["context"] = update
    if now.get("current_state") != stored.get("current_state"):
        written["current_state"] = now["current_state"]
    if definition.subflows and not same(now.get("sub_machine"), read_frame(stored.get("sub_machine"))):
        written["sub_machine"] = now["sub_machine"]
    return written


def _turn(
    definition: FSMDefinition,
    place: ChangedMachine,
    found: Findings,
    turn: Values,
    kept: Mapping[str, Any],
    change: DefinitionChange | None,
) -> dict[str, Any]:
    """Return what is kept of the last turn, brought over like the rest."""
    brought: dict[str, Any] = {**turn, "definition": definition.identity}
    if turn.get("base") is not None:
        quiet = Findings(found.had, found.migration, found.vault)  # what is found in it was found in the context
        brought["base"] = bring_over_values(quiet, place, turn["base"])
    if turn.get("before") is not None:
        brought["before"] = {**turn["before"], **kept}
    else:
        brought |= {name: value for name, value in kept.items() if value or name in turn}
    if change is not None:
        brought["definition_change"] = change
    return brought


def _named(name: str, revision: str, fingerprint: str) -> str:
    return f"the definition {name!r} ({f'revision {revision}, ' if revision else ''}fingerprint {fingerprint})"


_NOTHING: Values = MappingProxyType({})

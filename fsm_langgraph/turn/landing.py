"""How a turn ends: everything that it has decided is stored at once, with the record of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from langchain_core.messages import AIMessage, RemoveMessage

from fsm_langgraph.context.answered_keys import written_defaults
from fsm_langgraph.context.machine_keys import STAYS
from fsm_langgraph.context.writes import Context, update_of
from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.routing import Why
from fsm_langgraph.turn.handoff import pack_handoff
from fsm_langgraph.turn.record import Step, TurnRecord, tool_call
from fsm_langgraph.turn.scope import Scope
from fsm_langgraph.turn.stored_turn import VERSION
from fsm_langgraph.turn.turn import Turn


def land(
    definition: FSMDefinition, state: State, turn: Turn, scope: Scope, stored: Context, *, nests: bool
) -> dict[str, Any]:
    """End the turn in this state; return the update of the graph's state.

    Args:
        definition: The definition of the outermost machine.
        state: The state of the outermost machine where the turn ends.
        turn: The turn.
        scope: The outermost machine's part of it.
        stored: The context that the update is to be merged into.
        nests: Whether any state of the machine runs a sub-machine.
    """
    record = TurnRecord(
        state=turn.path[0],
        landing=turn.path[-1],
        path=turn.path,
        proposed=turn.proposed,
        why=turn.why or _why(turn.steps),
        steps=turn.steps,
        changed=sorted(scope.altered) + turn.changed_inside,
        told=scope.learned + turn.told_inside,
        news={**turn.news_told, **scope.news, **({STAYS: "machine"} if turn.stays_longer else {})},
        rejected=turn.rejected,
        reasoning=turn.reasoning,
        said=turn.said_in,
        model_calls=turn.model_calls,
        tool_calls=[tool_call(use) for use in turn.tool_uses],
        revision=definition.revision,
    )
    if turn.failure:
        record["failure"] = turn.failure
    if turn.definition_change is not None:
        record["definition"] = turn.definition_change
    if turn.left_out:
        record["left_out"] = turn.left_out
    if turn.machine_keys:
        record["machine_keys"] = turn.machine_keys
    between: dict[str, Any] = {
        "after": turn.after,
        "left": scope.left,
        "answered": written_defaults(scope.context, definition.defaults, scope.written),
        "turns": _count(turn),
    }
    if turn.handoff is not None:
        record["handoff"] = ", ".join(turn.handoff.agents)
        said = _messages(turn)
        told = {"turn": turn.message_id, "last": said[-1].id if said else None}
        between["handoff"] = {**pack_handoff(turn.handoff), **told}
    if STAYS in turn.machine_keys:
        between |= _stays_after(turn, record)
    if turn.repeated and turn.callers_ids:
        between["copies"] = turn.repeated  # they go, and may be sent once more
    if nests and scope.frame is None and state.subflow is not None:
        between["came_out"] = True
    kept = {name: value for name, value in between.items() if value}
    return {
        "messages": [*(RemoveMessage(id=message_id) for message_id in turn.repeated), *_messages(turn)],
        "context": update_of(stored, scope.context),
        "current_state": state.id,
        "last_turn": record,
        "turn": {
            "version": VERSION,
            "definition": turn.definition,
            "id": turn.id,
            "base": scope.context,
            "at": state.id,
            "read": turn.read,
            **kept,
        },
        **({"sub_machine": scope.frame} if nests else {}),
    }


def _count(turn: Turn) -> int | None:
    """Count the turns that have landed, this one included; `None` where those before it were not counted."""
    if turn.is_first:
        return 1
    before = turn.before.get("turns") if turn.before is not None else None
    return before + 1 if before is not None else None


def _messages(turn: Turn) -> list[AIMessage]:
    """Return the turn's own messages: what the machine has said itself, and the model's message, if there is one."""
    return [*turn.said, turn.message] if turn.message is not None else turn.said


def _stays_after(turn: Turn, record: TurnRecord) -> dict[str, Any]:
    """Count how often, in a row, the user has written and nothing came of it, this turn included.

    Handlers may keep books at every message, so that what they write does not count as progress.
    """
    before = turn.before
    uncounted = {"stays": before["stays"], "stays_longer": before["stays_longer"]} if before is not None else {}
    if any(record["news"].get(key) in _PROGRESS for key in record["changed"]):
        return {}
    if turn.has_digressed or record["why"] == "failed":
        return uncounted
    if turn.has_moved or turn.handoff is not None:
        return {}
    return {"stays": uncounted.get("stays", 0) + 1, "stays_longer": True} if turn.has_message else uncounted


_PROGRESS = ("message", "tool", "sub-machine")


def _why(steps: Sequence[Step]) -> Why | Literal["returned"]:
    """Name the reason of the first step that was decided."""
    for taken in steps:
        if taken["why"] not in ("passed", "returned"):
            return taken["why"]
    return steps[-1]["why"] if steps else "stayed"

"""How a turn ends: everything that it has decided is stored, at once, with the record of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from langchain_core.messages import RemoveMessage

from fsm_langgraph.context.writes import Context, difference
from fsm_langgraph.definition import State
from fsm_langgraph.graph.putting_away import Moved
from fsm_langgraph.routing import Why
from fsm_langgraph.turn.record import Step, TurnRecord, tool_call
from fsm_langgraph.turn.turn import Turn


def land(state: State, turn: Turn, stored: Context, *, nests: bool, moved: Moved | None) -> dict[str, Any]:
    """End the turn in this state: everything that it decided is stored, at once.

    Args:
        state: The state of the outermost machine where the turn ends.
        turn: The turn.
        stored: The context as it is stored.
        nests: Whether any state of the machine runs a sub-machine.
        moved: The messages that have gone into the store.
    """
    record = TurnRecord(
        state=turn.path[0],
        landing=turn.path[-1],
        path=turn.path,
        proposed=turn.proposed,
        why=turn.why or _why(turn.steps),
        steps=turn.steps,
        changed=sorted(turn.changed) + turn.changed_inside,
        rejected=turn.rejected,
        reasoning=turn.reasoning,
        model_calls=turn.model_calls,
        tool_calls=[tool_call(use) for use in turn.tool_uses],
    )
    between_turns: dict[str, Any] = {"base": turn.context, "at": state.id, **({"left": turn.left} if turn.left else {})}
    gone = [*turn.repeated, *(moved.ids if moved is not None else ())]
    return {
        "messages": [*(RemoveMessage(id=message_id) for message_id in gone), turn.message],
        "context": difference(stored, turn.context),
        "current_state": state.id,
        "last_turn": record,
        "turn": between_turns,
        **({"sub_machine": turn.frame} if nests else {}),
        **({"older_messages": moved.older} if moved is not None else {}),
    }


def _why(steps: Sequence[Step]) -> Why | Literal["passed", "returned"]:
    """Name the reason of the first step that was decided."""
    for taken in steps:
        if taken["why"] not in ("passed", "returned"):
            return taken["why"]
    return steps[-1]["why"] if steps else "passed"

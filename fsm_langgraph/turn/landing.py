"""How a turn ends: everything that it has decided is stored at once, with the record of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from langchain_core.messages import AIMessage, RemoveMessage

from fsm_langgraph.context.writes import Context, difference
from fsm_langgraph.definition import State
from fsm_langgraph.routing import Why
from fsm_langgraph.turn.record import Step, TurnRecord, tool_call
from fsm_langgraph.turn.scope import Scope
from fsm_langgraph.turn.stored_turn import VERSION
from fsm_langgraph.turn.turn import Turn


def land(state: State, turn: Turn, scope: Scope, stored: Context, *, nests: bool) -> dict[str, Any]:
    """End the turn in this state; return the update of the graph's state.

    Args:
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
        changed=sorted(scope.changed) + turn.changed_inside,
        told=scope.learned + turn.told_inside,
        news={**turn.news_told, **scope.news},
        rejected=turn.rejected,
        reasoning=turn.reasoning,
        said=turn.said_in,
        model_calls=turn.model_calls,
        tool_calls=[tool_call(use) for use in turn.tool_uses],
    )
    left = {"left": scope.left} if scope.left else {}
    return {
        "messages": [*(RemoveMessage(id=message_id) for message_id in turn.repeated), *_messages(turn)],
        # The channel merges, so it is given what differs, and `None` for what is gone.
        "context": difference(stored, scope.context),
        "current_state": state.id,
        "last_turn": record,
        "turn": {"version": VERSION, "base": scope.context, "at": state.id, "read": turn.read, **left},
        **({"sub_machine": scope.frame} if nests else {}),
    }


def _messages(turn: Turn) -> list[AIMessage]:
    """Return the turn's own messages: what the machine has said itself, and the model's message, if there is one."""
    return [*turn.said, turn.message] if turn.message is not None else turn.said


def _why(steps: Sequence[Step]) -> Why | Literal["returned"]:
    """Name the reason of the first step that was decided."""
    for taken in steps:
        if taken["why"] not in ("passed", "returned"):
            return taken["why"]
    return steps[-1]["why"] if steps else "stayed"

"""A turn written down: in the graph's `turn` channel, from one state to the next and into a sub-machine and back.

    on the way       version, next, how, at, and the parts of the turn and of its machine's scope
    between turns    version, base, at, left

A turn that is paused at `interrupt()`, or was cut off by a crash, may be resumed under a later release. So the form has
a version, and what it lacks has a default. Forms older than version 1 have no version, and are read like it. A form
that is newer than this release is refused, as a part of it that is not understood might be lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fsm_langgraph.turn.frames import check_version, read_frame, read_left
from fsm_langgraph.turn.scope import Scope
from fsm_langgraph.turn.turn import Draft, Next, Turn

VERSION = 1
"""The version of the form; raised when a reader of the one before would misread it."""


def pack(turn: Turn, scope: Scope, onward: Next, *, at: str | None = None) -> dict[str, Any]:
    """Write a turn down for the state that it goes on to, or for the machine around the one that it is in.

    Args:
        turn: The turn.
        scope: The part of it that belongs to the machine.
        onward: Where it goes on, or how it has come to rest.
        at: The state that it is in.
    """
    draft = turn.draft
    return {
        "version": VERSION,
        "next": onward.state,
        "how": onward.how,
        "at": at,
        "began": turn.began,
        "message_id": turn.message_id,
        "id": turn.id,
        "after": turn.after,
        "has_message": turn.has_message,
        "is_first": turn.is_first,
        "before": turn.before,
        "stored": turn.stored,
        "repeated": turn.repeated,
        "unread": turn.unread,
        "path": turn.path,
        "message": draft.message if draft is not None else turn.message,
        "held_for": draft.written_for if draft is not None else None,
        "held_in": draft.written_in if draft is not None else None,
        "why": turn.why,
        "proposed": turn.proposed,
        "refused": turn.refused,
        "rejected": turn.rejected,
        "reasoning": turn.reasoning,
        "steps": turn.steps,
        "model_calls": turn.model_calls,
        "tool_uses": turn.tool_uses,
        "changed_inside": turn.changed_inside,
        "base": scope.base,
        "context": scope.context,
        "foreseen": scope.foreseen,
        "learned": scope.learned,
        "given": scope.given,
        "forgotten": scope.forgotten,
        "entered": scope.entered,
        "left": scope.left,
        "frame": scope.frame,
        "closed_exits": scope.closed_exits,
    }


def unpack(stored: Mapping[str, Any]) -> tuple[Turn, Scope]:
    """Read a turn that another state has written down.

    Raises:
        StoredFormError: It was written by a later release.
    """
    check_version("turn", stored, VERSION)
    message, held_for = stored.get("message"), stored.get("held_for")
    draft = None
    if message is not None and held_for is not None:
        draft = Draft(message, written_for=held_for, written_in=stored.get("held_in") or held_for)
    turn = Turn(
        began=stored["began"],
        message_id=stored["message_id"],
        id=stored.get("id", ""),
        after=stored.get("after", ""),
        has_message=stored.get("has_message", False),
        is_first=stored.get("is_first", False),
        before=stored.get("before"),
        stored=stored.get("stored", {}),
        repeated=stored.get("repeated", []),
        unread=stored.get("unread", False),
        path=stored.get("path", []),
        message=message if draft is None else None,
        draft=draft,
        why=stored.get("why"),
        proposed=stored.get("proposed"),
        refused=stored.get("refused"),
        rejected=stored.get("rejected", []),
        reasoning=stored.get("reasoning", ""),
        steps=stored.get("steps", []),
        model_calls=stored.get("model_calls", []),
        tool_uses=stored.get("tool_uses", []),
        changed_inside=stored.get("changed_inside", []),
    )
    scope = Scope(
        base=stored.get("base", {}),
        context=stored.get("context", {}),
        foreseen=stored.get("foreseen", {}),
        learned=stored.get("learned", []),
        given=stored.get("given", []),
        forgotten=stored.get("forgotten", []),
        entered=stored.get("entered", []),
        left=read_left(stored.get("left")),
        frame=read_frame(stored.get("frame")),
        closed_exits=stored.get("closed_exits", {}),
    )
    return turn, scope

"""A turn written down: in the graph's `turn` channel, from one state to the next and into a sub-machine and back.

    on the way       version, next, how, may_pass, at, the parts of the turn and of its machine's scope, and the replies
                     that the journal has noted
    between turns    version, definition, id, base, at, read, turns, and where there are any: after, left, answered,
                     stays, stays_longer, came_out, handoff; definition_change, where no turn has told it yet

A turn that is paused at `interrupt()`, or was cut off by a crash, may be resumed under a later release. So the form has
a version, and what it lacks has a default. Forms older than version 1 have no version, and are read like it. A form
that is newer than this release is refused, as a part of it that is not understood might be lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langchain_core.messages import AIMessage

from fsm_langgraph.turn.frames import check_version, read_frame, read_left
from fsm_langgraph.turn.handoff import pack_handoff, unpack_handoff
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
    written = {
        "version": VERSION,
        "next": onward.state,
        "how": onward.how,
        "may_pass": onward.may_pass,
        "at": at,
        "began": turn.began,
        "message_id": turn.message_id,
        "id": turn.id,
        "after": turn.after,
        "definition": turn.definition,
        "definition_change": turn.definition_change,
        "has_message": turn.has_message,
        "is_first": turn.is_first,
        "before": turn.before,
        "stored": turn.stored,
        "repeated": turn.repeated,
        "callers_ids": turn.callers_ids,
        "sent_again": turn.sent_again,
        "unread": turn.unread,
        "path": turn.path,
        "message": AIMessage(draft.text, id=turn.message_id) if draft is not None else turn.message,
        "held_for": draft.written_for if draft is not None else None,
        "held_in": draft.written_in if draft is not None else None,
        "held_tag_roots": sorted(draft.tag_roots) if draft is not None else [],
        "said": turn.said,
        "said_early": turn.said_early,
        "said_in": turn.said_in,
        "why": turn.why,
        "proposed": turn.proposed,
        "refused": turn.refused,
        "rejected": turn.rejected,
        "reasoning": turn.reasoning,
        "steps": turn.steps,
        "model_calls": turn.model_calls,
        "untold": turn.untold,
        "tool_uses": turn.tool_uses,
        "changed_inside": turn.changed_inside,
        "told_around": turn.told_around,
        "told_inside": turn.told_inside,
        "handoff": pack_handoff(turn.handoff) if turn.handoff is not None else None,
        "news_told": turn.news_told,
        "read": turn.read,
        "left_out": turn.left_out,
        "model_stayed": turn.model_stayed,
        "global_taken": turn.global_taken,
        "has_digressed": turn.has_digressed,
        "has_guessed": turn.has_guessed,
        "machine_keys": turn.machine_keys,
        "stays_longer": turn.stays_longer,
        "base": scope.base,
        "context": scope.context,
        "foreseen": scope.foreseen,
        "learned": scope.learned,
        "rewritten": scope.rewritten,
        "overtaken": scope.overtaken,
        "ahead": scope.ahead,
        "forgotten": scope.forgotten,
        "stale": scope.stale,
        "late": scope.late,
        "answered": scope.answered,
        "whence": scope.whence,
        "retold": scope.retold,
        "resumed": scope.resumed,
        "taken": scope.taken,
        "passed": scope.passed,
        "left": scope.left,
        "frame": scope.frame,
        "around": scope.around,
        "around_news": scope.around_news,
        "around_written": scope.around_written,
    }
    return {name: value for name, value in written.items() if value or value == "" or name in _ALWAYS}


_ALWAYS = frozenset({"version", "next", "how", "may_pass", "at", "base", "context", "rewritten", "overtaken"})
"""Written down though they are empty. All else is left out then, as its default is read: most of it is, most times."""


def unpack(stored: Mapping[str, Any]) -> tuple[Turn, Scope]:
    """Read a turn that another state has written down.

    Raises:
        StoredFormError: It was written by a later release.
    """
    check_version("turn", stored, VERSION)
    message, held_for = stored.get("message"), stored.get("held_for")
    draft = None
    if message is not None and held_for is not None:
        draft = Draft(
            message.text,
            written_for=held_for,
            written_in=stored.get("held_in") or held_for,
            tag_roots=frozenset(stored.get("held_tag_roots", ())),
        )
    turn = Turn(
        began=stored["began"],
        message_id=stored["message_id"],
        id=stored.get("id", ""),
        after=stored.get("after", ""),
        definition=stored.get("definition"),
        definition_change=stored.get("definition_change"),
        has_message=stored.get("has_message", False),
        is_first=stored.get("is_first", False),
        before=stored.get("before"),
        stored=stored.get("stored", {}),
        repeated=stored.get("repeated", []),
        callers_ids=stored.get("callers_ids", []),
        sent_again=stored.get("sent_again", False),
        unread=stored.get("unread", False),
        path=stored.get("path", []),
        message=message if draft is None else None,
        draft=draft,
        said=stored.get("said", []),
        said_early=stored.get("said_early", 0),
        said_in=stored.get("said_in", []),
        why=stored.get("why"),
        proposed=stored.get("proposed"),
        refused=stored.get("refused"),
        rejected=stored.get("rejected", []),
        reasoning=stored.get("reasoning", ""),
        steps=stored.get("steps", []),
        model_calls=stored.get("model_calls", []),
        untold=stored.get("untold"),
        tool_uses=stored.get("tool_uses", []),
        changed_inside=stored.get("changed_inside", []),
        told_around=stored.get("told_around", {}),
        told_inside=stored.get("told_inside", []),
        handoff=unpack_handoff(stored.get("handoff")),
        news_told=stored.get("news_told", {}),
        read=stored.get("read"),
        left_out=stored.get("left_out", 0),
        model_stayed=stored.get("model_stayed", False),
        global_taken=stored.get("global_taken", False),
        has_digressed=stored.get("has_digressed", False),
        has_guessed=stored.get("has_guessed", False),
        machine_keys=stored.get("machine_keys", {}),
        stays_longer=stored.get("stays_longer", False),
    )
    learned = stored.get("learned", [])
    told = [*learned, *stored.get("given", [])]  # all that there was, before this was told apart
    scope = Scope(
        base=stored.get("base", {}),
        context=stored.get("context", {}),
        foreseen=stored.get("foreseen", {}),
        learned=learned,
        rewritten=stored.get("rewritten", told),
        overtaken=stored.get("overtaken", told),
        ahead=stored.get("ahead", []),
        forgotten=stored.get("forgotten", []),
        stale=stored.get("stale", {}),
        late=stored.get("late", []),
        answered=stored.get("answered", []),
        whence=stored.get("whence", {}),
        retold=stored.get("retold", []),
        resumed=stored.get("resumed", []),
        taken=stored.get("taken", []),
        passed=stored.get("passed", []),
        left=read_left(stored.get("left")),
        frame=read_frame(stored.get("frame")),
        around=stored.get("around", {}),
        around_news=stored.get("around_news", {}),
        around_written=stored.get("around_written", []),
    )
    return turn, scope

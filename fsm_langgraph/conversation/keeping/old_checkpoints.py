"""The checkpoints that no turn needs any more: those before the last turns of a conversation, and of its forks.

    first … L ── input ── step ── L ── input ── step ── L   (the newest)
            └ before ┘   └─ the last turn but one ─┘ …      L: where a turn has landed

All that a turn may need lies after the landing before it: the input that is sent again, the journal of a turn that has
failed, the answer to an `interrupt()`. So a number of turns stays, with the landing before them, from which the first
of them can be forked. The same holds for each fork that has gone on since; one that was left before that goes. The
first checkpoint of all stays, as it tells when the conversation began. Older messages, in the store, are not touched.
"""

from __future__ import annotations

from collections.abc import Iterator

from langgraph.checkpoint.base import CheckpointTuple

from fsm_langgraph.conversation.keeping.checkpoint_rows import CheckpointRows, OldCheckpoints, Saver, ThreadEnds
from fsm_langgraph.errors import ConversationError


def find_old(saver: Saver, rows: CheckpointRows, ends: ThreadEnds, turns: int) -> OldCheckpoints | None:
    """Find the checkpoints of a conversation that are old; return `None` where all of them are needed.

    Args:
        saver: The checkpointer; best one by `outlined`.
        rows: Its rows.
        ends: The conversation's ends.
        turns: How many turns stay.

    Raises:
        ConversationError: Its older checkpoints are needed to read the newest one.
        SetupError: The checkpointer tells no rows.
    """
    line = _last_turns(saver, ends.thread_id, ends.newest, turns)
    if line is None:
        return None
    cut = min(line)
    since = rows.parents_since(ends.thread_id, cut)
    tips = since.keys() - {*since.values(), ends.newest}
    kept = {*line}
    for tip in tips:
        kept |= {*(_last_turns(saver, ends.thread_id, tip, turns) or _line(saver, ends.thread_id, tip))}
    oldest = min(kept)
    return OldCheckpoints(cut, frozenset({each for each in kept if each < cut} | {ends.first}), oldest)


def _last_turns(saver: Saver, thread_id: str, tip: str, turns: int) -> list[str] | None:
    """Return the checkpoints of the last turns up to one, with the landing before; `None` where there are no others."""
    found: list[str] = []
    landings: list[object] = []
    for saved in _walk(saver, thread_id, tip):
        # The version of the last turn's record is another one from each landing on.
        landing = saved.checkpoint["channel_versions"].get("last_turn")
        if landing not in landings:
            landings.append(landing)
        if len(landings) > turns + 1:
            return found
        found.append(_id_of(saved))
    return None


def _line(saver: Saver, thread_id: str, tip: str) -> list[str]:
    return [_id_of(saved) for saved in _walk(saver, thread_id, tip)]


def _walk(saver: Saver, thread_id: str, tip: str) -> Iterator[CheckpointTuple]:
    """Yield a checkpoint and those before it, the newest first."""
    where = {"thread_id": thread_id, "checkpoint_ns": "", "checkpoint_id": tip}
    saved = saver.get_tuple({"configurable": where})
    while saved is not None:
        if _DIFFERENCES in saved.metadata:
            raise ConversationError(
                thread_id,
                "a channel of its state is kept as differences (DeltaChannel), and its older checkpoints are needed to "
                "read it.\n  Nothing was deleted; delete the conversation as a whole, or leave it.",
            )
        yield saved
        saved = saver.get_tuple(saved.parent_config) if saved.parent_config is not None else None


_DIFFERENCES = "counters_since_delta_snapshot"
"""LangGraph's mark on the metadata of such checkpoints."""


def _id_of(saved: CheckpointTuple) -> str:
    return str(saved.config["configurable"]["checkpoint_id"])

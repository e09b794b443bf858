"""Housekeeping in a database of conversations, be its machines known or not: list, delete and prune.

A conversation is held while it is deleted or pruned, as a turn holds it: no turn is cut. Where it is not known which
ones will be met, one with a turn under way is passed over, and the others are looked at once more when they are held.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fsm_langgraph.conversation.caller_input import checked_id
from fsm_langgraph.conversation.keeping.checkpoint_rows import ThreadEnds, time_of
from fsm_langgraph.conversation.keeping.old_checkpoints import find_old
from fsm_langgraph.conversation.keeping.overview import ConversationOverview, read_overview
from fsm_langgraph.conversation.keeping.storage import ConversationStorage, Holder, opened_storage
from fsm_langgraph.errors import ArgumentError, ConversationError, TurnConflict
from fsm_langgraph.graph.older_messages import delete_messages
from fsm_langgraph.locking import Hold, storage_errors_told

_PATIENCE = 10
"""Seconds that the deletion of a conversation waits for a turn of it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which conversations are meant."""

    machines: Collection[str] | None = None
    """The names that their machine has, or has had; of any machine where it is `None`."""
    ended: bool | None = None
    before: datetime | None = None
    """They were last active before this."""

    def may_have(self, ends: ThreadEnds) -> bool:
        """Say whether a conversation may be meant, before it is read."""
        last = time_of(ends.newest)
        return self.before is None or last is None or last < self.before

    def has(self, found: ConversationOverview) -> bool:
        """Say whether a conversation is meant."""
        return (
            (self.machines is None or found.machine in self.machines)
            and (self.ended is None or found.is_over == self.ended)
            and (self.before is None or found.last < self.before)
        )


def list_conversations(
    db: Holder,
    *,
    machine: str | None = None,
    ended: bool | None = None,
    older_than: timedelta | None = None,
    limit: int | None = None,
    with_bytes: bool = False,
    encryption_key: bytes | str | None = None,
) -> list[ConversationOverview]:
    """List the conversations that a database holds, the one that was active last first.

    Args:
        db: A SQLite file by its path, PostgreSQL by its address, an `LLM_FSM`, or a compiled graph with a checkpointer.
        machine: Only those of the machine of this name.
        ended: Only those that have ended or were closed, or for `False` only those that go on.
        older_than: Only those that were not active for so long.
        limit: At most so many.
        with_bytes: Whether to count how many bytes each takes, for which all of it is read.
        encryption_key: For a file or an address: the key that it was stored with.

    Raises:
        SetupError: There is no such database, or the key cannot be used.
        EncryptionError: It is encrypted, and no key was given, or another one.
        StorageError: The database failed.
    """
    with opened_storage(db, encryption_key=encryption_key) as storage, storage_errors_told():
        return _list(storage, _chosen(storage, machine, ended, older_than), limit=limit, with_bytes=with_bytes)


def delete_conversations(
    db: Holder,
    conversation_ids: Iterable[str],
    *,
    patience: float = _PATIENCE,
    encryption_key: bytes | str | None = None,
) -> list[str]:
    """Delete conversations and all that they hold, their older messages too; return the ids of those that were there.

    Args:
        db: As for `list_conversations`.
        conversation_ids: Which ones.
        patience: How many seconds to wait for a turn of one that is under way.
        encryption_key: As for `list_conversations`.

    Raises:
        TurnConflict: A turn has not ended in time; those before it in the order of the ids are deleted.
        SetupError: There is no such database.
        StorageError: The database failed.
    """
    wanted = [checked_id(each) for each in dict.fromkeys(conversation_ids)]
    with opened_storage(db, encryption_key=encryption_key) as storage, storage_errors_told():
        found = [each for each in wanted if any(read_overview(storage.outline, e) for e in storage.rows.ends(each))]
        for each in found:
            with Hold(storage.saver, each, patience=patience):
                _delete(storage, each)
        return found


def prune_conversations(
    db: Holder,
    *,
    machine: str | None = None,
    ended: bool | None = None,
    older_than: timedelta | None = None,
    keep: int | None = None,
    encryption_key: bytes | str | None = None,
) -> list[ConversationOverview]:
    """Delete all conversations of a kind; return those that were deleted, as they stood.

    One with a turn under way stays, and so does one that has moved on meanwhile.

    Args:
        db: As for `list_conversations`.
        machine: Only those of the machine of this name.
        ended: Only those that have ended or were closed, or for `False` only those that go on.
        older_than: Only those that were not active for so long.
        keep: Leave so many of them, those that were active last.
        encryption_key: As for `list_conversations`.

    Raises:
        ArgumentError: Nothing says which ones; to delete all, say `keep=0`.
        SetupError: There is no such database.
        StorageError: The database failed.
    """
    if machine is None and ended is None and older_than is None and keep is None:
        advice = "Say ended=True or older_than=timedelta(days=30), for example; keep=0 deletes all."
        raise ArgumentError("prune_conversations", None, advice, found="nothing says which conversations are meant.")
    deleted: list[ConversationOverview] = []
    with opened_storage(db, encryption_key=encryption_key) as storage, storage_errors_told():
        chosen = _chosen(storage, machine, ended, older_than)
        for found in _list(storage, chosen)[keep or 0 :]:
            with _held_if_idle(storage, found.conversation) as ends:
                now = read_overview(storage.outline, ends, storage.definition) if ends is not None else None
                if now is not None and chosen.has(now) and now.last == found.last:
                    _delete(storage, found.conversation)
                    deleted.append(found)
    return deleted


def prune_history(
    db: Holder,
    turns: int,
    *,
    conversation_ids: Collection[str] | None = None,
    dry_run: bool = False,
    encryption_key: bytes | str | None = None,
) -> dict[str, int]:
    """Delete the checkpoints of older turns, which nothing but going back there needs: no conversation changes by it.

    The messages all stay, and so does what the last turns need to be resumed, forked or sent again. Turn records that
    are older can be read no more.

    Args:
        db: As for `list_conversations`.
        turns: How many turns of each conversation keep their checkpoints; 1 or more.
        conversation_ids: Of which conversations; of all where it is left out.
        dry_run: Whether to count only.
        encryption_key: As for `list_conversations`.

    Returns:
        How many checkpoints were deleted, for each conversation with any. One with a turn under way is passed over, and
        so is one that cannot be read, or only with its older checkpoints.

    Raises:
        ArgumentError: The number is below 1.
        SetupError: There is no such database, or its checkpointer deletes whole conversations only.
        StorageError: The database failed.
    """
    _check_turns(turns)
    counts: dict[str, int] = {}
    with opened_storage(db, encryption_key=encryption_key) as storage, storage_errors_told():
        for found in _list(storage, Chosen(), conversation_ids):
            if found.status == "unreadable":
                continue
            with _held_if_idle(storage, found.conversation) as ends:
                count = _prune(storage, ends, turns, dry_run=dry_run) if ends is not None else 0
            if count:
                counts[found.conversation] = count
    return counts


def compact_database(db: Holder, *, encryption_key: bytes | str | None = None) -> None:
    """Have a database give back the room of what was deleted: a SQLite file is written anew, without it.

    Args:
        db: As for `list_conversations`.
        encryption_key: As for `list_conversations`.

    Raises:
        SetupError: There is no such database.
        StorageError: The database failed, or others are at work on the file.
    """
    with opened_storage(db, encryption_key=encryption_key) as storage, storage_errors_told():
        storage.rows.compact()


def _check_turns(turns: Any) -> None:
    if not isinstance(turns, int) or turns < 1:
        raise ArgumentError("turns", turns, "Keep one turn or more.", found=f"it is {turns!r}, not a number above 0.")


def _list(
    storage: ConversationStorage,
    chosen: Chosen,
    conversation_ids: Iterable[str] | None = None,
    *,
    limit: int | None = None,
    with_bytes: bool = False,
) -> list[ConversationOverview]:
    found: list[ConversationOverview] = []
    rows, ids = storage.rows, conversation_ids
    all_ends = rows.ends() if ids is None else [ends for each in {*ids} for ends in rows.ends(each)]
    for ends in sorted(all_ends, key=lambda ends: ends.newest, reverse=True):
        if limit is not None and len(found) >= limit:
            break
        read = read_overview(storage.outline, ends, storage.definition) if chosen.may_have(ends) else None
        if read is not None and chosen.has(read):
            found.append(replace(read, bytes=storage.rows.count_bytes(ends.thread_id)) if with_bytes else read)
    return found


def _chosen(
    storage: ConversationStorage, machine: str | None, ended: bool | None, older_than: timedelta | None
) -> Chosen:
    known = storage.definition
    earlier = known.migration.names if known is not None and known.name == machine else ()
    machines = (machine, *earlier) if machine is not None else None
    return Chosen(machines, ended, datetime.now(UTC) - older_than if older_than is not None else None)


@contextmanager
def _held_if_idle(storage: ConversationStorage, conversation_id: str) -> Iterator[ThreadEnds | None]:
    """Hold a conversation, and yield its ends as they are then; `None` where a turn has it."""
    with ExitStack() as stack:
        try:
            stack.enter_context(Hold(storage.saver, conversation_id, busy="reject"))
            found = storage.rows.ends(conversation_id)
        except TurnConflict:
            found = []
        yield found[0] if found else None


def _delete(storage: ConversationStorage, conversation_id: str) -> None:
    if storage.store is not None:
        delete_messages(storage.store, conversation_id)
    storage.saver.delete_thread(conversation_id)


def _prune(storage: ConversationStorage, ends: ThreadEnds, turns: int, *, dry_run: bool) -> int:
    try:
        old = find_old(storage.outline, storage.rows, ends, turns)
    except ConversationError:
        return 0
    if old is None:
        return 0
    rows = storage.rows
    return rows.count_old(ends.thread_id, old) if dry_run else rows.delete_old(ends.thread_id, old)

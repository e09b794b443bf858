"""Stored conversations as JSON data, whole: for archives, for other programs, and for who asks what is known of them.

One object for each, in version 1 of this form; a reader passes over members that it does not know:

    version         1
    conversation    its id; also `machine`, `revision`, `fingerprint`, `state`, `status`, `began` and `last`, as an
                    overview has them
    context         the data, that of sub-machines under way by the paths of its keys; secret values are masked
    messages        all of them, the oldest first: `id`, `role` (`user`, `assistant`, `tool`, `system`), `content`
    missing         how many messages before these are in a store that does not have them any more
    turns           those of which checkpoints are kept: `number`, `time`, `seconds`, `user`, `answer`, the `state`
                    before, `changes` (key: [before, after]), the `outcome` (`landed`, `failed`, `paused`,
                    `given up`, `in flight`), and `record`, the turn record; for one that has not landed `error`, and
                    `null` as its record

What users and the machine have said is never masked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from langchain_core.messages import AnyMessage
from pydantic import JsonValue

from fsm_langgraph.context.secret_tokens import masked
from fsm_langgraph.context.writes import MACHINE_PREFIX
from fsm_langgraph.conversation.caller_input import checked_id
from fsm_langgraph.conversation.keeping.checkpoint_rows import ThreadEnds
from fsm_langgraph.conversation.keeping.overview import ConversationOverview, read_overview
from fsm_langgraph.conversation.keeping.storage import ConversationStorage, Holder, opened_storage
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import ConversationError, MissingMessagesError
from fsm_langgraph.exploring.history import StoredTurn, find_turns
from fsm_langgraph.exploring.stored import Line, read_lines
from fsm_langgraph.graph.older_messages import read_messages
from fsm_langgraph.loading import Source, load_definition
from fsm_langgraph.locking import storage_errors_told

VERSION = 1
"""The version of the form."""


def export_conversations(
    db: Holder,
    conversation_ids: Iterable[str] | None = None,
    *,
    definition: FSMDefinition | Source | None = None,
    allow_types: Collection[type] = (),
    encryption_key: bytes | str | None = None,
) -> Iterator[dict[str, JsonValue]]:
    """Yield conversations as JSON data, each read when it is asked for; see the module for the form.

    Args:
        db: A SQLite file by its path, PostgreSQL by its address, an `LLM_FSM`, or a compiled graph with a checkpointer.
        conversation_ids: Which ones; all of them, the one that was active last first, where it is left out.
        definition: The definition, or where it is: the values of its secret keys are masked. An `LLM_FSM` and its
            graph know it themselves.
        allow_types: As `LLM_FSM` takes it, for a file or an address.
        encryption_key: The key that a file or a database was stored with.

    Raises:
        ConversationError: There is no conversation of an id.
        SetupError: There is no such database, or a type or the key cannot be used.
        StoredDataError: What is held is no conversation, or is encrypted with another key, or names a type.
        StorageError: The database failed.
    """
    given = load_definition(definition) if definition is not None else None
    with opened_storage(db, allow_types=allow_types, encryption_key=encryption_key) as storage, storage_errors_told():
        for ends in _ends(storage, conversation_ids):
            found = read_overview(storage.outline, ends, given or storage.definition)
            if found is not None:
                yield _document(storage, found, given or storage.definition)
            elif conversation_ids is not None:
                raise _unknown(ends.thread_id)


def _ends(storage: ConversationStorage, conversation_ids: Iterable[str] | None) -> Iterator[ThreadEnds]:
    if conversation_ids is None:
        yield from sorted(storage.rows.ends(), key=lambda ends: ends.newest, reverse=True)
        return
    for each in conversation_ids:
        found = storage.rows.ends(checked_id(each))
        if not found:
            raise _unknown(each)
        yield found[0]


def _unknown(conversation_id: str) -> ConversationError:
    return ConversationError(
        conversation_id,
        "there is no such conversation. list_conversations(db) and `conversations list` tell those there are.",
    )


def _document(
    storage: ConversationStorage, found: ConversationOverview, definition: FSMDefinition | None
) -> dict[str, JsonValue]:
    line, messages, missing = Line(found.conversation), list[AnyMessage](), 0
    if found.status != "unreadable":
        line = next(iter(read_lines(storage.saver, found.conversation)), line)
        messages, missing = _messages(storage, found.conversation)
    secret = definition.secret_paths if definition is not None else frozenset[str]()
    data = line.marks[-1].data if line.marks else {}
    return {
        "version": VERSION,
        "conversation": found.conversation,
        "machine": found.machine,
        "revision": found.revision,
        "fingerprint": found.fingerprint,
        "state": found.state,
        "status": found.status,
        "began": found.began.isoformat() if found.began is not None else None,
        "last": found.last.isoformat(),
        "context": {
            key: masked(value, is_secret=key in secret)
            for key, value in data.items()
            if not key.rpartition("/")[2].startswith(MACHINE_PREFIX)
        },
        "messages": [_message(message) for message in messages],
        "missing": missing,
        "turns": [_turn(turn) for turn in find_turns(line, definition)],
    }


def _messages(storage: ConversationStorage, conversation_id: str) -> tuple[list[AnyMessage], int]:
    """Return a conversation's messages, and how many before them are missing."""
    saved = storage.saver.get_tuple({"configurable": {"thread_id": conversation_id, "checkpoint_ns": ""}})
    values: dict[str, Any] = saved.checkpoint["channel_values"] if saved is not None else {}
    try:
        return read_messages(storage.store, conversation_id, values, storage.saver), 0
    except MissingMessagesError as error:
        return [*values.get("messages", ())], error.missing


def _message(message: AnyMessage) -> dict[str, JsonValue]:
    content: Any = message.content
    return {"id": message.id, "role": _ROLES.get(message.type, message.type), "content": content}


_ROLES = {"human": "user", "ai": "assistant"}


def _turn(turn: StoredTurn) -> dict[str, JsonValue]:
    record: Any = turn.record
    changes = {key: [masked(value) for value in pair] for key, pair in turn.changes.items()}
    return {
        "number": turn.number,
        "time": turn.time.isoformat(),
        "seconds": turn.seconds,
        "user": turn.user,
        "answer": turn.answer,
        "state": turn.state,
        "changes": dict(changes),
        "outcome": turn.outcome,
        "error": turn.error,
        "record": record,
    }

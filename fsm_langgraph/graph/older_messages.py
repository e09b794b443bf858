"""The store's part in a long conversation: it takes the older messages, gives them back, and forgets them.

    ("fsm_messages", <thread_id>) / <SHA-256 of the value>    {"messages": <JSON>, "before": <the chunk before it>}

The messages are JSON as a text, in the form of LangChain's `messages_to_dict`: so they come back to the letter from any
database, where PostgreSQL's own JSON, for one, takes no NUL. That they do is tried before they are handed over. What a
store cannot take stays in the graph's state, and the turn goes on: this is housekeeping, which must cost nobody a turn.

The node puts messages there as a turn lands, see `turn/older.py`; `Graph` reads and deletes them.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Generator, Mapping
from typing import Any

from langchain_core.messages import AnyMessage, messages_from_dict, messages_to_dict
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.store.base import BaseStore, Item, PutOp, SearchItem
from langgraph.store.memory import InMemoryStore

from fsm_langgraph.effects.drivers import adrive, drive
from fsm_langgraph.errors import MissingMessagesError
from fsm_langgraph.graph.journal_entries import Entries
from fsm_langgraph.graph.putting_away import OlderMessages, PutAway

NAMESPACE = "fsm_messages"
"""What the namespaces of chunks begin with."""
_PAGE = 1000
"""How many chunks are deleted at once."""

_log = logging.getLogger("fsm_langgraph.store")

Place = tuple[tuple[str, ...], str]


def put(store: BaseStore | None, entries: Entries, wanted: PutAway) -> OlderMessages | None:
    """Put messages into the store of a run; return where they are, or `None` where they have to stay.

    Args:
        store: The store.
        entries: What knows where the conversation is kept.
        wanted: The messages.
    """
    if store is None or not _may_go(store, entries):
        return None
    try:
        older, value = _chunk(entries.thread_id, wanted)
        store.put(*_place(older), value, index=False, ttl=None)
    except Exception as error:  # noqa: BLE001 - the edge to the store: whatever it is, the turn goes on
        _tell_refused(entries.thread_id, error)
        return None
    return older


async def aput(store: BaseStore | None, entries: Entries, wanted: PutAway) -> OlderMessages | None:
    """Put messages into the store of a run; the twin of `put`."""
    if store is None or not _may_go(store, entries):
        return None
    try:
        older, value = _chunk(entries.thread_id, wanted)
        await store.aput(*_place(older), value, index=False, ttl=None)
    except Exception as error:  # noqa: BLE001 - the edge to the store: whatever it is, the turn goes on
        _tell_refused(entries.thread_id, error)
        return None
    return older


def read(store: BaseStore | None, thread_id: str, values: Mapping[str, Any]) -> list[AnyMessage]:
    """Return all messages of a conversation, the oldest first.

    Args:
        store: Where the older ones are.
        thread_id: The conversation, for the error.
        values: The stored state of its graph.

    Raises:
        MissingMessagesError: Some of the older ones are not there, or the store failed.
    """

    def get(place: Place) -> Item | Exception | None:
        try:
            return store.get(*place) if store is not None else None
        except Exception as error:  # noqa: BLE001 - the edge to the store: it is told with what is missing
            return error

    return drive(_read(thread_id, values), get)


async def aread(store: BaseStore | None, thread_id: str, values: Mapping[str, Any]) -> list[AnyMessage]:
    """Return all messages of a conversation; the twin of `read`."""

    async def get(place: Place) -> Item | Exception | None:
        try:
            return await store.aget(*place) if store is not None else None
        except Exception as error:  # noqa: BLE001 - the edge to the store: it is told with what is missing
            return error

    return await adrive(_read(thread_id, values), get)


def delete_messages(store: BaseStore, thread_id: str) -> None:
    """Delete what the store holds of a conversation's messages, in any of its forks.

    Args:
        store: The store that its graph was run with.
        thread_id: The conversation.
    """
    while chunks := _own(thread_id, store.search(_namespace(thread_id), limit=_PAGE)):
        store.batch(chunks)


async def adelete_messages(store: BaseStore, thread_id: str) -> None:
    """Delete what the store holds of a conversation's messages; the twin of `delete_messages`."""
    while chunks := _own(thread_id, await store.asearch(_namespace(thread_id), limit=_PAGE)):
        await store.abatch(chunks)


def _may_go(store: BaseStore, entries: Entries) -> bool:
    """Say whether messages may leave the state: the thread is this graph's, and the store lasts as long as that."""
    lasts = isinstance(entries.saver, InMemorySaver) or not isinstance(store, InMemoryStore)
    return entries.is_outermost and lasts


def _chunk(thread_id: str, wanted: PutAway) -> tuple[OlderMessages, dict[str, Any]]:
    """Make a chunk of messages; return where it belongs, and what is stored there."""
    text = json.dumps(messages_to_dict(wanted.messages), ensure_ascii=False)
    if messages_from_dict(json.loads(text)) != [*wanted.messages]:
        raise ValueError("as JSON they would not come back as they are")
    value = {"messages": text, "before": wanted.before}
    key = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
    count = len(wanted.messages) + (wanted.before["count"] if wanted.before is not None else 0)
    return OlderMessages(thread_id=thread_id, key=key, count=count), value


def _tell_refused(thread_id: str, error: Exception) -> None:
    _log.warning(
        "the older messages of conversation %r stay in the graph's state: %r. "
        "For a store that cannot take them, give messages_limit=None.",
        thread_id,
        error,
    )


def _read(thread_id: str, values: Mapping[str, Any]) -> Generator[Place, Item | Exception | None, list[AnyMessage]]:
    parts: list[list[AnyMessage]] = [values.get("messages") or []]
    older: OlderMessages | None = values.get("older_messages")
    while older is not None:
        item = yield _place(older)
        if item is None or isinstance(item, Exception):
            raise MissingMessagesError(thread_id, older["count"], item) from item
        parts.append(messages_from_dict(json.loads(item.value["messages"])))  # type: ignore[arg-type]  # it is typed more widely than it returns
        older = item.value["before"]
    return [message for part in reversed(parts) for message in part]


def _own(thread_id: str, found: list[SearchItem]) -> list[PutOp]:
    namespace = _namespace(thread_id)
    return [PutOp(item.namespace, item.key, None) for item in found if item.namespace == namespace]


def _place(older: OlderMessages) -> Place:
    return _namespace(older["thread_id"]), older["key"]


def _namespace(thread_id: str) -> tuple[str, ...]:
    """Name where a conversation's chunks are; a store divides names by periods, and takes none in them."""
    return NAMESPACE, thread_id.replace("%", "%25").replace(".", "%2E").replace("\0", "%00")

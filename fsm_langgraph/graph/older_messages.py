"""The older messages of a long conversation, in the store: their form, how they are read, and how they are deleted.

    ("fsm_messages", <thread_id>) / <SHA-256 of the value>    {"messages": <JSON>, "before": <the chunk before it>}
    ("fsm_message_ids", <thread_id>) / <SHA-256 of an id>     {"chunk": <the chunk with this message of the user's>}

The messages are JSON as a text, in the form of LangChain's `messages_to_dict`: so they come back to the letter from any
database, where PostgreSQL's own JSON, for one, takes no NUL. That they do is tried before they are handed over. Beside
a checkpointer that encrypts, the value is encrypted too (`sealed_value.py`).

They are put there as a turn lands, see `putting_away.py`; `Graph` reads and deletes them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AnyMessage, HumanMessage, messages_from_dict, messages_to_dict
from langgraph.store.base import BaseStore, Item, PutOp, SearchItem
from typing_extensions import TypedDict  # the standard one makes no JSON Schema before Python 3.12

from fsm_langgraph.errors import EncryptionError, MissingMessagesError
from fsm_langgraph.graph.sealed_value import Saver, seal, unseal

NAMESPACE = "fsm_messages"
"""The first label of every chunk's namespace."""
_IDS = "fsm_message_ids"
"""The first label of the namespaces in which the ids of messages are."""
_PAGE = 1000
"""How many chunks are deleted at once."""

StoreKey = tuple[tuple[str, ...], str]
"""A namespace of the store, and a key in it."""


class OlderMessages(TypedDict):
    """Where the messages are that came before those of the graph's state."""

    thread_id: str
    """The thread that the newest chunk was written for; a copy of a conversation begins with another one's chunks."""
    key: str
    """The newest chunk's key in the store."""
    count: int
    """How many messages there are up to the end of that chunk."""


def make_chunk(
    thread_id: str, messages: Sequence[AnyMessage], before: OlderMessages | None, saver: Saver | None = None
) -> tuple[OlderMessages, dict[str, Any]]:
    """Make a chunk of messages; return where it belongs, and the value that is stored there.

    Args:
        thread_id: The conversation.
        messages: The messages.
        before: The chunk before it.
        saver: The checkpointer of the conversation; where it encrypts, so is the value.

    Raises:
        ValueError: As JSON they would not come back as they are.
    """
    text = json.dumps(messages_to_dict(messages), ensure_ascii=False)
    if messages_from_dict(json.loads(text)) != [*messages]:
        raise ValueError("as JSON they would not come back as they are")
    value = seal({"messages": text, "before": before}, saver)
    key = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
    count = len(messages) + (before["count"] if before is not None else 0)
    return OlderMessages(thread_id=thread_id, key=key, count=count), value


def puts_of(older: OlderMessages, value: dict[str, Any], messages: Sequence[AnyMessage]) -> list[PutOp]:
    """Return what puts a chunk into the store, and notes the ids of its user's messages."""
    namespace, key = store_key(older)
    ids = [str(message.id) for message in messages if isinstance(message, HumanMessage)]
    noted = [PutOp(*id_key(older["thread_id"], each), {"chunk": key}, index=False) for each in ids]
    return [*noted, PutOp(namespace, key, value, index=False)]


def store_key(older: OlderMessages) -> StoreKey:
    """Return where a chunk is."""
    return _namespace(older["thread_id"]), older["key"]


def read_messages(
    store: BaseStore | None, thread_id: str, values: Mapping[str, Any], saver: Saver | None
) -> list[AnyMessage]:
    """Return all messages of a conversation, the oldest first.

    Args:
        store: Where the older ones are.
        thread_id: The conversation, for the error.
        values: The stored state of its graph.
        saver: The checkpointer that the state is of.

    Raises:
        MissingMessagesError: Some of the older ones are not there, or the store failed.
        EncryptionError: They are encrypted, and the checkpointer has not the key.
    """
    reading = _Reading(thread_id, values, saver)
    while (older := reading.older) is not None:
        try:
            item = store.get(*store_key(older)) if store is not None else None
        except Exception as error:
            raise MissingMessagesError(thread_id, older["count"], error) from error
        reading.take(older, item)
    return reading.messages


async def aread_messages(
    store: BaseStore | None, thread_id: str, values: Mapping[str, Any], saver: Saver | None
) -> list[AnyMessage]:
    """Return all messages of a conversation; the twin of `read_messages`."""
    reading = _Reading(thread_id, values, saver)
    while (older := reading.older) is not None:
        try:
            item = await store.aget(*store_key(older)) if store is not None else None
        except Exception as error:
            raise MissingMessagesError(thread_id, older["count"], error) from error
        reading.take(older, item)
    return reading.messages


def has_moved(store: BaseStore | None, message_id: str, values: Mapping[str, Any]) -> bool:
    """Say whether a message of the user's is among those that have moved to the store, or was in another fork.

    Args:
        store: Where the older ones are.
        message_id: The message.
        values: The stored state of the graph.

    Raises:
        MissingMessagesError: The store failed.
    """
    older = values.get("older_messages")
    if store is None or older is None or _is_in_state(message_id, values):
        return False
    try:
        return store.get(*id_key(older["thread_id"], message_id)) is not None
    except Exception as error:
        raise MissingMessagesError(older["thread_id"], older["count"], error) from error


async def ahas_moved(store: BaseStore | None, message_id: str, values: Mapping[str, Any]) -> bool:
    """Say whether a message of the user's has moved to the store; the twin of `has_moved`."""
    older = values.get("older_messages")
    if store is None or older is None or _is_in_state(message_id, values):
        return False
    try:
        return await store.aget(*id_key(older["thread_id"], message_id)) is not None
    except Exception as error:
        raise MissingMessagesError(older["thread_id"], older["count"], error) from error


def _is_in_state(message_id: str, values: Mapping[str, Any]) -> bool:
    return any(each.id == message_id for each in values.get("messages") or ())


def id_key(thread_id: str, message_id: str) -> StoreKey:
    """Return where it is noted that a message of the user's has moved: one look tells a new id from an old one."""
    return _namespace(thread_id, _IDS), hashlib.sha256(message_id.encode()).hexdigest()


class _Reading:
    """The messages of a conversation, as far as they are read: from the newest back to the oldest."""

    def __init__(self, thread_id: str, values: Mapping[str, Any], saver: Saver | None) -> None:
        self._thread_id = thread_id
        self._saver = saver
        self._parts: list[list[AnyMessage]] = [values.get("messages") or []]
        self.older: OlderMessages | None = values.get("older_messages")
        """The chunk that is to be read next; `None` where all are."""

    def take(self, older: OlderMessages, item: Item | None) -> None:
        """Take a chunk; raise `MissingMessagesError` where it is not there, or is something else."""
        if item is None:
            raise MissingMessagesError(self._thread_id, older["count"])
        try:
            value = unseal(item.value, self._saver)
            self._parts.append(messages_from_dict(json.loads(value["messages"])))  # type: ignore[arg-type]  # it is typed more widely than it returns
            self.older = value["before"]
            is_before = self.older is None or self.older["count"] < older["count"]
        except EncryptionError as error:
            error.conversation_id = self._thread_id
            raise
        except Exception as error:  # somebody else's item may raise anything
            raise MissingMessagesError(self._thread_id, older["count"], error) from error
        if not is_before:  # a ring of chunks would never end
            raise MissingMessagesError(self._thread_id, older["count"], ValueError("it is not what was put there"))

    @property
    def messages(self) -> list[AnyMessage]:
        """All that was read, the oldest first."""
        return [message for part in reversed(self._parts) for message in part]


def delete_messages(store: BaseStore, thread_id: str) -> None:
    """Delete what the store holds of a conversation's messages, in any of its forks.

    Args:
        store: The store that its graph was run with.
        thread_id: The conversation.
    """
    for namespace in _all_namespaces(thread_id):
        while items := _own(namespace, store.search(namespace, limit=_PAGE)):
            store.batch(items)


async def adelete_messages(store: BaseStore, thread_id: str) -> None:
    """Delete what the store holds of a conversation's messages; the twin of `delete_messages`."""
    for namespace in _all_namespaces(thread_id):
        while items := _own(namespace, await store.asearch(namespace, limit=_PAGE)):
            await store.abatch(items)


def _own(namespace: tuple[str, ...], found: list[SearchItem]) -> list[PutOp]:
    return [PutOp(item.namespace, item.key, None) for item in found if item.namespace == namespace]


def _all_namespaces(thread_id: str) -> list[tuple[str, ...]]:
    return [_namespace(thread_id), _namespace(thread_id, _IDS)]


def _namespace(thread_id: str, label: str = NAMESPACE) -> tuple[str, ...]:
    """Name where a conversation's chunks are; a store divides names by periods, and takes none in them."""
    return label, thread_id.replace("%", "%25").replace(".", "%2E").replace("\0", "%00")

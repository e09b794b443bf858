"""The older messages of a long conversation, which leave the graph's state for the store as a turn lands.

LangGraph writes the whole list of messages into every checkpoint, so a list that grows makes each turn cost more than
the one before it. Where there is a store, the state keeps the newest ones only, and says where the others are:

    messages          [ …, the turn's own ]
    older_messages    the newest chunk ──before──> the chunk before it ──before──> … ──> none

A chunk never changes and is known by its content, like a commit. So a turn that is run again may write one twice
without harm, and conversations that fork share what they have in common. `older_messages.py` has their form, and reads
and deletes them. What a store cannot take stays in the graph's state, and the turn goes on: no housekeeping may cost a
turn.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.messages import AnyMessage, RemoveMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.store.base import BaseStore
from langgraph.store.memory import InMemoryStore

from fsm_langgraph.effects import Effect, Outside
from fsm_langgraph.graph.journal import TurnJournal
from fsm_langgraph.graph.journal_entries import Entries
from fsm_langgraph.graph.langgraph_internals import internal_key
from fsm_langgraph.graph.older_messages import OlderMessages, make_chunk, puts_of
from fsm_langgraph.turn.unread_messages import since_last_answer

_log = logging.getLogger("fsm_langgraph.store")


@dataclass(frozen=True, slots=True)
class PutAway(Effect[OlderMessages | None]):
    """Messages that are to go into the store; the answer is where they are, `None` where they have to stay."""

    entries: Entries
    """Knows where the conversation is kept."""
    messages: Sequence[AnyMessage]
    before: OlderMessages | None
    """Where those are that came before them."""

    def run(self, outside: Outside) -> OlderMessages | None:
        """Put them there."""
        store = outside.runtime.store
        if store is None or not _may_go(store, self.entries):
            return None
        try:
            older, value = make_chunk(self.entries.thread_id, self.messages, self.before, self.entries.saver)
            store.batch(puts_of(older, value, self.messages))
        except Exception as error:  # noqa: BLE001 - the edge to the store: whatever it is, the turn goes on
            _tell_refused(self.entries.thread_id, error)
            return None
        return older

    async def arun(self, outside: Outside) -> OlderMessages | None:
        """Put them there; the twin of `run`."""
        store = outside.runtime.store
        if store is None or not _may_go(store, self.entries):
            return None
        try:
            older, value = make_chunk(self.entries.thread_id, self.messages, self.before, self.entries.saver)
            await store.abatch(puts_of(older, value, self.messages))
        except Exception as error:  # noqa: BLE001 - the edge to the store: whatever it is, the turn goes on
            _tell_refused(self.entries.thread_id, error)
            return None
        return older


async def put_away(
    journal: TurnJournal,
    history: Sequence[AnyMessage],
    before: OlderMessages | None,
    config: RunnableConfig,
    *,
    coming: int,
    limit: int | Literal["auto"] | None,
    seen: int,
) -> dict[str, Any]:
    """Have the oldest messages go into the store, where there are too many.

    Args:
        journal: Knows where the conversation is kept.
        history: The messages as the turn began, which lands now.
        before: Where the older ones are that have gone before.
        config: The config of the node in which the turn lands.
        coming: How many the turn answers with.
        limit: How many the state keeps, the answers with them; `None` for any number, `auto` by who keeps it.
        seen: How many the model sees.

    Returns:
        The update of the graph's state that takes them out of it; empty where none has gone.
    """
    if limit == "auto":
        limit = None if _KEEPS_ALL in config.get("configurable", {}) else _LIMIT
    keep = seen + 1  # what the model sees begins in the same way wherever there is more than that
    if limit is None or len(history) + coming <= max(limit, keep):
        return {}
    # Half of them go, so that the store is written to once in many turns. The turn's own always stay.
    staying = max(limit // 2 - coming, keep - coming, len(since_last_answer(history)))
    moving = history[: len(history) - staying]
    older = await PutAway(journal.entries, moving, before) if moving else None
    if older is None:
        return {}
    return {"messages": [RemoveMessage(id=str(message.id)) for message in moving], "older_messages": older}


def keeping_all(config: RunnableConfig) -> RunnableConfig:
    """Return the config of a run whose graph's state keeps all messages, unless a limit was given."""
    return {**config, "configurable": {**config.get("configurable", {}), _KEEPS_ALL: True}}


_KEEPS_ALL = internal_key("keeps_all")
_LIMIT = 40
"""How many messages the state keeps where no limit was given."""


def _may_go(store: BaseStore, entries: Entries) -> bool:
    """Say whether messages may leave the state: the thread is this graph's, and the store lasts as long as that."""
    lasts = isinstance(entries.saver, InMemorySaver) or not isinstance(store, InMemoryStore)
    return entries.is_outermost and lasts


def _tell_refused(thread_id: str, error: Exception) -> None:
    _log.warning(
        "the older messages of conversation %r stay in the graph's state: %r. "
        "For a store that cannot take them, give messages_limit=None.",
        thread_id,
        error,
    )

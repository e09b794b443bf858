"""The stored conversations of one definition, read by their ids.

`LLM_FSM` holds them; this class, its base, only reads. Every method has an async twin.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, cast

from langchain_core.messages import AnyMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import StateSnapshot
from pydantic import JsonValue

from fsm_langgraph.conversation.caller_input import checked_id
from fsm_langgraph.conversation.keeping.housekeeping import list_conversations
from fsm_langgraph.conversation.keeping.overview import ConversationOverview
from fsm_langgraph.conversation.pauses import questions_of
from fsm_langgraph.drawing import Picture, mime_bundle
from fsm_langgraph.errors import ConversationError
from fsm_langgraph.graph.graph import Graph
from fsm_langgraph.graph.older_messages import aread_messages, read_messages
from fsm_langgraph.graph.standing import current_path, has_ended
from fsm_langgraph.turn.record import TurnRecord


class StoredConversations:
    """Reads conversations.

    Args:
        graph: The compiled graph that they are held with, with its checkpointer.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        """The compiled graph, with its checkpointer."""
        self.definition = graph.builder.definition
        """The definition that the conversations follow."""

    def list_conversations(
        self,
        *,
        ended: bool | None = None,
        older_than: timedelta | None = None,
        limit: int | None = None,
        with_bytes: bool = False,
    ) -> list[ConversationOverview]:
        """List the conversations of this machine, the one that was active last first.

        Args:
            ended: Only those that have ended or were closed, or for `False` only those that go on.
            older_than: Only those that were not active for so long.
            limit: At most so many.
            with_bytes: Whether to count how many bytes each takes, for which all of it is read.
        """
        machine = self.definition.name
        return list_conversations(
            self, machine=machine, ended=ended, older_than=older_than, limit=limit, with_bytes=with_bytes
        )

    async def alist_conversations(self, **options: Any) -> list[ConversationOverview]:
        """List the conversations of this machine; the twin of `list_conversations`."""
        return await asyncio.to_thread(self.list_conversations, **options)

    def is_conversation_ended(self, conversation_id: str) -> bool:
        """Say whether the conversation has reached a final state, or was closed."""
        return has_ended(self.definition, self._snapshot(conversation_id).values)

    async def ais_conversation_ended(self, conversation_id: str) -> bool:
        """Say whether the conversation has ended; the twin of `is_conversation_ended`."""
        return has_ended(self.definition, (await self._asnapshot(conversation_id)).values)

    def get_data(self, conversation_id: str) -> dict[str, JsonValue]:
        """Return the context that the conversation has collected, with tokens in the places of secrets."""
        return dict(self._snapshot(conversation_id).values["context"])

    async def aget_data(self, conversation_id: str) -> dict[str, JsonValue]:
        """Return the context; the twin of `get_data`."""
        return dict((await self._asnapshot(conversation_id)).values["context"])

    def get_secrets(self, conversation_id: str) -> dict[str, JsonValue]:
        """Return the values of the conversation's secrets by their keys, those of a sub-machine by paths."""
        self._snapshot(conversation_id)
        return self.graph.secrets(thread_config(conversation_id))

    async def aget_secrets(self, conversation_id: str) -> dict[str, JsonValue]:
        """Return the values of the conversation's secrets; the twin of `get_secrets`."""
        await self._asnapshot(conversation_id)
        return await self.graph.asecrets(thread_config(conversation_id))

    def get_current_state(self, conversation_id: str) -> str:
        """Return the id of the state that the conversation is in, its path in a sub-machine: `payment/card`."""
        return current_path(self.definition, self._snapshot(conversation_id).values)

    async def aget_current_state(self, conversation_id: str) -> str:
        """Return the id of the current state; the twin of `get_current_state`."""
        return current_path(self.definition, (await self._asnapshot(conversation_id)).values)

    def get_last_turn(self, conversation_id: str) -> TurnRecord | None:
        """Return the record of the last turn: where it went and why."""
        return cast("TurnRecord | None", self._snapshot(conversation_id).values.get("last_turn"))

    async def aget_last_turn(self, conversation_id: str) -> TurnRecord | None:
        """Return the record of the last turn; the twin of `get_last_turn`."""
        return cast("TurnRecord | None", (await self._asnapshot(conversation_id)).values.get("last_turn"))

    def get_questions(self, conversation_id: str) -> list[Any]:
        """Return what a paused turn asks by `interrupt()`, in the order of its answers; empty where no question waits.

        The other getters tell of the turns before it.
        """
        return [question.value for question in questions_of(self._snapshot(conversation_id))]

    async def aget_questions(self, conversation_id: str) -> list[Any]:
        """Return what a paused turn asks; the twin of `get_questions`."""
        return [question.value for question in questions_of(await self._asnapshot(conversation_id))]

    def get_messages(self, conversation_id: str) -> list[AnyMessage]:
        """Return all messages of the conversation, the oldest first.

        Raises:
            MissingMessagesError: Some had moved to the store, and are not there.
        """
        values = self._snapshot(conversation_id).values
        return read_messages(self.graph.store, conversation_id, values, self._saver)

    async def aget_messages(self, conversation_id: str) -> list[AnyMessage]:
        """Return all messages of the conversation; the twin of `get_messages`."""
        values = (await self._asnapshot(conversation_id)).values
        return await aread_messages(self.graph.store, conversation_id, values, self._saver)

    def picture(self, conversation_id: str | None = None, *, xray: bool = True) -> Picture:
        """Draw the machine, for notebooks; with a conversation's id, also where it is and has been.

        Args:
            conversation_id: The conversation to light up; none where it is left out.
            xray: Whether sub-machines are drawn from inside.
        """
        if conversation_id is None:
            return self.graph.picture(xray=xray)
        self._snapshot(conversation_id)
        return self.graph.picture(thread_config(conversation_id), xray=xray)

    async def apicture(self, conversation_id: str | None = None, *, xray: bool = True) -> Picture:
        """Draw the machine; the twin of `picture`."""
        if conversation_id is None:
            return await self.graph.apicture(xray=xray)
        await self._asnapshot(conversation_id)
        return await self.graph.apicture(thread_config(conversation_id), xray=xray)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return mime_bundle(self.picture(), f"{type(self).__name__} {self.definition.name!r}")

    @property
    def _saver(self) -> BaseCheckpointSaver[Any] | None:
        saver = self.graph.checkpointer
        return saver if isinstance(saver, BaseCheckpointSaver) else None

    def _snapshot(self, conversation_id: str, *, subgraphs: bool = False) -> StateSnapshot:
        return _known(conversation_id, self.graph.get_state(thread_config(conversation_id), subgraphs=subgraphs))

    async def _asnapshot(self, conversation_id: str, *, subgraphs: bool = False) -> StateSnapshot:
        found = await self.graph.aget_state(thread_config(conversation_id), subgraphs=subgraphs)
        return _known(conversation_id, found)


def thread_config(conversation_id: str) -> RunnableConfig:
    """Write the config of the checkpointer's thread that a conversation is.

    Raises:
        ArgumentError: The id is no text.
    """
    return {"configurable": {"thread_id": checked_id(conversation_id)}}


def _known(conversation_id: str, snapshot: StateSnapshot) -> StateSnapshot:
    if "context" not in snapshot.values:
        raise ConversationError(conversation_id, "there is no such conversation. Begin one with converse().")
    return snapshot

"""Conversations that are brought over to a definition which has changed since they were stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fsm_langgraph.conversation.stored_conversations import StoredConversations, thread_config
from fsm_langgraph.definition import Migration
from fsm_langgraph.turn.definition_change import DefinitionChange


class MigratingConversations(StoredConversations):
    """Reads conversations, and brings them over to its definition."""

    def migrate(
        self, conversation_id: str, migration: Migration | Mapping[str, Any] | None = None
    ) -> DefinitionChange | None:
        """Bring the conversation over to the definition at once, which its next turn would do otherwise.

        Args:
            conversation_id: The conversation's id.
            migration: How it is brought over, besides what the definition says under `migrate`; this comes first.

        Returns:
            What was changed, which the next turn's record tells too; `None` where it goes on as it is.

        Raises:
            StaleDefinition: It does not fit the definition all the same, or a turn of it is paused.
            DefinitionError: The migration does not fit the definition.
            ConversationError: There is no such conversation.
        """
        self._snapshot(conversation_id)
        return self.graph.migrate(thread_config(conversation_id), migration)

    async def amigrate(
        self, conversation_id: str, migration: Migration | Mapping[str, Any] | None = None
    ) -> DefinitionChange | None:
        """Bring the conversation over to the definition at once; the twin of `migrate`."""
        await self._asnapshot(conversation_id)
        return await self.graph.amigrate(thread_config(conversation_id), migration)

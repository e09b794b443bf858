"""A machine's graph as the keeper of its conversations: they are read, deleted and brought over, and held for that.

Some of a conversation's messages may have moved to the store (`older_messages.py`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import nullcontext
from typing import Any

from langchain_core.messages import AnyMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.types import StateSnapshot
from pydantic import JsonValue

from fsm_langgraph.definition import Migration
from fsm_langgraph.errors import ConversationError
from fsm_langgraph.graph.exclusive import hold_for_edit, with_hold
from fsm_langgraph.graph.kept_thread import find_thread, thread_id_of
from fsm_langgraph.graph.migrating import edit_of_migration, read_migration
from fsm_langgraph.graph.older_messages import adelete_messages, aread_messages, delete_messages, read_messages
from fsm_langgraph.graph.secrets.secret_store import SecretStore, secrets_holders
from fsm_langgraph.graph.secrets.told_secrets import atell_secrets, tell_secrets
from fsm_langgraph.graph.shown_graph import ShownGraph
from fsm_langgraph.locking import Hold, storage_errors_told
from fsm_langgraph.turn.definition_change import DefinitionChange


class KeptGraph(ShownGraph):
    """A compiled machine that reads, deletes and brings over the conversations that it keeps."""

    def messages(self, config: RunnableConfig) -> list[AnyMessage]:
        """Return all messages of a conversation, the oldest first: those that have moved to the store, and the newest.

        Args:
            config: The config with the conversation's `thread_id`; with a `checkpoint_id`, how it was then.

        Raises:
            MissingMessagesError: Some are not in the store.
        """
        return read_messages(self.store, thread_id_of(config), self.get_state(config).values, self._keeper(config))

    async def amessages(self, config: RunnableConfig) -> list[AnyMessage]:
        """Return all messages of a conversation; the twin of `messages`."""
        values = (await self.aget_state(config)).values
        return await aread_messages(self.store, thread_id_of(config), values, self._keeper(config))

    def secrets(self, config: RunnableConfig, context: Mapping[str, Any] | None = None) -> dict[str, JsonValue]:
        """Return the values of a conversation's secrets by their keys; those of a sub-machine by paths: `payment/card`.

        They are for your own code. What it hands on to LangGraph or LangChain is streamed, traced and stored.

        Args:
            config: The config with the conversation's `thread_id`; with a `checkpoint_id`, how it was then; in a node
                of yours, that of the node.
            context: Another holder of the conversation's tokens, such as the `context` of a graph around.
        """
        return tell_secrets(self, config, context)

    async def asecrets(self, config: RunnableConfig, context: Mapping[str, Any] | None = None) -> dict[str, JsonValue]:
        """Return the values of a conversation's secrets; the twin of `secrets`."""
        return await atell_secrets(self, config, context)

    def delete_thread(self, thread_id: str) -> None:
        """Delete a conversation, with its secrets, and those of its messages that have moved to the store.

        Raises:
            ConversationError: The graph keeps no conversations.
        """
        saver = self._saver_of(thread_id)
        with self._hold(_config_of(thread_id)), storage_errors_told():
            if self.store is not None:
                delete_messages(self.store, thread_id)
            saver.delete_thread(thread_id)

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a conversation; the twin of `delete_thread`."""
        saver = self._saver_of(thread_id)
        async with self._hold(_config_of(thread_id)):
            with storage_errors_told():
                if self.store is not None:
                    await adelete_messages(self.store, thread_id)
                await saver.adelete_thread(thread_id)

    def migrate(
        self,
        config: RunnableConfig,
        migration: Migration | Mapping[str, Any] | None = None,
        *,
        dry_run: bool = False,
    ) -> DefinitionChange | None:
        """Bring a conversation over to the definition at once, which its next turn would do otherwise.

        Args:
            config: The config with the conversation's `thread_id`.
            migration: How it is brought over, besides what the definition says under `migrate`; this comes first.
            dry_run: Whether to say what would be changed, and store nothing.

        Returns:
            What was changed, which the next turn's record tells too; `None` where it goes on as it is.

        Raises:
            StaleDefinition: It does not fit the definition all the same, or a turn of it is paused.
            DefinitionError: The migration does not fit the definition.
            ConversationError: The graph keeps no conversations.
        """
        definition, given = self.builder.definition, read_migration(self.builder.definition, migration)
        with self._hold(config) as hold, storage_errors_told():
            held = with_hold(config, hold)
            saver, thread_id = self._saver_of(thread_id_of(config)), thread_id_of(config)
            saved, snapshot, secrets = saver.get_tuple(config), self.get_state(held), SecretStore(saver, thread_id)
            secrets.load(_holders(saved))
            edit = edit_of_migration(definition, saved, snapshot, thread_id, given, secrets.vault)
            if edit is None:
                return None
            if not dry_run:
                secrets.store(secrets_holders(edit.values))
                self.bulk_update_state(held, edit.steps)
            return edit.change

    async def amigrate(
        self,
        config: RunnableConfig,
        migration: Migration | Mapping[str, Any] | None = None,
        *,
        dry_run: bool = False,
    ) -> DefinitionChange | None:
        """Bring a conversation over to the definition at once; the twin of `migrate`."""
        definition, given = self.builder.definition, read_migration(self.builder.definition, migration)
        async with self._hold(config) as hold:
            with storage_errors_told():
                held = with_hold(config, hold)
                saver, thread_id = self._saver_of(thread_id_of(config)), thread_id_of(config)
                saved, snapshot = await saver.aget_tuple(config), await self.aget_state(held)
                secrets = SecretStore(saver, thread_id)
                await secrets.aload(_holders(saved))
                edit = edit_of_migration(definition, saved, snapshot, thread_id, given, secrets.vault)
                if edit is None:
                    return None
                if not dry_run:
                    await secrets.astore(secrets_holders(edit.values))
                    await self.abulk_update_state(held, edit.steps)
                return edit.change

    def get_state(self, config: RunnableConfig, *, subgraphs: bool = False) -> StateSnapshot:
        """Return how a conversation stands; the arguments are LangGraph's.

        Raises:
            StorageError: The database failed.
        """
        with storage_errors_told():
            return super().get_state(config, subgraphs=subgraphs)

    async def aget_state(self, config: RunnableConfig, *, subgraphs: bool = False) -> StateSnapshot:
        """Return how a conversation stands; the twin of `get_state`."""
        with storage_errors_told():
            return await super().aget_state(config, subgraphs=subgraphs)

    def get_state_history(self, config: RunnableConfig, **options: Any) -> Iterator[StateSnapshot]:
        """Return how a conversation has stood, the newest first; the arguments are LangGraph's.

        Raises:
            StorageError: The database failed.
        """
        with storage_errors_told():
            yield from super().get_state_history(config, **options)

    async def aget_state_history(self, config: RunnableConfig, **options: Any) -> AsyncIterator[StateSnapshot]:
        """Return how a conversation has stood; the twin of `get_state_history`."""
        with storage_errors_told():
            async for snapshot in super().aget_state_history(config, **options):
                yield snapshot

    @property
    def lands_turns(self) -> bool:
        """Whether turns land here; a sub-machine's do in the machine around it, which holds the conversation."""
        return "last_turn" in self.channels

    def _hold(self, config: RunnableConfig) -> Hold | nullcontext[None]:
        """Return what holds the conversation of an edit."""
        return hold_for_edit(self, config) if self.lands_turns else nullcontext()

    def _keeper(self, config: RunnableConfig) -> BaseCheckpointSaver[Any] | None:
        """Return the checkpointer that a conversation is read from."""
        thread = find_thread(self, config)
        return thread.saver if thread is not None else None

    def _saver_of(self, thread_id: str) -> BaseCheckpointSaver[Any]:
        if not isinstance(self.checkpointer, BaseCheckpointSaver):
            raise ConversationError(
                thread_id,
                f"the graph {self.name!r} has no checkpointer of its own, so it keeps no conversations.\n"
                "  Delete it where it is kept, or compile the graph with that: compile_fsm(…, checkpointer=…).",
            )
        return self.checkpointer


def _config_of(thread_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id}}


def _holders(saved: CheckpointTuple | None) -> dict[str, Any]:
    return secrets_holders(saved.checkpoint["channel_values"]) if saved is not None else {}

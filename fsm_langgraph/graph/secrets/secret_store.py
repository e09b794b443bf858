"""Where the values of secrets are stored: beside the conversation, by its checkpointer, in a namespace of their own.

LangGraph knows nothing of the namespace, so that no state and no history tells it; with the thread it is deleted. Each
new value is a checkpoint there, never to be changed, so that two writers cannot lose one and a fork finds all that it
names. Each holds the other values that the conversation has then, so that a run reads the newest alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    empty_checkpoint,
)

from fsm_langgraph.context.secret_tokens import Secret, Secrets, Vault, tokens_in
from fsm_langgraph.effects import Effect, Outside
from fsm_langgraph.errors import StoredDataError
from fsm_langgraph.graph.langgraph_internals import internal_key

NAMESPACE = "fsm_secrets"
"""The namespace of the values, in the thread of each conversation."""
CHANNEL = "secrets"
_METADATA: CheckpointMetadata = {"source": "update", "step": -1, "parents": {}}
KEY = internal_key("secrets")
"""The place of a run's secrets in its config."""


class SecretStore:
    """The secrets of a run, and where they are stored.

    Args:
        saver: The checkpointer of the conversation; `None` where nothing is kept, and the run alone has the values.
        thread_id: The conversation's thread.
    """

    def __init__(self, saver: BaseCheckpointSaver[Any] | None = None, thread_id: str | None = None) -> None:
        self.vault = Vault()
        self.is_begun = False
        """Whether a run has begun with it."""
        self._saver = saver if thread_id is not None else None
        self._place: RunnableConfig = {"configurable": {"thread_id": thread_id, "checkpoint_ns": NAMESPACE}}
        self._absent: set[str] = set()
        self._has_read = False

    def of(self, keys: frozenset[str]) -> Secrets:
        """Return the secrets of a machine that has these secret keys."""
        return Secrets(self.vault, keys)

    def load(self, holder: Any, *, reads_newest: bool = False) -> None:
        """Learn the values of the tokens that something holds.

        Args:
            holder: JSON data.
            reads_newest: Whether to look at the newest ones in any case, so that a value can keep its token.
        """
        missing, saver = self._missing(holder), self._saver
        if saver is None or not (missing or reads_newest):
            return
        if not self._has_read:
            self._has_read = True
            self._take(saver.get_tuple(self._place))
        if self._missing(missing):
            for saved in saver.list(self._place):
                self._take(saved)
        self._absent |= self._missing(missing)

    async def aload(self, holder: Any, *, reads_newest: bool = False) -> None:
        """Learn the values of tokens; the twin of `load`."""
        missing, saver = self._missing(holder), self._saver
        if saver is None or not (missing or reads_newest):
            return
        if not self._has_read:
            self._has_read = True
            self._take(await saver.aget_tuple(self._place))
        if self._missing(missing):
            async for saved in saver.alist(self._place):
                self._take(saved)
        self._absent |= self._missing(missing)

    def store(self, holder: Any) -> None:
        """Store the new values whose tokens are in something that is about to be stored."""
        new, saver = self._new_in(holder), self._saver
        if new and saver is not None:
            checkpoint = self._checkpoint(new)
            saver.put(self._place, checkpoint, _METADATA, checkpoint["channel_versions"])
        self.vault.unstored -= new

    async def astore(self, holder: Any) -> None:
        """Store new values; the twin of `store`."""
        new, saver = self._new_in(holder), self._saver
        if new and saver is not None:
            checkpoint = self._checkpoint(new)
            await saver.aput(self._place, checkpoint, _METADATA, checkpoint["channel_versions"])
        self.vault.unstored -= new

    def _missing(self, holder: Any) -> set[str]:
        found = tokens_in(holder if not isinstance(holder, set) else [*holder])
        self.vault.live |= found
        return found - self.vault.known.keys() - self._absent

    def _new_in(self, holder: Any) -> set[str]:
        return self.vault.unstored & tokens_in(holder) if self.vault.unstored else set()

    def _take(self, saved: CheckpointTuple | None) -> None:
        if saved is None:
            return
        try:
            held = {token: Secret(key, json.loads(text)) for token, (key, text) in _held_in(saved).items()}
        except (TypeError, ValueError, AttributeError, RecursionError) as error:  # somebody else's row may be anything
            told = StoredDataError(f"it holds a row that is no secrets ({type(error).__name__}).", _NOT_OURS)
            told.conversation_id = self._place["configurable"]["thread_id"]
            raise told from None  # the cause quotes what stands there
        for token, secret in held.items():
            self.vault.known.setdefault(token, secret)

    def _checkpoint(self, new: set[str]) -> Checkpoint:
        held: dict[str, list[str]] = {}
        for token in (*(self.vault.live & self.vault.known.keys()), *new):
            secret = self.vault.known[token]
            with suppress(TypeError, ValueError):  # what a tool has written may be no JSON, and fails its turn
                held[token] = [secret.key, json.dumps(secret.value)]
        checkpoint = empty_checkpoint()
        # A mapping and no text: PostgreSQL's checkpointer writes texts beside the rest, where nothing encrypts them.
        checkpoint["channel_values"] = {CHANNEL: held}
        checkpoint["channel_versions"] = {CHANNEL: checkpoint["id"]}
        return checkpoint


_NOT_OURS = "Somebody else has written it, or a part of it was lost. Delete the conversation, or restore the database."


def _held_in(saved: CheckpointTuple) -> Mapping[str, Any]:
    held: Mapping[str, Any] = saved.checkpoint["channel_values"].get(CHANNEL, {})
    return held


@dataclass(frozen=True, slots=True)
class LoadSecrets(Effect[None]):
    """The values of tokens that something holds, which the run is to know."""

    secrets: SecretStore
    holder: Any

    def run(self, outside: Outside) -> None:  # noqa: ARG002 - it knows its own database
        """Load them."""
        self.secrets.load(self.holder)

    async def arun(self, outside: Outside) -> None:  # noqa: ARG002 - it knows its own database
        """Load them; the twin of `run`."""
        await self.secrets.aload(self.holder)


@dataclass(frozen=True, slots=True)
class StoreSecrets(Effect[None]):
    """New values that are to be stored, before what holds their tokens is."""

    secrets: SecretStore
    holder: Any

    def run(self, outside: Outside) -> None:  # noqa: ARG002 - it knows its own database
        """Store them."""
        self.secrets.store(self.holder)

    async def arun(self, outside: Outside) -> None:  # noqa: ARG002 - it knows its own database
        """Store them; the twin of `run`."""
        await self.secrets.astore(self.holder)


def secrets_in(config: RunnableConfig) -> SecretStore | None:
    """Return the secrets of a run, as its config carries them."""
    secrets: SecretStore | None = (config.get("configurable") or {}).get(KEY)
    return secrets


def secrets_holders(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a graph's state that hold tokens."""
    return {name: values[name] for name in ("context", "sub_machine", "turn") if values.get(name)}


def vault_in(config: RunnableConfig) -> Vault | None:
    """Return the secrets that a run knows; `None` where it has none."""
    secrets = secrets_in(config)
    return secrets.vault if secrets is not None else None


def with_secrets(config: RunnableConfig | None, secrets: SecretStore) -> RunnableConfig:
    """Return a config that carries the secrets of a run."""
    given = config or RunnableConfig()
    return {**given, "configurable": {**given.get("configurable", {}), KEY: secrets}}

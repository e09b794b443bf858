"""The journal of a turn: what its handlers and tools have done and on which reply, so that nothing is done again.

    a handler or a tool is to run ── in the journal? ── yes: its outcome is done to the turn once more
                                └─ no: the replies that led here are stored, it runs, its outcome is stored
    the model is to be asked ── in the journal? ── yes: that reply is decided on again, and no model is called

The effects ask it before they do what a turn wants; `effects/outside.py` says how. A turn that goes well costs one
write for each handler and tool that runs and for each reply on which they do, and nothing where none does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.runtime import ExecutionInfo

from fsm_langgraph.effects import Entry, IdempotencyKey
from fsm_langgraph.graph.journal_entries import Entries
from fsm_langgraph.graph.langgraph_internals import InterruptAnswers
from fsm_langgraph.graph.secrets.secret_store import LoadSecrets, SecretStore, StoreSecrets
from fsm_langgraph.turn.frames import check_version

VERSION = 1
"""The version of an entry's form."""


class TurnJournal:
    """The journal of a turn, as one run of a state's node keeps it.

    Args:
        config: The node's config.
        values: The graph's state as the node was given it.
        info: What LangGraph tells of the node's run.
        is_needed: Whether turns do anything that must not be done twice.
        known: What an earlier attempt of the same run has found and done.
        shown: The ids of the machine's own messages that such an attempt has shown.
        secrets: The secrets of the run, whose tokens are in the entries; `None` where the machine has none.
    """

    def __init__(
        self,
        config: RunnableConfig,
        values: Mapping[str, Any],
        info: ExecutionInfo | None,
        *,
        is_needed: bool,
        known: dict[str, Entry] | None = None,
        shown: set[str] | None = None,
        secrets: SecretStore | None = None,
    ) -> None:
        stored = values.get("turn") or {}
        self.is_needed = is_needed
        self.noted: dict[str, str] = dict(stored.get("replies") or {})
        self.shown: set[str] = shown if shown is not None else set()
        self._run = (config, stored, info, known)
        self._secrets = secrets
        self._counts: dict[IdempotencyKey, int] = {}

    # Made when they are asked for, since most turns do nothing that is journalled.
    @cached_property
    def entries(self) -> Entries:
        """The entries of the turn, and where they are stored."""
        return Entries(*self._run)

    @cached_property
    def _answers(self) -> InterruptAnswers:
        return InterruptAnswers(self._run[0])

    def name(self, key: IdempotencyKey, *, is_numbered: bool = False) -> str:
        """Make the UUID of a key; a numbered one counts its equals in this run, as handlers may share a name."""
        if not is_numbered:
            return self.entries.name(key)
        number = self._counts[key] = self._counts.get(key, 0) + 1
        return self.entries.name(key, number)

    async def find(self, name: str, key: IdempotencyKey) -> Entry | None:
        """Return the entry of this name, if an earlier run of the turn has made one.

        Raises:
            StoredFormError: It was written by a later release.
        """
        entry = await self.entries.find(name, key)
        if entry is not None:
            check_version("journal entry", entry, VERSION)
            # LangGraph counts the answers to `interrupt()` by order; those that the entry has had are not for the next.
            self._answers.use_up(entry.get("answers", 0))
            if self._secrets is not None:
                await LoadSecrets(self._secrets, entry)
        return entry

    async def begin(self) -> None:
        """Store what is noted: something is about to happen that depends on it, and on what is stored."""
        self.entries.check()
        while self.noted:
            name = next(iter(self.noted))
            await self._store(name, json.loads(self.noted.pop(name)))

    async def record(self, name: str, entry: Entry) -> None:
        """Store an entry, with how many answers to `interrupt()` it has had."""
        await self._store(name, {"version": VERSION, **entry, "answers": self._answers.count()})

    def note(self, name: str, entry: Entry) -> None:
        """Note an entry, to be stored when the next effect begins."""
        self.noted[name] = json.dumps({"version": VERSION, **entry})

    def drop(self, name: str) -> None:
        """Take back a note."""
        self.noted.pop(name, None)

    async def _store(self, name: str, entry: Entry) -> None:
        if self._secrets is not None:
            await StoreSecrets(self._secrets, entry)
        await self.entries.store(name, entry)

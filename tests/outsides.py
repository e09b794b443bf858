"""An outside for effects that are carried out alone: nothing is journalled, and the store is the one given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore

from fsm_langgraph.effects import Effect, Entry, IdempotencyKey, Outside


class NoJournal:
    """A journal that finds nothing and keeps nothing."""

    is_needed = False

    def __init__(self) -> None:
        self.noted: dict[str, str] = {}
        self.shown: set[str] = set()

    def name(self, key: IdempotencyKey, *, is_numbered: bool = False) -> str:
        return f"{key.turn} {is_numbered}"

    async def find(self, name: str, key: IdempotencyKey) -> Entry | None:  # noqa: ARG002 - the protocol's
        return None

    async def begin(self) -> None: ...

    async def record(self, name: str, entry: Entry) -> None: ...

    def note(self, name: str, entry: Entry) -> None: ...

    def drop(self, name: str) -> None: ...


def outside(store: BaseStore | None = None) -> Outside:
    """Make an outside without a journal."""
    return Outside({}, RunnableConfig, Runtime(store=store), NoJournal())


def carry_out(effect: Effect[Any], store: BaseStore | None = None) -> Any:
    """Carry an effect out in a sync call."""
    return effect.run(outside(store))


def acarry_out(effect: Effect[Any], store: BaseStore | None = None) -> Any:
    """Carry an effect out in an async call."""
    return asyncio.run(effect.arun(outside(store)))


CALLS: tuple[Callable[..., Any], ...] = (carry_out, acarry_out)
"""The two kinds of call."""

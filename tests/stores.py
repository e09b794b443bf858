"""Machines that read LangGraph's store, and stores that note what they are asked or fail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from langgraph.store.base import Op
from langgraph.store.memory import InMemoryStore
from machines import Json, accepted, machine, state, to

GUEST = {"namespace": ["guests", "{{guest_id}}"], "key": "profile"}
MENU = {"namespace": ["menus"], "key": "today"}
BAR = machine(
    state(
        "order",
        to("served", "drink"),
        required_context_keys=["drink"],
        instructions="{{#store.guest}}Greet {{name}}, {{likes}}.{{/store.guest}}{{^store.guest}}Greet.{{/store.guest}}",
    ),
    state("served", instructions="Say {{store.menu.goodbye}}!"),
    store={"guest": GUEST, "menu": MENU},
    check={"accept": [accepted("lookup-by-model-key", "The tests say whose data is read.")]},
)
"""A bar that knows its guests and has a menu of the day."""


def bar(**lookups: Json) -> Json:
    """Return the bar with its lookups changed."""
    found = {name: {**lookup, **lookups.get(name, {})} for name, lookup in BAR["store"].items()}
    return {**BAR, "store": found}


def stocked() -> NotingStore:
    """Make a store that has a guest and a menu."""
    store = NotingStore()
    store.put(("guests", "7"), "profile", {"name": "Ann", "likes": "tea"})
    store.put(("menus",), "today", {"goodbye": "cheers"})
    store.asked.clear()
    return store


class NotingStore(InMemoryStore):
    """A store that notes the batches that it is asked for; with an error, it raises that instead."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[Op]] = []
        self.error: Exception | None = None

    def batch(self, ops: Iterable[Op]) -> list[Any]:
        return super().batch(self._noted(ops))

    async def abatch(self, ops: Iterable[Op]) -> list[Any]:
        return await super().abatch(self._noted(ops))

    def _noted(self, ops: Iterable[Op]) -> list[Op]:
        self.asked.append(list(ops))
        if self.error is not None:
            raise self.error
        return self.asked[-1]

    @property
    def store_keys(self) -> list[list[tuple[Any, ...]]]:
        """Where it was asked for items, batch by batch."""
        return [[tuple(op)[:2] for op in ops] for ops in self.asked]


class HangingStore(NotingStore):
    """A store that never answers."""

    def __init__(self) -> None:
        super().__init__()
        self.is_asked = asyncio.Event()

    async def abatch(self, ops: Iterable[Op]) -> list[Any]:
        self._noted(ops)
        self.is_asked.set()
        await asyncio.Event().wait()
        return []

"""Reading LangGraph's store: the items of one prompt, in either kind of call, and a check before a graph is built.

A store is anybody's code: any error of its own fails the turn as a `StoreError`. What it returns is made plain JSON, so
that it is shown in the same way whether it was in memory or in a database.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from langgraph.store.base import BaseStore, GetOp
from langgraph.store.base.batch import AsyncBatchedBaseStore
from pydantic import JsonValue

from fsm_langgraph.data.surrogates import mended_json
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.effects import Effect, Outside
from fsm_langgraph.errors import StoreError, StoreSetupError
from fsm_langgraph.templates.store_lookups import StoreKey, StoreLookup, store_lookups

_log = logging.getLogger("fsm_langgraph.store")


Found = list[JsonValue] | None
"""The values of items, `None` for one that is not there; `None` for all of them where there is no store."""


@dataclass(frozen=True, slots=True)
class Fetch(Effect[Found]):
    """Items of the store that a turn waits for, read in one batch.

    Raises:
        StoreError: The store failed.
    """

    state: str
    """The path of the state whose prompt reads them."""
    store_keys: tuple[StoreKey, ...]

    def run(self, outside: Outside) -> Found:
        """Read them."""
        store = outside.runtime.store
        if store is None:
            return None
        try:
            return _values(store.batch(_operations(store, self.store_keys)), self.store_keys)
        except Exception as error:
            raise StoreError(self.state, error) from error

    async def arun(self, outside: Outside) -> Found:
        """Read them; the twin of `run`."""
        store = outside.runtime.store
        if store is None:
            return None
        try:
            return _values(await store.abatch(_operations(store, self.store_keys)), self.store_keys)
        except Exception as error:
            raise StoreError(self.state, error) from error


def check_store(definition: FSMDefinition, store: BaseStore | None) -> None:
    """Find out, before any conversation, whether the store has what every one of them requires.

    Those are the required lookups whose store key does not depend on the context. A store that is read in an event
    loop is not asked: waiting for that loop here could be waiting for oneself. A store that fails just now is not
    waited for either; what it lacks is told in the turn that needs it.

    Raises:
        StoreSetupError: Something required is not there, or there is no store.
    """
    required = {name: lookup for name, lookup in _every_lookup(definition) if lookup.is_required}
    if required and store is None:
        raise StoreSetupError(dict.fromkeys(required, "there is no store"), _NO_STORE)
    if not required or store is None or isinstance(store, AsyncBatchedBaseStore):
        return
    found = {name: lookup.store_key({}) for name, lookup in required.items()}
    fixed = {name: store_key for name, store_key in found.items() if not isinstance(store_key, str)}
    if not fixed:
        return
    try:
        values = _values(store.batch(_operations(store, fixed.values())), list(fixed.values()))
    except Exception as error:  # noqa: BLE001 - the edge to the store: whatever it is, a turn will tell
        _log.warning("the store cannot be asked now for what the definition requires: %r", error)
        return
    pairs = zip(fixed.items(), values, strict=True)
    missing = {name: f"the store has nothing at {store_key!r}" for (name, store_key), value in pairs if value is None}
    if missing:
        raise StoreSetupError(missing, 'Put it there, or let the definition do without: "required": false.')


_NO_STORE = (
    "Give one: store=…  Where a server or a parent graph brings its own, compile what build_graph returns instead."
)


def _every_lookup(definition: FSMDefinition, prefix: str = "") -> Iterator[tuple[str, StoreLookup]]:
    """Yield the lookups of a definition and of its sub-machines, by their paths."""
    yield from ((prefix + name, lookup) for name, lookup in store_lookups(definition).items())
    for name, inner in definition.subflows.items():
        yield from _every_lookup(inner, f"{prefix}{name}/")


def _operations(store: BaseStore, store_keys: Iterable[StoreKey]) -> list[GetOp]:
    refresh = (store.ttl_config or {}).get("refresh_on_read", True)
    return [GetOp(namespace, key, refresh_ttl=refresh) for namespace, key in store_keys]


def _values(items: Sequence[Any], store_keys: Sequence[StoreKey]) -> list[JsonValue]:
    # A store that answers with too few items, or too many, has failed: nothing says which item is whose.
    return [None if item is None else _plain(item.value) for _, item in zip(store_keys, items, strict=True)]


def _plain(value: Any) -> JsonValue:
    plain: JsonValue = mended_json(json.loads(json.dumps(value, default=str)))
    return plain

"""Items of LangGraph's stores, read as plain data in one batch; and what a graph needs to be built."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from langgraph.store.base import BaseStore
from langgraph.store.sqlite import AsyncSqliteStore
from machines import machine, state, to
from outsides import acarry_out, carry_out
from stores import BAR, GUEST, NotingStore, bar, stocked

from fsm_langgraph import LLM_FSM, StoreError, StoreSetupError, build_graph, compile_fsm, load_definition
from fsm_langgraph.prompts.fetching import Fetch, Found, check_store

Read = Callable[[BaseStore | None, Fetch], Found]


def fetch(store: BaseStore | None, wanted: Fetch) -> Found:
    found: Found = carry_out(wanted, store)
    return found


def awaited(store: BaseStore | None, wanted: Fetch) -> Found:
    found: Found = acarry_out(wanted, store)
    return found


READERS: list[Read] = [fetch, awaited]
BOTH = Fetch("order", ((("guests", "8"), "profile"), (("menus",), "today")))


@pytest.mark.parametrize("read", READERS)
def test_items_come_in_the_order_asked_for(read: Read) -> None:
    store = stocked()
    assert read(store, BOTH) == [None, {"goodbye": "cheers"}]
    assert len(store.asked) == 1


@pytest.mark.parametrize("read", READERS)
def test_no_store_is_not_the_same_as_no_item(read: Read) -> None:
    assert read(None, BOTH) is None


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("stored", "plain"),
    [
        pytest.param({"a": (1, 2.5, True, None)}, {"a": [1, 2.5, True, None]}, id="a tuple is a list"),
        pytest.param({"a": {1: "x"}}, {"a": {"1": "x"}}, id="a key is text"),
        pytest.param({"a": datetime(2024, 5, 1, tzinfo=UTC)}, {"a": "2024-05-01 00:00:00+00:00"}, id="a date is text"),
        pytest.param({"a": "x\ud83d"}, {"a": "x\ufffd"}, id="half a character is none"),
        pytest.param({"a": len}, {"a": "<built-in function len>"}, id="nothing is called"),
    ],
)  # fmt: skip
def test_what_a_store_holds_is_plain_json(stored: Any, plain: Any, read: Read) -> None:
    store = NotingStore()
    store.put(("a",), "b", stored)
    assert read(store, Fetch("order", ((("a",), "b"),))) == [plain]


@pytest.mark.parametrize("read", READERS)
def test_what_a_store_holds_is_a_copy(read: Read) -> None:
    store = stocked()
    found = read(store, BOTH)
    assert found is not None
    assert isinstance(found[1], dict)
    found[1]["goodbye"] = "changed"
    item = store.get(("menus",), "today")
    assert item is not None
    assert item.value == {"goodbye": "cheers"}


def _in_circles() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["again"] = value
    return value


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("value", "error"),
    [
        pytest.param(_in_circles(), ValueError, id="it holds itself"),
        pytest.param({("a", "b"): 1}, TypeError, id="its keys are no text"),
    ],
)
def test_what_cannot_be_plain_json_is_the_store_s_fault(value: Any, error: type[Exception], read: Read) -> None:
    store = NotingStore()
    store.put(("a",), "b", value)
    with pytest.raises(StoreError, match=rf"state 'order': the store could not be read: {error.__name__}") as caught:
        read(store, Fetch("order", ((("a",), "b"),)))
    assert isinstance(caught.value.__cause__, error)


@pytest.mark.parametrize("read", READERS)
def test_a_store_that_answers_less_than_it_was_asked_fails(read: Read) -> None:
    class Short(NotingStore):
        def batch(self, ops: Any) -> list[Any]:
            return super().batch(ops)[1:]

        async def abatch(self, ops: Any) -> list[Any]:
            return (await super().abatch(ops))[1:]

    with pytest.raises(StoreError):
        read(Short(), BOTH)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(("config", "refresh"), [(None, True), ({}, True), ({"refresh_on_read": False}, False)])
def test_reading_keeps_an_item_alive_if_the_store_is_set_so(config: Any, refresh: bool, read: Read) -> None:
    class Aging(NotingStore):
        supports_ttl = True
        ttl_config = config

    store = Aging()
    read(store, BOTH)
    assert [op.refresh_ttl for op in store.asked[0]] == [refresh, refresh]  # type: ignore[union-attr] # all are GetOps


# What a graph needs to be built.

NEEDS = bar(menu={"required": True})
"""One thing is required, and known where it is."""


def compiled(definition: Any, store: BaseStore | None) -> Any:
    return compile_fsm(definition, "offline", store=store)


def simple(definition: Any, store: BaseStore | None) -> Any:
    return LLM_FSM(definition, "offline", store=store)


BUILDERS = [compiled, simple]


@pytest.mark.parametrize("build", BUILDERS)
def test_required_data_that_is_there_lets_a_graph_be_built(build: Any) -> None:
    store = stocked()
    build(NEEDS, store)
    assert store.store_keys == [[(("menus",), "today")]]


@pytest.mark.parametrize("build", BUILDERS)
def test_required_data_that_is_not_there_is_told_before_any_conversation(build: Any) -> None:
    with pytest.raises(StoreSetupError) as caught:
        build(
            {**NEEDS, "store": {**NEEDS["store"], "wine": {"namespace": ["w"], "key": "k", "required": True}}},
            NotingStore(),
        )
    assert caught.value.lookups == ("menu", "wine")
    assert str(caught.value) == (
        "lookup 'menu' is required, but the store has nothing at (('menus',), 'today').\n"
        "lookup 'wine' is required, but the store has nothing at (('w',), 'k').\n"
        '  Put it there, or let the definition do without: "required": false.'
    )


@pytest.mark.parametrize("build", BUILDERS)
def test_required_data_needs_a_store(build: Any) -> None:
    with pytest.raises(StoreSetupError, match="lookup 'guest' is required, but there is no store") as caught:
        build(bar(guest={"required": True}), None)
    assert caught.value.lookups == ("guest",)
    assert "build_graph" in str(caught.value)


@pytest.mark.parametrize(
    ("definition", "asked"),
    [
        pytest.param(BAR, [], id="nothing is required"),
        pytest.param(bar(guest={"required": True}), [], id="the store key depends on the context"),
        pytest.param({**BAR, "store": None, "states": {"order": state("order")}}, [], id="nothing is looked up"),
    ],
)
def test_what_cannot_be_known_yet_is_not_asked_for(definition: Any, asked: list[Any]) -> None:
    store = NotingStore()
    compiled(definition, store)
    assert store.asked == asked


def test_what_a_sub_machine_requires_is_known_before_too() -> None:
    outer = machine(state("desk", to("end"), subflow="bar"), state("end"), subflows={"bar": NEEDS})
    with pytest.raises(StoreSetupError) as caught:
        compiled(outer, NotingStore())
    assert caught.value.lookups == ("bar/menu",)


def test_a_graph_that_is_not_compiled_here_needs_no_store() -> None:
    """A server brings its own."""
    assert build_graph(NEEDS, "offline").nodes.keys() == {"order", "served"}


def test_a_store_that_fails_just_now_is_not_in_the_way(caplog: pytest.LogCaptureFixture) -> None:
    store = stocked()
    store.error = ConnectionError("gone")
    with caplog.at_level(logging.WARNING, "fsm_langgraph.store"):
        check_store(load_definition(NEEDS), store)
    assert "gone" in caplog.text


async def test_a_store_that_lives_in_an_event_loop_is_not_waited_for() -> None:
    async with AsyncSqliteStore.from_conn_string(":memory:") as store:
        await asyncio.to_thread(check_store, load_definition(NEEDS), store)
        check_store(load_definition({**BAR, "store": {"guest": GUEST, "menu": NEEDS["store"]["menu"]}}), store)

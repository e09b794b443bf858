"""A journal where the database fails: what has come to its end is written down all the same, wherever that can be."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from machines import CONFIG, DRIVERS, Drive, given, machine, reply, state, to

from fsm_langgraph import Event, FSMInput, Handlers, ScriptedModel, StorageError, compile_fsm
from fsm_langgraph.graph.journal_entries import CHANNEL

ORDER = machine(state("ask", to("done", "item"), required_context_keys=["item"]), state("done"))
MOMENTS: Sequence[Any] = ("PRE_PROCESSING", "CONTEXT_UPDATE", "POST_TRANSITION")


class Failing(InMemorySaver):
    """A checkpointer whose nth storing of a kind fails, once; that of a checkpoint when something holds by then."""

    failing, left = "", 0
    holds: Callable[[], bool] = staticmethod(lambda: True)

    def _store(self, kind: str) -> None:
        if kind == self.failing:
            self.left -= 1
            if self.left == 0:
                raise sqlite3.OperationalError("disk I/O error")

    def put(self, *args: Any) -> Any:
        self._store("checkpoint")
        return super().put(*args)

    async def aput(self, *args: Any) -> Any:
        while self.failing == "checkpoint" and self.left == 1 and not self.holds():  # noqa: ASYNC110 - it may be anything
            await asyncio.sleep(0.001)
        return self.put(*args)

    def put_writes(self, config: Any, writes: Any, *args: Any) -> None:
        self._store("entry" if any(channel == CHANNEL for channel, _ in writes) else "writes")
        super().put_writes(config, writes, *args)

    async def aput_writes(self, *args: Any) -> None:
        self.put_writes(*args)


class Shop:
    """A machine with three handlers, kept where storing fails."""

    def __init__(self, failing: str, nth: int) -> None:
        self.keys: dict[str, list[str]] = {moment: [] for moment in MOMENTS}
        self.saver, handlers = Failing(), Handlers()
        handlers.on(*MOMENTS)(self.note)
        model = ScriptedModel(replies=[reply("done", "Ordered.", item="tea")], repeat=True)
        self.graph = compile_fsm(ORDER, model, checkpointer=self.saver, handlers=handlers)
        self.saver.failing, self.saver.left = failing, nth

    def note(self, event: Event) -> None:
        self.keys[event.moment].append(event.idempotency_key)

    def ran(self) -> list[int]:
        return [len(keys) for keys in self.keys.values()]


TEA: FSMInput = {"messages": [HumanMessage("Tea", id="m-1")]}


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_where_a_checkpoint_is_not_stored_nothing_more_is_begun(nth: int, drive: Drive) -> None:
    shop = Shop("checkpoint", nth)
    with pytest.raises(StorageError, match="disk I/O error"):
        drive(shop.graph, TEA, CONFIG)
    assert sum(shop.ran()) <= (1 if nth <= 2 else 3)
    found = drive(shop.graph, TEA, CONFIG)
    assert [message.text for message in found["messages"]] == ["Tea", "Ordered."]
    # One that was running as the checkpoint failed may run again, by its key.
    assert sum(shop.ran()) <= 4
    assert [len({*keys}) for keys in shop.keys.values()] == [1, 1, 1]


@pytest.mark.parametrize("nth", [2, 3])
def test_what_was_done_on_a_checkpoint_that_was_not_stored_is_found_with_the_one_before(nth: int) -> None:
    shop, done = Shop("checkpoint", nth), 1 if nth == 2 else 3
    shop.saver.holds = lambda: sum(shop.ran()) >= done
    with pytest.raises(StorageError):
        asyncio.run(shop.graph.ainvoke(TEA, CONFIG))
    assert sum(shop.ran()) == done
    asyncio.run(shop.graph.ainvoke(TEA, CONFIG))
    assert shop.ran() == [1, 1, 1]


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_an_entry_that_fails_once_is_stored_once_more(nth: int, drive: Drive) -> None:
    shop = Shop("entry", nth)
    drive(shop.graph, given("Tea"), CONFIG)
    assert shop.saver.left <= 0
    assert shop.ran() == [1, 1, 1]

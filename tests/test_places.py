"""Two checkpointers that keep conversations in one place are one place to the locks."""

from __future__ import annotations

import asyncio
import copy
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from machines import FORM, reply

from fsm_langgraph import LLM_FSM, ScriptedModel, TurnConflict, compile_fsm
from fsm_langgraph.conversation.sqlite_file import SqliteFile
from fsm_langgraph.locking import Hold
from fsm_langgraph.locking.file_locks import file_locks
from fsm_langgraph.locking.places import LockPlace, aplace_of, place_of

CONFIG: RunnableConfig = {"configurable": {"thread_id": "c"}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talks.sqlite"


async def test_all_of_a_file_are_one(path: Path) -> None:
    link = path.with_name("link.sqlite")
    with closing(SqliteFile(path)) as ours, closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        place = place_of(ours)
        assert place == LockPlace(("sqlite", str(path)), file_locks(str(path)))
        assert place_of(SqliteSaver(connection)) == await aplace_of(SqliteSaver(connection)) == place
        async with AsyncSqliteSaver.from_conn_string(str(path)) as langgraphs:
            assert await aplace_of(langgraphs) == place
        link.symlink_to(path)
        with closing(SqliteFile(link)) as linked:
            assert place_of(linked) == place


async def test_an_async_one_is_asked_from_another_thread(path: Path) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(path)) as saver:
        place = await asyncio.to_thread(place_of, saver)
        assert place.key == ("sqlite", str(path))


class Asked(SqliteSaver):
    """A checkpointer that counts how often it is asked."""

    times = 0

    @contextmanager
    def cursor(self, transaction: bool = True) -> Iterator[sqlite3.Cursor]:
        self.times += 1
        with super().cursor(transaction) as cursor:
            yield cursor


@pytest.mark.parametrize("cancelled", [False, True], ids=["all stay", "the first is cancelled"])
async def test_tasks_that_come_at_once_ask_once_and_go_on_in_their_order(path: Path, cancelled: bool) -> None:
    order: list[int] = []

    async def come(number: int) -> None:
        await aplace_of(saver)
        order.append(number)

    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        saver = Asked(connection)
        first, *others = (asyncio.create_task(come(number)) for number in range(5))
        await asyncio.sleep(0)
        first.cancel() if cancelled else None
        await asyncio.gather(first, *others, return_exceptions=True)
        await come(5)
    assert (order, saver.times) == ([*range(cancelled, 6)], 1)


async def test_memory_is_no_place_of_other_processes() -> None:
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
        assert place_of(SqliteSaver(connection)).locks is None
    async with AsyncSqliteSaver.from_conn_string(":memory:") as saver:
        assert (await aplace_of(saver)).locks is None
    memory = InMemorySaver()
    assert place_of(memory).locks is None
    assert place_of(copy.copy(memory)) == place_of(memory) != place_of(InMemorySaver())


async def test_a_turn_in_langgraphs_async_one_waits_for_that_of_llm_fsm(path: Path) -> None:
    model = ScriptedModel(replies=["What is your name?", reply("ask_email", "Your e-mail?", name="Ann")])
    async with AsyncSqliteSaver.from_conn_string(str(path)) as saver:
        graph: Any = compile_fsm(FORM, model, checkpointer=saver, busy="reject")
        with LLM_FSM(FORM, model, db=path) as fsm:
            _, pieces = fsm.astream("", "c")
            await anext(pieces)
            with pytest.raises(TurnConflict):
                await graph.ainvoke({"messages": [("user", "Ann")]}, CONFIG)
            with pytest.raises(TurnConflict):
                await asyncio.to_thread(graph.invoke, {"messages": [("user", "Ann")]}, CONFIG)
            assert [piece async for piece in pieces]
            await graph.ainvoke({"messages": [("user", "Ann")]}, CONFIG)
            assert await fsm.aget_data("c") == {"name": "Ann"}


def test_a_hold_of_one_conversation_is_none_of_another() -> None:
    memory = InMemorySaver()
    with Hold(memory, "a", busy="reject"), Hold(memory, "b", busy="reject"), Hold(memory, "a", "m", busy="reject"):
        pass

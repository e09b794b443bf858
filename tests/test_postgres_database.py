"""Conversations in PostgreSQL by its address, with a server: what is kept, and what locks it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from hostile_rows import FORMS, refused
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from machines import FORM, machine, reply, state, to
from postgresql import new_database
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from real_time import WAIT
from secret_talk import found_in, hold, talker

from fsm_langgraph import (
    LLM_FSM,
    EncryptionError,
    Event,
    Handlers,
    ScriptedModel,
    StorageError,
    TurnConflict,
    compile_fsm,
)
from fsm_langgraph.locking.places import aplace_of, place_of
from fsm_langgraph.locking.postgres_locks import PostgresLocks

NAME, EMAIL = "What is your name?", reply("ask_email", "Your e-mail?", name="Ann")
TALKS = machine(state("ask", to("end", "never")), state("end"), context={"never": {}})
NOTED = [reply("ask", "Noted.")]
OF_LOCKS: LiteralString = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
ALL_OTHERS: LiteralString = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
CONVERSE = (lambda fsm, *turn: fsm.converse(*turn), lambda fsm, *turn: asyncio.run(fsm.aconverse(*turn)))


@pytest.fixture
def fsm(postgres: str) -> Iterator[LLM_FSM]:
    with LLM_FSM(FORM, ScriptedModel(replies=[NAME, EMAIL], repeat=True), db=postgres) as held:
        yield held


def test_one_object_serves_sync_and_async_calls_of_any_loop(fsm: LLM_FSM) -> None:
    conversation_id, said = fsm.converse()
    assert said == NAME
    assert asyncio.run(fsm.aconverse("Ann", conversation_id)) == (conversation_id, "Your e-mail?")
    assert asyncio.run(fsm.aget_data(conversation_id)) == fsm.get_data(conversation_id) == {"name": "Ann"}


def test_a_conversation_goes_on_in_another_process(fsm: LLM_FSM, postgres: str) -> None:
    conversation_id, _ = fsm.converse()
    with LLM_FSM(FORM, ScriptedModel(replies=[EMAIL]), db=postgres) as other:
        assert other.converse("Ann", conversation_id)[1] == "Your e-mail?"


def test_older_messages_go_into_the_same_database(postgres: str) -> None:
    with LLM_FSM(
        TALKS, ScriptedModel(replies=NOTED, repeat=True), db=postgres, messages_limit=4, history_limit=2
    ) as fsm:
        for n in range(5):
            fsm.converse(f"{n}", "long")
        assert len(fsm.graph.get_state({"configurable": {"thread_id": "long"}}).values["messages"]) < 10
        assert len(fsm.get_messages("long")) == len(asyncio.run(fsm.aget_messages("long"))) == 10
        fsm.delete_conversation("long")


def test_a_database_that_is_closed_is_told(postgres: str) -> None:
    fsm = LLM_FSM(TALKS, ScriptedModel(replies=NOTED, repeat=True), db=postgres)
    fsm.converse("", "closed")
    fsm.close()
    with pytest.raises(StorageError, match=r"(?s)PoolClosed.*It was closed in this program"):
        fsm.converse("a", "closed")


@pytest.mark.parametrize("converse", CONVERSE)
def test_a_server_that_was_restarted_between_two_turns_is_not_noticed(postgres: str, converse: Any) -> None:
    with LLM_FSM(TALKS, ScriptedModel(replies=NOTED, repeat=True), db=postgres) as fsm:
        conversation_id, _ = fsm.converse("a")
        _end_sessions(postgres, ALL_OTHERS)
        assert converse(fsm, "b", conversation_id)[1] == "Noted."
        _end_sessions(postgres, ALL_OTHERS)
        assert len(fsm.get_messages(conversation_id)) == 4


def test_a_session_locks_what_no_other_has_locked(postgres: str) -> None:
    one, other = PostgresLocks(postgres), PostgresLocks(postgres)
    token = one.lock("a")

    assert other.lock("a") is None
    assert other.lock("b") is not None
    assert not one.has_lost(token)

    one.unlock("a", token)
    assert other.lock("a") is not None


def test_a_session_that_has_ended_has_lost_its_locks(postgres: str) -> None:
    one, other = PostgresLocks(postgres), PostgresLocks(postgres)
    token = one.lock("a")
    _end_sessions(postgres)

    assert one.has_lost(token)
    assert other.lock("a") is not None
    one.unlock("a", token)
    assert one.lock("a") is None


@pytest.mark.parametrize("converse", CONVERSE)
def test_a_turn_that_has_lost_its_lock_is_not_stored(postgres: str, converse: Any) -> None:
    handlers = Handlers()

    @handlers.on("POST_PROCESSING")
    def lose(event: Event) -> None:
        if event.message == "lose":
            _end_sessions(postgres)

    with LLM_FSM(TALKS, ScriptedModel(replies=NOTED, repeat=True), db=postgres, handlers=handlers) as fsm:
        conversation_id, _ = fsm.converse("a")
        before = fsm.get_last_turn(conversation_id)
        with pytest.raises(TurnConflict, match="was not stored, as another one may have been"):
            converse(fsm, "lose", conversation_id)
        assert fsm.get_last_turn(conversation_id) == before
        assert fsm.converse("b", conversation_id)[1] == "Noted."


def test_what_a_handler_has_done_while_the_server_was_restarted_is_not_done_again(postgres: str) -> None:
    handlers, ran = Handlers(), []

    @handlers.on("POST_PROCESSING")
    def pay(event: Event) -> None:
        ran.append(event.idempotency_key)
        _end_sessions(postgres, ALL_OTHERS)

    with LLM_FSM(TALKS, ScriptedModel(replies=NOTED, repeat=True), db=postgres, handlers=handlers) as fsm:
        with pytest.raises(TurnConflict, match="was not stored, as another one may have been"):
            fsm.converse("a", "restarted", message_id="m-1")
        assert fsm.converse("a", "restarted", message_id="m-1")[1] == "Noted."
    assert len(ran) == 1


def test_a_turn_waits_for_that_of_another_server(postgres: str) -> None:
    other = PostgresLocks(postgres)
    token = other.lock('["c", ""]')
    with LLM_FSM(TALKS, ScriptedModel(replies=NOTED, repeat=True), db=postgres, patience=0.05) as fsm:
        with pytest.raises(TurnConflict, match="has not ended"):
            fsm.converse("a", "c")
        with pytest.raises(TurnConflict, match="has not ended"):
            asyncio.run(fsm.aconverse("a", "c"))
        other.unlock('["c", ""]', token)
        assert fsm.converse("a", "c")[1] == "Noted."
        assert asyncio.run(fsm.aconverse("a", "c"))[1] == "Noted."


def test_a_task_that_is_cancelled_while_it_locks_leaves_nothing_locked(postgres: str) -> None:
    async def cancel(fsm: LLM_FSM) -> None:
        task = asyncio.create_task(fsm.aconverse("a", "cancelled"))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        is_cancelled.set()

    is_cancelled = threading.Event()
    with LLM_FSM(TALKS, ScriptedModel(replies=NOTED, repeat=True), db=postgres) as fsm:
        fsm.converse("", "another")
        locks: Any = place_of(fsm.graph.checkpointer).locks  # type: ignore[arg-type]  # a saver
        with ThreadPoolExecutor() as pool:
            with locks._guard:  # the answer comes when the loop of the task is about to end
                run = pool.submit(asyncio.run, cancel(fsm))
                assert is_cancelled.wait(WAIT)
            run.result()
        other = PostgresLocks(postgres)
        assert other.lock('["cancelled", ""]') is not None


async def test_each_of_langgraphs_savers_is_known_by_its_database(postgres: str) -> None:
    with PostgresSaver.from_conn_string(postgres) as by_connection, ConnectionPool(postgres, min_size=1) as pool:
        place = place_of(by_connection)
        assert place_of(PostgresSaver(pool)) == place  # type: ignore[arg-type]  # its rows are not looked at
        async with (
            AsyncPostgresSaver.from_conn_string(postgres) as by_async_connection,
            AsyncConnectionPool(postgres, min_size=1, open=False) as async_pool,
        ):
            assert await aplace_of(by_async_connection) == place
            assert await aplace_of(AsyncPostgresSaver(async_pool)) == place  # type: ignore[arg-type]  # the same


async def test_turns_at_once_on_two_graphs_lose_nothing(postgres: str) -> None:
    handlers = Handlers()

    @handlers.on("PRE_PROCESSING")
    def count(event: Event) -> dict[str, Any]:
        return {"heard": [*event.context.get("heard", []), event.message]}  # type: ignore[misc]  # it is a list

    config: RunnableConfig = {"configurable": {"thread_id": "at once"}}
    async with AsyncPostgresSaver.from_conn_string(postgres) as saver:
        await saver.setup()
        model = ScriptedModel(replies=NOTED, repeat=True)
        graphs: list[Any] = [compile_fsm(TALKS, model, checkpointer=saver, handlers=handlers) for _ in range(2)]
        turns = [graphs[n % 2].ainvoke({"messages": [("user", f"{n}")]}, config) for n in range(6)]
        await asyncio.gather(*turns)
        values = (await graphs[0].aget_state(config)).values
    assert values["context"]["heard"] == ["0", "1", "2", "3", "4", "5"]


def test_a_program_that_forgets_to_close_leaves_no_thread_that_holds_it(postgres: str) -> None:
    LLM_FSM(TALKS, ScriptedModel(replies=NOTED), db=postgres).close()
    fsm = LLM_FSM(TALKS, ScriptedModel(replies=NOTED), db=postgres)
    fsm.converse()
    assert [thread for thread in threading.enumerate() if not thread.daemon and "pool" in thread.name] == []
    fsm.close()


def _end_sessions(address: str, query: LiteralString = OF_LOCKS) -> None:
    """End sessions, as a server that is restarted does."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(query)


@pytest.mark.parametrize("table", ["checkpoint_blobs", "checkpoint_writes"])
@pytest.mark.parametrize("form", ["in a message", "pickle", "JSON, LangChain's"])
def test_nothing_that_a_row_names_is_run(form: str, table: str, fsm: LLM_FSM, postgres: str, tmp_path: Path) -> None:
    conversation_id, _ = fsm.converse()
    mark, config = tmp_path / "it_ran", RunnableConfig(configurable={"thread_id": conversation_id})
    put = f"UPDATE {table} SET type = %s, blob = %s WHERE thread_id = %s"  # noqa: S608 - its names are here
    _run(postgres, put, *FORMS[form](mark), conversation_id)
    saver: Any = fsm.graph.checkpointer
    for read in (lambda: [*fsm.graph.get_state_history(config)], lambda: [*saver.list(None)]):
        assert refused(read, mark).conversation_id == conversation_id
    fsm.delete_conversation(conversation_id)


def test_nothing_that_was_said_stands_in_an_encrypted_database(postgres: str) -> None:
    address = new_database(postgres)
    with talker(address, KEY) as fsm:
        hold(fsm)
        assert fsm.get_data("c")["number"] == "ZEBRA 1234"
        assert fsm.graph.get_state(TALKED).values["note"] == "ZEBRA note"
        assert len(fsm.get_messages("c")) == 11
    # A text among the channels is a value too; LangGraph's own class would write it as it is.
    assert found_in(_all_of(address)) == []


@pytest.mark.parametrize(("key", "found"), [(None, "no key was given"), (bytes(16), "of another key")])
def test_another_key_or_none_opens_nothing(key: bytes | None, found: str, postgres: str) -> None:
    address = new_database(postgres)
    talker(address, KEY).converse("", "c")
    with pytest.raises(EncryptionError, match=found):
        talker(address, key)


def test_what_stands_in_clear_is_read_with_a_key_and_nothing_of_it_is_lost(postgres: str) -> None:
    address = new_database(postgres)
    with talker(address) as fsm:
        hold(fsm)
    assert found_in(_all_of(address)) == ["plain"]
    with talker(address, KEY) as fsm:
        fsm.converse("ZEBRA 4", "c")
        values = fsm.graph.get_state(TALKED).values
        assert (values["note"], values["current_state"]) == ("ZEBRA note", "end")


KEY = bytes(32)
TALKED: RunnableConfig = {"configurable": {"thread_id": "c"}}


def _run(postgres: str, statement: Any, *values: Any) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(statement, values)


def _all_of(postgres: str) -> bytes:
    """All that stands in the tables, each text and each run of bytes as it is."""
    found: list[Any] = []
    with psycopg.connect(postgres) as connection:
        for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes", "store"):
            rows: Any = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - its names are here
            found += [value for row in rows for value in row]
    return b"\n".join(value if isinstance(value, bytes) else repr(value).encode() for value in found)

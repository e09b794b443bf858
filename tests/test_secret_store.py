"""The values of secrets are stored beside their conversation, and found again whatever has become of that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver, empty_checkpoint
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from machines import CONFIG, DRIVERS, Drive, Json, given, machine, reply, state, sync, to
from telling_secrets import SECRETS, Code, bank, found_in, hold

from fsm_langgraph import LLM_FSM, Graph, ScriptedModel, StorageError, StoredDataError, compile_fsm, conversations
from fsm_langgraph.graph.secrets.secret_store import NAMESPACE, SecretStore

PIN = {"pin": {"type": "string", "secret": True, "written_by": "caller"}, "name": {"type": "string"}}
SAFE = {**machine(state("ask", to("end", "name"), required_context_keys=["name"]), state("end")), "context": PIN}
"""A machine that keeps a secret of the caller's."""


def safe(saver: BaseCheckpointSaver[Any] | None, **options: Any) -> Graph:
    model = ScriptedModel(replies=[lambda _, schema: "…" if schema is None else reply("ask")] * 20)
    return compile_fsm(SAFE, model, checkpointer=saver, **options)


def pin(graph: Graph, config: Any = CONFIG) -> Any:
    """Return the token that stands for the secret."""
    return graph.get_state(config).values["context"].get("pin")


def entries(saver: BaseCheckpointSaver[Any]) -> int:
    return len([*saver.list({"configurable": {"thread_id": "1", "checkpoint_ns": NAMESPACE}})])


KINDS = ["memory", "sqlite", "LLM_FSM's own", "postgres"]


@pytest.fixture(params=KINDS)
def saver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BaseCheckpointSaver[Any]]:
    with ExitStack() as stack:
        if request.param == "memory":
            yield InMemorySaver()
        elif request.param == "sqlite":
            yield stack.enter_context(SqliteSaver.from_conn_string(str(tmp_path / "talk.db")))
        elif request.param == "postgres":
            address = request.getfixturevalue("postgres")
            kept = stack.enter_context(PostgresSaver.from_conn_string(address))
            kept.setup()
            kept.delete_thread("1")
            yield kept
        else:
            fsm = stack.enter_context(LLM_FSM(SAFE, ScriptedModel(replies=[]), db=tmp_path / "talk.db"))
            yield fsm.graph.checkpointer  # type: ignore[misc]  # LangGraph allows booleans


def test_a_secret_outlives_the_graph_that_was_given_it(saver: BaseCheckpointSaver[Any]) -> None:
    safe(saver).invoke(given("hi", {"pin": "4711"}), CONFIG)

    graph = safe(saver)
    graph.invoke(given("hi"), CONFIG)

    assert graph.secrets(CONFIG) == {"pin": "4711"}


def test_each_new_value_is_stored_once(saver: BaseCheckpointSaver[Any]) -> None:
    graph, tokens = safe(saver), []
    for value in ["one", "one", "two", "two", "one"]:
        graph.invoke(given("hi", {"pin": value}), CONFIG)
        tokens.append(pin(graph))

    assert tokens[0] == tokens[1] != tokens[2] == tokens[3] != tokens[4]
    assert entries(saver) == 3
    assert graph.secrets(CONFIG) == {"pin": "one"}


def test_a_fork_and_an_old_checkpoint_have_their_values(saver: BaseCheckpointSaver[Any]) -> None:
    graph = safe(saver)
    graph.invoke(given("hi", {"pin": "one"}), CONFIG)
    old = graph.get_state(CONFIG).config
    for value in ["two", "three"]:
        graph.invoke(given("hi", {"pin": value}), CONFIG)

    assert graph.secrets(old) == {"pin": "one"}
    graph.invoke(given("once more"), old)
    assert graph.secrets(CONFIG) == {"pin": "one"}


def test_a_thread_is_deleted_with_its_secrets(saver: BaseCheckpointSaver[Any]) -> None:
    graph = safe(saver)
    graph.invoke(given("hi", {"pin": "4711"}), CONFIG)

    graph.delete_thread("1")

    assert entries(saver) == 0


def test_secrets_are_no_checkpoints_of_the_conversation(saver: BaseCheckpointSaver[Any]) -> None:
    graph = safe(saver)
    graph.invoke(given("hi", {"pin": "one"}), CONFIG)
    graph.invoke(given("hi", {"pin": "two"}), CONFIG)

    namespaces = {each.config["configurable"]["checkpoint_ns"] for each in graph.get_state_history(CONFIG)}
    assert namespaces == {""}
    assert graph.get_state(CONFIG, subgraphs=True).tasks == ()
    assert list(conversations(saver)["turns"]) == [2]


def test_two_writers_at_once_lose_none() -> None:
    saver = InMemorySaver()
    one, other = (SecretStore(saver, "1") for _ in range(2))
    held = [each.of(frozenset({"pin"})).hide({"pin": value}) for each, value in ((one, "a"), (other, "b"))]
    one.store(held)
    other.store(held)

    third = SecretStore(saver, "1")
    third.load(held)
    assert [third.of(frozenset({"pin"})).reveal(each) for each in held] == [{"pin": "a"}, {"pin": "b"}]


def test_a_run_reads_the_newest_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    saver, read = InMemorySaver(), list[str]()
    graph = safe(saver)
    for value in ["one", "two", "three"]:
        graph.invoke(given("hi", {"pin": value}), CONFIG)

    def noted(name: str) -> Any:
        whole = getattr(saver, name)

        def reading(config: Any, **options: Any) -> Any:
            if config["configurable"].get("checkpoint_ns") == NAMESPACE:
                read.append(name)
            return whole(config, **options)

        return reading

    for name in ("get_tuple", "list"):
        monkeypatch.setattr(saver, name, noted(name))
    graph.invoke(given("hi", {"pin": "four"}), CONFIG)
    assert read == ["get_tuple"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_value_is_stored_before_what_names_its_token(drive: Drive) -> None:
    class Full(InMemorySaver):
        def put(self, config: Any, *args: Any) -> Any:
            if config["configurable"]["checkpoint_ns"] == NAMESPACE:
                raise OSError("the disk is full")
            return super().put(config, *args)

    graph = safe(saver := Full())
    with pytest.raises((OSError, StorageError), match="the disk is full"):
        drive(graph, given("hi", {"pin": "4711"}), CONFIG)
    assert [*saver.list(CONFIG)] == []


async def test_a_checkpointer_of_an_event_loop_keeps_them(tmp_path: Path) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "talk.db")) as saver:
        await safe(saver).ainvoke(given("hi", {"pin": "one"}), CONFIG)
        graph = safe(saver)
        await graph.ainvoke(given("hi", {"pin": "two"}), CONFIG)
        old = [each async for each in graph.aget_state_history(CONFIG)][-1]

        assert await graph.asecrets(CONFIG) == {"pin": "two"}
        assert await graph.asecrets(old.config) in ({}, {"pin": "one"})


@pytest.mark.parametrize("drive", DRIVERS)
def test_with_a_key_the_database_tells_no_secret(tmp_path: Path, drive: Drive) -> None:
    file, serde = tmp_path / "talk.db", EncryptedSerializer.from_pycryptodome_aes(key=b"0123456789abcdef")
    with LLM_FSM(SAFE, ScriptedModel(replies=[]), db=file) as fsm:
        saver: Any = fsm.graph.checkpointer
        saver.serde = serde
        graph = bank(saver, Code())
        assert [*hold(graph, lambda *turn: [drive(*turn)], CONFIG)]
        assert graph.secrets(CONFIG).keys() == {"pin", "account", "note", "otp", "receipt"}
    assert found_in(stored_in(tmp_path)) == []


def test_without_a_key_they_are_in_the_database_alone(tmp_path: Path) -> None:
    with LLM_FSM(SAFE, ScriptedModel(replies=[]), db=tmp_path / "talk.db") as fsm:
        graph = bank(fsm.graph.checkpointer, Code())  # type: ignore[arg-type]  # LangGraph allows booleans
        assert [*hold(graph, lambda *turn: [sync(*turn)], CONFIG)]
    assert len(found_in(stored_in(tmp_path))) == len(SECRETS)  # or the test above would look in vain


def stored_in(folder: Path) -> str:
    return "".join(each.read_bytes().decode("utf-8", "replace") for each in folder.iterdir())


STRANGE: list[Json] = [{"pin": "\x00 \ud800".encode("utf-8", "replace").decode()}, {"pin": "é" * 1000}]


@pytest.mark.parametrize("context", STRANGE, ids=["odd", "long"])
def test_a_value_comes_back_as_it_was_given(context: Json, tmp_path: Path) -> None:
    with SqliteSaver.from_conn_string(str(tmp_path / "talk.db")) as saver:
        graph = safe(saver)
        graph.invoke(given("hi", context), CONFIG)
        assert safe(saver).secrets(CONFIG) == {"pin": context["pin"].strip()}


@pytest.mark.parametrize(
    "held", [5, None, {"a": 5}, {"a": ["pin"]}, {"a": ["pin", "{4711"]}, {"a": ["pin", 5]}], ids=repr
)
@pytest.mark.parametrize("drive", DRIVERS)
def test_a_row_of_somebody_elses_among_the_values_is_told(drive: Drive, held: Any) -> None:
    graph = safe(saver := InMemorySaver())
    graph.invoke(given("hi", {"pin": "4711"}), CONFIG)
    checkpoint = {**empty_checkpoint(), "channel_values": {"secrets": held}, "channel_versions": {"secrets": "1"}}
    place: Any = {"configurable": {"thread_id": "1", "checkpoint_ns": NAMESPACE}}
    saver.put(place, checkpoint, {}, {"secrets": "1"})  # type: ignore[arg-type]  # it is what nobody should write

    for use in (lambda: graph.secrets(CONFIG), lambda: drive(graph, given("hi"), CONFIG)):
        with pytest.raises(StoredDataError, match="conversation '1': it holds a row that is no secrets") as told:
            use()
        assert "4711" not in str(told.value) + repr(told.value.__cause__)
    graph.delete_thread("1")
    assert entries(saver) == 0

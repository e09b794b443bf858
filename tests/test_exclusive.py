"""A conversation has one turn at a time: what a second one does, and which graphs hold what."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import pytest
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Send
from machines import CONFIG, DRIVERS, Drive, Json, machine, reply, state, sync, to
from real_time import WAIT
from typing_extensions import TypedDict

from fsm_langgraph import (
    LLM_FSM,
    Event,
    Graph,
    HandlerError,
    Handlers,
    ScriptedModel,
    StorageError,
    Superseded,
    TurnConflict,
    build_graph,
    compile_fsm,
    turns,
)
from fsm_langgraph.locking.line import LINES

TALKS = machine(
    state("ask", to("end", "never")),
    state("end"),
    context={"never": {}, "heard": {"type": "array", "items": {}, "written_by": "handler", "default": []}},
)
BOTH = pytest.mark.parametrize(
    ("first", "second"), [(a, b) for a in DRIVERS for b in DRIVERS], ids=lambda each: each.__name__
)
EACH = pytest.mark.parametrize("drive", DRIVERS)


class Desk:
    """A machine that notes what it hears; its handler waits where it hears `slow`."""

    def __init__(self, **options: Any) -> None:
        self.begun, self.goes_on = threading.Event(), threading.Event()
        handlers = Handlers()
        handlers.on("PRE_PROCESSING")(self.hear)
        self.model = ScriptedModel(replies=[reply("ask", "Noted.")], repeat=True)
        options = {"checkpointer": InMemorySaver(), "handlers": handlers, **options}
        self.graph: Graph = compile_fsm(TALKS, self.model, **options)
        self.pool = ThreadPoolExecutor()

    def hear(self, event: Event) -> Json:
        if event.message == "slow":
            self.begun.set()
            assert self.goes_on.wait(WAIT)
        heard: Any = event.context["heard"]
        return {"heard": [*heard, event.message]}

    def begin(self, drive: Drive) -> Future[Any]:
        """Begin a turn that waits in its handler."""
        turn = self.pool.submit(drive, self.graph, said("slow"), CONFIG)
        assert self.begun.wait(WAIT)
        return turn

    def heard(self) -> Any:
        return self.graph.get_state(CONFIG).values["context"]["heard"]


def said(text: str) -> Any:
    return {"messages": [HumanMessage(text)]}


@pytest.fixture
def desk() -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(**options: Any) -> Desk:
        made.append(Desk(**options))
        return made[-1]

    yield make
    for each in made:
        each.goes_on.set()
        each.pool.shutdown()


@BOTH
def test_a_second_turn_waits_for_the_first(desk: Callable[..., Desk], first: Drive, second: Drive) -> None:
    at = desk()
    turn = at.begin(first)
    follows = at.pool.submit(second, at.graph, said("quick"), CONFIG)
    at.goes_on.set()
    turn.result()
    follows.result()
    assert at.heard() == ["slow", "quick"]


@BOTH
def test_one_that_is_to_be_rejected_is_at_once(desk: Callable[..., Desk], first: Drive, second: Drive) -> None:
    at = desk(busy="reject")
    turn = at.begin(first)
    with pytest.raises(TurnConflict, match="is under way, and this one was not begun"):
        second(at.graph, said("quick"), CONFIG)
    at.goes_on.set()
    turn.result()
    assert at.heard() == ["slow"]
    second(at.graph, said("quick"), CONFIG)


@BOTH
def test_the_patience_ends(desk: Callable[..., Desk], first: Drive, second: Drive) -> None:
    at = desk(patience=0.01)
    turn = at.begin(first)
    with pytest.raises(TurnConflict, match=r"has not ended for 0\.01 seconds, and this one was not begun"):
        second(at.graph, said("quick"), CONFIG)
    at.goes_on.set()
    turn.result()


@BOTH
def test_the_latest_ends_the_one_before_and_reads_its_message(
    desk: Callable[..., Desk], first: Drive, second: Drive
) -> None:
    at = desk(busy="latest")
    turn = at.begin(first)
    follows = at.pool.submit(second, at.graph, said("quick"), CONFIG)
    _until(_somebody_waits)
    at.goes_on.set()
    with pytest.raises(Superseded, match="this one is read with it"):
        turn.result()
    messages = follows.result()["messages"]

    assert [message.text for message in messages] == ["slow", "quick", "Noted."]
    assert [message.text for message in at.model.calls[-1].messages[-2:]] == ["slow", "quick"]
    assert len(at.model.calls) == 1


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
async def test_the_latest_ends_a_model_that_speaks(durability: Any) -> None:
    model = ScriptedModel(replies=[reply("ask", "Noted. " * 200)], repeat=True, delay=0.001)
    graph = compile_fsm(TALKS, model, checkpointer=InMemorySaver(), busy="latest")
    spoken: Any = graph.astream(said("a"), CONFIG, stream_mode="messages", durability=durability)
    first, _ = await anext(spoken)
    model.delay = 0

    async def read_on() -> None:
        async for _ in spoken:
            pass

    running = asyncio.create_task(read_on())
    answer = await graph.ainvoke(said("b"), CONFIG, durability=durability)

    with pytest.raises(Superseded) as caught:
        await running
    assert caught.value.shown_ids == (first.id,)
    assert caught.value.shown[0].startswith(first.text)
    assert [message.text[:6] for message in answer["messages"]] == ["a", "b", "Noted."]


def test_the_latest_ends_a_turn_that_is_about_to_enter_a_state(desk: Callable[..., Desk]) -> None:
    rooms = machine(state("here", to("there")), state("there"))
    model = ScriptedModel(replies=[reply("there", "Come in."), reply("there", "Welcome.")])
    graph = compile_fsm(rooms, model, checkpointer=InMemorySaver(), busy="latest")
    turn = graph.stream(said("a"), CONFIG, stream_mode="updates")
    assert "here" in next(turn)
    follows = desk().pool.submit(graph.invoke, said("b"), CONFIG)
    _until(_somebody_waits)

    with pytest.raises(Superseded, match="state 'there'"):
        next(turn)
    assert [message.text for message in follows.result()["messages"]] == ["a", "b", "Welcome."]


def test_an_edit_and_a_deletion_are_turns_of_their_own(desk: Callable[..., Desk]) -> None:
    at = desk(busy="reject")
    at.begin(sync)
    for edit in (
        lambda: at.graph.update_state(CONFIG, {"context": {}}),
        lambda: at.graph.bulk_update_state(CONFIG, []),
        lambda: at.graph.delete_thread("1"),
        lambda: asyncio.run(at.graph.aupdate_state(CONFIG, {"context": {}})),
        lambda: asyncio.run(at.graph.abulk_update_state(CONFIG, [])),
        lambda: asyncio.run(at.graph.adelete_thread("1")),
    ):
        with pytest.raises(TurnConflict):
            edit()
    at.graph.update_state({"configurable": {"thread_id": "2"}}, {"context": {}})


@EACH
def test_a_handler_that_calls_its_own_conversation_is_refused_at_once(drive: Drive) -> None:
    handlers = Handlers()
    # Handlers are taken over when the graph is built, so the one that needs it looks it up.
    inner: list[Graph] = []

    @handlers.on("PRE_PROCESSING")
    def call(_: Event) -> None:
        inner[0].invoke(said("again"), CONFIG)

    graph = compile_fsm(TALKS, ScriptedModel(replies=[]), checkpointer=InMemorySaver(), handlers=handlers)
    inner.append(graph)
    with pytest.raises(HandlerError, match="has called it in its own turn") as failed:
        drive(graph, said("a"), CONFIG)
    assert isinstance(failed.value.__cause__, TurnConflict)


@pytest.mark.parametrize("mode", ["debug", "checkpoints"])
def test_no_stream_tells_of_the_hold(desk: Callable[..., Desk], mode: Any) -> None:
    parts: list[Any] = [*desk().graph.stream(said("a"), CONFIG, stream_mode=mode)]

    configs = [config for part in parts if (config := part.get("payload", part).get("config"))]
    assert {key for config in configs for key in config["configurable"]} == {
        *("thread_id", "checkpoint_ns", "checkpoint_id"),
    }


def test_a_stream_that_is_left_holds_the_conversation_until_it_is_closed(desk: Callable[..., Desk]) -> None:
    at = desk(patience=0.01)
    parts: Any = at.graph.stream(said("a"), CONFIG, stream_mode="messages")
    next(parts)
    with pytest.raises(TurnConflict, match=r"read on, or close\(\) it"):
        at.graph.invoke(said("b"), CONFIG)
    parts.close()
    at.graph.invoke(said("b"), CONFIG)


class Around(TypedDict, total=False):
    messages: Annotated[list[Any], add_messages]
    context: Annotated[Any, lambda _, new: new]


@EACH
def test_calls_at_once_of_a_machine_that_keeps_its_own_state_lose_nothing(
    desk: Callable[..., Desk], drive: Any
) -> None:
    builder = StateGraph(Around)
    builder.add_node("fan", lambda _: {})
    builder.add_node("machine", desk(checkpointer=True).graph)
    builder.add_edge(START, "fan")
    builder.add_conditional_edges("fan", lambda _: [Send("machine", said(str(n))) for n in range(5)], ["machine"])
    graph: Any = builder.compile(checkpointer=InMemorySaver())

    drive(graph, {"messages": []}, CONFIG)

    kept = graph.checkpointer.get_tuple({"configurable": {"thread_id": "1", "checkpoint_ns": "machine"}})
    assert sorted(kept.checkpoint["channel_values"]["context"]["heard"]) == ["0", "1", "2", "3", "4"]


def test_two_of_one_file_hold_the_same_conversations(desk: Callable[..., Desk], tmp_path: Path) -> None:
    at = desk()
    file = tmp_path / "talks.sqlite"
    with LLM_FSM(TALKS, at.model, db=file) as one, LLM_FSM(TALKS, at.model, db=file, busy="reject") as other:
        _, pieces = one.stream("a", "c")
        next(pieces)
        with pytest.raises(TurnConflict):
            other.converse("b", "c")
        assert other.converse("b", "d")[1] == "Noted."
        "".join(pieces)
        assert other.converse("b", "c")[1] == "Noted."


@EACH
def test_an_error_of_the_database_is_told_as_the_packages_own(drive: Drive, tmp_path: Path) -> None:
    with LLM_FSM(TALKS, ScriptedModel(replies=[reply("ask", "Noted.")], repeat=True), db=tmp_path / "db") as fsm:
        fsm.graph.invoke(said("a"), CONFIG)
        assert isinstance(fsm.graph.checkpointer, SqliteSaver)
        fsm.graph.checkpointer.conn.execute("DROP TABLE writes")
        with pytest.raises(StorageError, match=r"(?s)OperationalError: no such table.*send the same message") as failed:
            drive(fsm.graph, said("b"), CONFIG)
        assert isinstance(failed.value.__cause__, sqlite3.Error)
        with pytest.raises(StorageError):
            fsm.get_data("1")
        with pytest.raises(StorageError):
            fsm.picture("1")
        with pytest.raises(StorageError):
            [*fsm.graph.get_state_history(CONFIG)]
        with pytest.raises(StorageError):
            turns(fsm)


def test_an_error_of_ones_own_node_is_its_own() -> None:
    def fail(_: Any) -> None:
        raise sqlite3.OperationalError("of another database")

    builder: Any = build_graph(TALKS, ScriptedModel(replies=[reply("ask", "Noted.")]))
    builder.add_node("log", fail)
    builder.add_edge("ask", "log")
    with pytest.raises(sqlite3.OperationalError, match="of another database"):
        builder.compile(InMemorySaver()).invoke(said("a"), CONFIG)


class Elsewhere(BaseCheckpointSaver[Any]):
    """A checkpointer that nothing is known of, over what others may write to as well."""

    def __init__(self, shared: InMemorySaver) -> None:
        super().__init__()
        self.shared = shared

    def get_next_version(self, current: Any, channel: None) -> Any:
        return self.shared.get_next_version(current, channel)


for _name in ("get_tuple", "aget_tuple", "put", "aput", "put_writes", "aput_writes"):
    setattr(Elsewhere, _name, lambda self, *given, _name=_name: getattr(self.shared, _name)(*given))


@BOTH
def test_without_a_lock_the_turn_that_finds_a_newer_one_is_not_stored(
    desk: Callable[..., Desk], first: Drive, second: Drive
) -> None:
    shared = InMemorySaver()
    here, there = desk(checkpointer=Elsewhere(shared)), desk(checkpointer=Elsewhere(shared))
    turn = here.begin(first)
    _until(lambda: (kept := shared.get_tuple(CONFIG)) and "messages" in kept.checkpoint["channel_values"])
    second(there.graph, said("quick"), CONFIG)
    here.goes_on.set()
    with pytest.raises(TurnConflict, match="another process has stored something without one"):
        turn.result()
    assert there.heard() == ["slow\nquick"]
    assert second(here.graph, said("again"), CONFIG)["context"]["heard"] == ["slow\nquick", "again"]


@EACH
def test_a_fork_of_an_older_checkpoint_is_no_conflict(desk: Callable[..., Desk], drive: Drive) -> None:
    at = desk(checkpointer=Elsewhere(InMemorySaver()))
    drive(at.graph, said("a"), CONFIG)
    older = at.graph.get_state(CONFIG).config
    drive(at.graph, said("b"), CONFIG)
    assert drive(at.graph, said("c"), older)["context"]["heard"] == ["a", "c"]


def _until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    until = time.monotonic() + WAIT
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.001)


def _somebody_waits() -> bool:
    return any(len(line) > 1 for line in [*LINES._lines.values()])

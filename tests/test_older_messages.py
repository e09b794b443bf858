"""A long conversation: its older messages move to the store, and nothing of it is lost."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from handling import handling, plain
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, RemoveMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.store.base import BaseStore, PutOp
from langgraph.store.memory import InMemoryStore
from langgraph.store.postgres import PostgresStore
from machines import CONFIG, DRIVERS, FORM, SHOP, Drive, Talk, given, machine, reply, state, sync, to
from profiles import examples
from stores import NotingStore

from fsm_langgraph import (
    LLM_FSM,
    ConversationError,
    MissingMessagesError,
    ScriptedModel,
    adelete_messages,
    compile_fsm,
    delete_messages,
    turns,
)
from fsm_langgraph.conversation.sqlite_file import SqliteFile
from fsm_langgraph.graph.older_messages import NAMESPACE

by_each = pytest.mark.parametrize("drive", DRIVERS)

Kept = tuple[BaseCheckpointSaver[Any], BaseStore]
"""What keeps a conversation."""


def in_memory(_: Path) -> Kept:
    return InMemorySaver(), InMemoryStore()


def in_a_file(folder: Path) -> Kept:
    file = SqliteFile(folder / "talk.db")
    return file, file.store


@pytest.fixture(params=[in_memory, in_a_file])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    made: Kept = request.param(tmp_path)
    yield made
    if isinstance(made[0], SqliteFile):
        made[0].close()


def echo(messages: list[BaseMessage], schema: Any) -> Any:
    """Answer a message by saying it again, and stay."""
    answer = f"You said {messages[-1].text}."
    return answer if schema is None else reply("ask_name", answer)


def talking(kept: Kept, drive: Drive = sync, definition: Any = FORM, **options: Any) -> Talk:
    """Make a conversation that keeps six messages, of which the model sees two."""
    saver, store = kept
    made = {
        "messages_limit": 6,
        "history_limit": 2,
        "store": store,
        "model": ScriptedModel(replies=[echo], repeat=True),
    }
    return Talk(definition, drive=drive, saver=saver, **{**made, **options})


def say(talk: Talk, *said: str) -> None:
    for text in said:
        talk.say(text)


def numbered(count: int, start: int = 0) -> list[str]:
    return [str(number) for number in range(start, start + count)]


def texts(messages: Iterable[BaseMessage]) -> list[str]:
    return [message.text for message in messages]


def told(said: Iterable[str]) -> list[str]:
    """Return the texts of a conversation in which this was said."""
    return [text for one in said for text in (one, f"You said {one}.")]


def stored(talk: Talk) -> list[str]:
    return texts(talk.values["messages"])


def whole(talk: Talk, config: RunnableConfig = CONFIG) -> list[AnyMessage]:
    """Read the whole conversation in the way in which its turns are driven."""
    return talk.graph.messages(config) if talk.drive is sync else asyncio.run(talk.graph.amessages(config))


def chunks(store: BaseStore, thread_id: str = "1") -> list[Any]:
    return store.search((NAMESPACE, thread_id), limit=1000)


# What moves, and where


@by_each
def test_the_state_keeps_the_newest_messages_and_the_store_the_others(kept: Kept, drive: Drive) -> None:
    talk = talking(kept, drive)
    for number in range(12):
        talk.say(str(number))
        assert len(talk.values["messages"]) <= 6
    assert stored(talk) == told(numbered(12))[-3:]
    assert texts(whole(talk)) == told(numbered(12))


@by_each
def test_who_closes_the_program_finds_all_of_it_later(tmp_path: Path, drive: Drive) -> None:
    for start in (0, 5):
        kept = in_a_file(tmp_path)
        talk = talking(kept, drive)
        say(talk, *numbered(5, start))
        assert texts(whole(talk)) == told(numbered(5 + start))
        talk.graph.checkpointer.close()  # type: ignore[union-attr]  # a file's


@by_each
def test_messages_come_back_as_they_were(kept: Kept, drive: Drive) -> None:
    blocks: list[Any] = [{"type": "text", "text": "Look"}, {"type": "image", "url": "https://example.com/a.png"}]
    sent = [
        HumanMessage("N\0L, ☕ and half an emoji", id="1", name="ann", additional_kwargs={"n": 2**60, "x": 0.1}),
        AIMessage("", id="2", tool_calls=[{"name": "find", "args": {"b": 1, "a": [None]}, "id": "c"}]),
        ToolMessage("found", id="3", tool_call_id="c", artifact={"row": 1}),
        AIMessage("Here.", id="4", usage_metadata={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}),
        HumanMessage(content_blocks=blocks, id="5"),
        AIMessage("I see.", id="6", response_metadata={"model": "m"}),
    ]
    talk = talking(kept, drive)
    drive(talk.graph, {"messages": [*sent, HumanMessage("And now?", id="7")]}, CONFIG)
    assert stored(talk) == ["I see.", "And now?", "You said And now?."]
    found = whole(talk)
    assert found[:7] == [*sent, HumanMessage("And now?", id="7")]
    assert [list(message.additional_kwargs.items()) for message in found[:1]] == [[("n", 2**60), ("x", 0.1)]]


def test_postgresql_gives_back_what_its_own_json_does_not_take(postgres: str) -> None:
    with (
        PostgresSaver.from_conn_string(postgres) as saver,
        PostgresStore.from_conn_string(postgres) as store,
    ):
        saver.setup()
        store.setup()
        talk = talking((saver, store))
        say(talk, "N\0L", *numbered(5))
        assert texts(whole(talk)) == told(["N\0L", *numbered(5)])
        assert len(chunks(store)) == 2
        talk.graph.delete_thread("1")
        assert chunks(store) == []


def test_a_chunk_is_known_by_what_is_in_it_and_names_the_one_before_it() -> None:
    talk = talking((InMemorySaver(), InMemoryStore()))
    say(talk, *numbered(8))
    found = {item.key: item.value for item in chunks(talk.graph.store)}  # type: ignore[arg-type]  # it has one
    assert {sha256(json.dumps(value, sort_keys=True).encode()).hexdigest() for value in found.values()} == found.keys()
    newest = talk.values["older_messages"]
    before = found[newest["key"]]["before"]
    assert (newest["thread_id"], newest["count"], before["count"], len(found)) == ("1", 13, 9, 3)
    assert [one["data"]["content"] for one in json.loads(found[newest["key"]]["messages"])] == told(numbered(8))[9:13]


def test_a_chunk_never_expires_and_is_in_no_index() -> None:
    store = NotingStore()
    say(talking((InMemorySaver(), store)), *numbered(4))
    written = [op for batch in store.asked for op in batch if isinstance(op, PutOp)]
    assert [op.namespace[0] for op in written] == ["fsm_message_ids"] * 3 + ["fsm_messages"]
    assert {(op.ttl, op.index) for op in written} == {(None, False)}


def test_the_store_is_written_once_in_many_turns() -> None:
    talk = talking((InMemorySaver(), InMemoryStore()), messages_limit=40)
    say(talk, *numbered(100))
    assert len(chunks(talk.graph.store)) == (200 - 20) // 22 + 1 - 1  # type: ignore[arg-type]  # it has one


@pytest.mark.parametrize(
    ("limits", "said", "left"),
    [
        pytest.param({"messages_limit": 6, "history_limit": 5}, 4, 6, id="as many as the model sees, and one"),
        pytest.param({"messages_limit": 2, "history_limit": 10}, 6, 11, id="more than that is no limit"),
        pytest.param({"messages_limit": 1, "history_limit": 1}, 4, 2, id="the turn's own"),
        pytest.param({"messages_limit": 6}, 3, 6, id="not yet too many"),
        pytest.param({"messages_limit": None}, 30, 60, id="no limit"),
        pytest.param({"messages_limit": 40}, 20, 40, id="all that the state may keep"),
        pytest.param({"messages_limit": 40}, 21, 20, id="half of that"),
    ],
)
def test_how_many_stay(limits: dict[str, Any], said: int, left: int) -> None:
    talk = talking((InMemorySaver(), InMemoryStore()), **limits)
    say(talk, *numbered(said))
    assert len(talk.values["messages"]) == left
    assert texts(whole(talk)) == told(numbered(said))


@by_each
def test_a_whole_history_that_comes_in_at_once_moves_too(kept: Kept, drive: Drive) -> None:
    talk = talking(kept, drive)
    sent: list[Any] = [("user" if n % 2 == 0 else "ai", str(n)) for n in range(41)]
    drive(talk.graph, {"messages": sent}, CONFIG)
    assert stored(talk) == ["39", "40", "You said 40."]
    assert texts(whole(talk)) == [*numbered(41), "You said 40."]


def test_messages_that_nobody_has_answered_yet_stay() -> None:
    talk = talking((InMemorySaver(), InMemoryStore()))
    say(talk, "a")
    talk.drive(talk.graph, {"messages": [("user", text) for text in numbered(9)]}, CONFIG)
    assert stored(talk) == [*numbered(9), "You said 8."]


@by_each
def test_they_move_while_a_sub_machine_runs(kept: Kept, drive: Drive) -> None:
    stay = machine(state("card", to("paid", "card"), required_context_keys=["card"]), state("paid"), name="payment")
    shop = {**SHOP, "initial_state": "payment", "subflows": {"pay": stay}}
    model = ScriptedModel(replies=["Card?", *[reply("card", f"Card {n}?") for n in range(6)]])
    talk = talking(kept, drive, shop, model=model)
    say(talk, "", *numbered(6))
    assert len(talk.values["messages"]) < 7
    assert texts(whole(talk))[1::2] == numbered(6)


@by_each
def test_a_turn_that_an_error_handler_ends_moves_them_as_well(drive: Drive) -> None:
    handlers = handling(plain, lambda _: "Sorry.", "ERROR")
    model = ScriptedModel(replies=["no JSON"], repeat=True)
    talk = talking((InMemorySaver(), InMemoryStore()), drive, model=model, handlers=handlers)
    say(talk, *numbered(8))
    assert len(talk.values["messages"]) < 7
    assert texts(whole(talk)) == [text for one in numbered(8) for text in (one, "Sorry.")]


def test_a_run_that_shows_the_model_more_keeps_more() -> None:
    talk = talking((InMemorySaver(), InMemoryStore()))
    for number in range(20):
        talk.graph.invoke(given(str(number)), CONFIG, context={"history_limit": 20})
    assert len(talk.values["messages"]) == 21


# What does not


@by_each
def test_without_a_store_all_stay(drive: Drive) -> None:
    talk = talking((InMemorySaver(), InMemoryStore()), drive, store=None)
    say(talk, *numbered(12))
    assert stored(talk) == texts(whole(talk)) == told(numbered(12))
    assert "older_messages" not in talk.values


@by_each
def test_without_a_checkpointer_all_stay(drive: Drive) -> None:
    store = NotingStore()
    graph = compile_fsm(FORM, ScriptedModel(replies=[echo]), store=store, messages_limit=6)
    sent = [("user" if n % 2 == 0 else "ai", str(n)) for n in range(41)]
    assert len(drive(graph, {"messages": sent}, {})["messages"]) == 42
    assert store.asked == []


@by_each
@pytest.mark.parametrize(
    ("limit", "left"),
    [
        pytest.param({}, 42, id="all, as its front ends show what the state has"),
        pytest.param({"messages_limit": "auto"}, 42, id="all, where it is left to the graph"),
        pytest.param({"messages_limit": 40}, 20, id="as many as were asked for"),
    ],
)
def test_a_graph_that_is_served_keeps(limit: dict[str, Any], left: int, drive: Drive) -> None:
    model = ScriptedModel(replies=[echo], repeat=True)
    graph = compile_fsm(FORM, model, **limit)
    served = graph.copy({"checkpointer": InMemorySaver(), "store": InMemoryStore()})  # as a LangGraph server does it
    sent = [("user" if n % 2 == 0 else "ai", str(n)) for n in range(41)]
    assert len(drive(served, {"messages": sent}, CONFIG)["messages"]) == left


@by_each
def test_a_subgraphs_messages_are_its_parents(drive: Drive) -> None:
    store = NotingStore()
    model = ScriptedModel(replies=[echo], repeat=True)
    parent = StateGraph(MessagesState)
    parent.add_node("form", compile_fsm(FORM, model, checkpointer=True, messages_limit=6, history_limit=2))
    parent.add_edge(START, "form")
    graph: Any = parent.compile(InMemorySaver(), store=store)
    for number in range(8):
        values = drive(graph, given(str(number)), CONFIG)
    assert texts(values["messages"]) == told(numbered(8))
    assert store.asked == []


@by_each
def test_a_store_in_memory_takes_nothing_of_what_a_file_keeps(tmp_path: Path, drive: Drive) -> None:
    saver = in_a_file(tmp_path)[0]
    talk = talking((saver, InMemoryStore()), drive)
    say(talk, *numbered(8))
    assert len(talk.values["messages"]) == 16
    saver.close()  # type: ignore[attr-defined]  # a file's


@by_each
def test_a_store_that_fails_costs_no_turn_and_is_tried_again(drive: Drive, caplog: pytest.LogCaptureFixture) -> None:
    store = NotingStore()
    store.error = ConnectionError("gone")
    talk = talking((InMemorySaver(), store), drive)
    say(talk, *numbered(5))
    assert stored(talk) == told(numbered(5))
    assert "the older messages of conversation '1' stay in the graph's state: ConnectionError('gone')" in caplog.text
    assert "messages_limit=None" in caplog.text

    store.error = None
    caplog.clear()
    say(talk, *numbered(2, 5))
    assert len(talk.values["messages"]) < 7
    assert texts(whole(talk)) == told(numbered(7))
    assert caplog.text == ""


class Odd(HumanMessage):
    """A message of a class that LangChain does not know."""


@by_each
@pytest.mark.parametrize(
    "message",
    [
        pytest.param(Odd(content="0"), id="of another class"),
        pytest.param(HumanMessage("0", additional_kwargs={"raw": b"bytes"}), id="no JSON"),
    ],
)
def test_a_message_that_would_not_come_back_as_it_is_stays(
    drive: Drive, message: HumanMessage, caplog: pytest.LogCaptureFixture
) -> None:
    talk = talking((InMemorySaver(), InMemoryStore()), drive)
    with caplog.at_level(logging.WARNING, "fsm_langgraph.store"):
        drive(talk.graph, {"messages": [message]}, CONFIG)
        say(talk, *numbered(4, 1))
    assert stored(talk) == told(numbered(5))
    assert "stay in the graph's state" in caplog.text


# Forks, and turns that are run again


@by_each
def test_forks_share_what_they_have_in_common_and_do_not_disturb_each_other(kept: Kept, drive: Drive) -> None:
    talk = talking(kept, drive)
    say(talk, *numbered(6))
    fork = talk.graph.get_state(CONFIG).config
    say(talk, "a", "b", "c", "d")
    one = talk.graph.get_state(CONFIG).config
    for text in ("A", "B", "C", "D"):
        drive(talk.graph, given(text), fork)
        fork = talk.graph.get_state(CONFIG).config
    assert texts(whole(talk, one)) == told([*numbered(6), *"abcd"])
    assert texts(whole(talk)) == told([*numbered(6), *"ABCD"])
    first, second = (talk.graph.get_state(config).values["older_messages"] for config in (one, CONFIG))
    assert first["count"] == second["count"]
    assert len(chunks(kept[1])) == 2 + 2 * 2


@by_each
def test_the_past_is_read_as_it_was(kept: Kept, drive: Drive) -> None:
    talk = talking(kept, drive)
    say(talk, *numbered(9))
    landed = [snapshot for snapshot in talk.graph.get_state_history(CONFIG) if not snapshot.next]
    for count, snapshot in enumerate(reversed(landed), start=1):
        assert texts(whole(talk, snapshot.config)) == told(numbered(count))


class DyingSaver(InMemorySaver):
    """A checkpointer that is dead once a store has been written to."""

    def __init__(self, store: NotingStore) -> None:
        super().__init__()
        self.store: NotingStore | None = store

    def put(self, *given: Any) -> RunnableConfig:
        self._live()
        return super().put(*given)

    def put_writes(self, *given: Any) -> None:
        self._live()
        super().put_writes(*given)

    def _live(self) -> None:
        if self.store is not None and self.store.asked:
            raise ConnectionError("the process died")


@by_each
def test_a_turn_that_is_run_again_moves_the_same(drive: Drive) -> None:
    store = NotingStore()
    saver = DyingSaver(store)
    talk = talking((saver, store), drive)
    for text in numbered(3):
        talk.say(text)
    with pytest.raises(ConnectionError):
        talk.say("3")
    once = chunks(store)
    saver.store = None
    talk.say("3")
    assert [item.key for item in chunks(store)] == [item.key for item in once]
    assert texts(whole(talk)) == told(numbered(4))


@by_each
def test_a_copy_of_a_conversation_goes_on_by_itself(drive: Drive) -> None:
    store = InMemoryStore()
    talk = talking((InMemorySaver(), store), drive)
    say(talk, *numbered(6))
    copy: RunnableConfig = {"configurable": {"thread_id": "2"}}
    talk.graph.update_state(copy, talk.values, as_node="ask_name")
    for text in "abcd":
        drive(talk.graph, given(text), copy)
    assert texts(whole(talk, copy)) == told([*numbered(6), *"abcd"])
    assert len(chunks(store, "2")) == 2


Action = tuple[str, bool]
"""What is said, and whether the model's reply to it fails at first."""
ACTIONS = st.lists(st.tuples(st.text(max_size=6), st.booleans()), max_size=10)


@by_each
@settings(max_examples=examples(12))
@drawn(ACTIONS, st.integers(1, 8), st.integers(1, 8))
def test_nobody_can_tell_a_conversation_whose_messages_have_moved(
    drive: Drive, actions: list[Action], limit: int, history: int
) -> None:
    """What is read back, and what the model sees at every call, is what it would be if they had all stayed."""
    bounded, plain = (_played(drive, actions, messages_limit=limit, history_limit=history) for limit in (limit, None))
    assert bounded == plain


def _played(drive: Drive, actions: list[Action], **limits: Any) -> Any:
    model = ScriptedModel(replies=[answer for _, fails in actions for answer in (["bad"] if fails else []) + [echo]])
    talk = talking((InMemorySaver(), InMemoryStore()), drive, model=model, reply_retries=0, **limits)
    for text, _ in actions:
        try:
            drive(talk.graph, given(text), CONFIG)
        except Exception:  # noqa: BLE001 - the model's bad reply, after which the same is said again
            drive(talk.graph, given(text), CONFIG)
    bare = [message.model_dump(exclude={"id"}) for message in whole(talk)]
    return bare, [texts(call.messages) for call in model.calls], talk.values.get("context")


# Who reads a conversation


@by_each
def test_a_stream_tells_nothing_of_what_has_moved(drive: Drive) -> None:
    talk = talking((InMemorySaver(), InMemoryStore()), drive)
    for number in range(9):
        assert talk.watch(str(number)) == f"You said {number}."
        assert {message_id for message_id, _ in talk.shown} == {talk.values["messages"][-1].id}


def test_the_update_of_a_turn_tells_what_leaves_the_state() -> None:
    talk = talking((InMemorySaver(), InMemoryStore()))
    say(talk, *numbered(3))
    moving = [message.id for message in talk.values["messages"][:5]]
    (update,) = talk.graph.stream(given("3"), CONFIG, stream_mode="updates")
    sent = update["ask_name"]
    assert [message.id for message in sent["messages"] if isinstance(message, RemoveMessage)] == moving
    assert sent["older_messages"]["count"] == len(moving)


def test_the_tables_of_turns_are_the_same() -> None:
    told_by = []
    for limit in (6, None):
        talk = talking((InMemorySaver(), InMemoryStore()), messages_limit=limit)
        say(talk, *numbered(9))
        told_by.append(turns(talk.graph)[["turn", "user", "answer", "why"]].to_dict("records"))
    assert told_by[0] == told_by[1]


def test_the_simple_api_reads_and_deletes_a_conversation(tmp_path: Path) -> None:
    model = ScriptedModel(replies=[echo], repeat=True)
    for options in ({"db": tmp_path / "talk.db"}, {}):
        with LLM_FSM(FORM, model, messages_limit=6, history_limit=2, **options) as fsm:  # type: ignore[arg-type]  # one of its options
            for text in numbered(9):
                fsm.converse(text, "c")
            assert texts(fsm.get_messages("c")) == told(numbered(9))
            assert len(fsm.graph.get_state({"configurable": {"thread_id": "c"}}).values["messages"]) < 7
            fsm.delete_conversation("c")
            assert fsm.graph.messages({"configurable": {"thread_id": "c"}}) == []
            assert chunks(fsm.graph.store, "c") == []  # type: ignore[arg-type]  # it has one


async def test_the_simple_api_does_so_for_those_who_await_it(tmp_path: Path) -> None:
    model = ScriptedModel(replies=[echo], repeat=True)
    async with LLM_FSM(FORM, model, db=tmp_path / "talk.db", messages_limit=6, history_limit=2) as fsm:
        for text in numbered(9):
            await fsm.aconverse(text, "c")
        assert texts(await fsm.aget_messages("c")) == told(numbered(9))
        await fsm.adelete_conversation("c")
        await fsm.adelete_conversation("c")
        assert chunks(fsm.graph.store, "c") == []  # type: ignore[arg-type]  # it has one


# What is not there any more


@by_each
def test_a_store_that_was_emptied_is_told(kept: Kept, drive: Drive) -> None:
    talk = talking(kept, drive)
    say(talk, *numbered(8))
    delete_messages(kept[1], "1")
    with pytest.raises(MissingMessagesError) as caught:
        whole(talk)
    assert (caught.value.conversation_id, caught.value.missing, caught.value.__cause__) == ("1", 13, None)
    assert "its first 13 messages are in the store that it was held with" in str(caught.value)
    assert talk.say("on") == "You said on."


@by_each
def test_a_graph_without_the_store_tells_so(kept: Kept, drive: Drive) -> None:
    talk = talking(kept, drive)
    say(talk, *numbered(8))
    talk.graph = compile_fsm(FORM, "offline", checkpointer=kept[0])
    with pytest.raises(MissingMessagesError, match="it does not have them"):
        whole(talk)


HUMAN = {"type": "human", "data": {"content": "hi"}}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda older: {"messages": "[]", "before": {**older}}, id="a ring"),
        pytest.param(lambda older: {"messages": "[]", "before": {**older, "count": 10**9}}, id="a longer one"),
        pytest.param(lambda _: {"messages": "no JSON", "before": None}, id="no JSON"),
        pytest.param(lambda _: {"messages": json.dumps([{**HUMAN, "type": "shop"}]), "before": None}, id="no message"),
        pytest.param(lambda _: {"messages": json.dumps([HUMAN]), "before": "x"}, id="no chunk before it"),
        pytest.param(lambda _: {}, id="nothing"),
    ],
)
@by_each
def test_a_chunk_that_somebody_has_changed_is_told(change: Callable[[Any], Any], drive: Drive) -> None:
    store = InMemoryStore()
    talk = talking((InMemorySaver(), store), drive)
    say(talk, *numbered(8))
    older = talk.values["older_messages"]
    store.put((NAMESPACE, "1"), older["key"], change(older))
    with pytest.raises(MissingMessagesError, match=f"its first {older['count']} messages .* cannot be read: it failed"):
        whole(talk)


@by_each
def test_a_store_that_fails_when_it_is_read_is_told(drive: Drive) -> None:
    store = NotingStore()
    talk = talking((InMemorySaver(), store), drive)
    say(talk, *numbered(8))
    store.error = ConnectionError("gone")
    with pytest.raises(MissingMessagesError, match="it failed with ConnectionError: gone") as caught:
        whole(talk)
    assert caught.value.__cause__ is store.error


async def _adelete(store: BaseStore, thread_id: str) -> None:
    await adelete_messages(store, thread_id)


def _deleted(store: BaseStore, thread_id: str) -> None:
    asyncio.run(_adelete(store, thread_id))


@pytest.mark.parametrize("delete", [delete_messages, _deleted])
def test_what_is_deleted_is_one_conversation_s(kept: Kept, delete: Callable[[BaseStore, str], None]) -> None:
    talk = talking(kept)
    ids = ["1", "10", "1.0", "a%2Eb", "a.b"]
    configs: list[RunnableConfig] = [{"configurable": {"thread_id": thread_id}} for thread_id in ids]
    for config in configs:
        for text in numbered(8):
            talk.graph.invoke(given(text), config)
    for thread_id in ("1", "a.b"):
        delete(kept[1], thread_id)
    for config in configs:
        found = "" if config["configurable"]["thread_id"] in ("1", "a.b") else told(numbered(8))
        with pytest.raises(MissingMessagesError) if not found else nullcontext():
            assert texts(talk.graph.messages(config)) == found


@by_each
def test_a_conversation_is_deleted_with_all_that_it_has(kept: Kept, drive: Drive) -> None:
    talk = talking(kept, drive)
    say(talk, *numbered(8))
    if drive is sync:
        talk.graph.delete_thread("1")
    else:
        asyncio.run(talk.graph.adelete_thread("1"))
    assert chunks(kept[1]) == whole(talk) == []


def test_a_graph_that_keeps_no_conversations_deletes_none() -> None:
    with pytest.raises(ConversationError, match="the graph 'test' has no checkpointer of its own"):
        compile_fsm(FORM, "offline").delete_thread("1")


async def test_without_a_store_there_are_checkpoints_to_delete() -> None:
    saver = InMemorySaver()
    graph = compile_fsm(FORM, "offline", checkpointer=saver)
    for delete in (asyncio.to_thread(graph.delete_thread, "1"), graph.adelete_thread("1")):
        await graph.ainvoke(given("hello"), CONFIG)
        await delete
        assert await saver.aget_tuple(CONFIG) is None

"""What a handler has done is not done again, however a turn comes to be run again, and its keys tell so outside."""

from __future__ import annotations

import asyncio
import operator
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest
from crash.zygote import Zygote
from dying_turn import IN_TURN, ORDER, OVER, die_at, writing_down
from handling import noted
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Command, Durability, interrupt
from machines import (
    AGAIN,
    AT_ONCE,
    BRANCH,
    CONFIG,
    DRIVERS,
    FORM,
    LOGIC,
    SHOP,
    THOUGHT,
    TWO_CALLS,
    WELCOME,
    Drive,
    Json,
    Talk,
    given,
    reply,
    sync,
)
from typing_extensions import TypedDict

from fsm_langgraph import LLM_FSM, Event, HandlerError, Handlers, ModelError, RejectValue, compile_fsm
from fsm_langgraph.conversation.sqlite_file import SqliteFile
from fsm_langgraph.graph.journal_entries import CHANNEL
from fsm_langgraph.handlers import MOMENTS, Moment
from fsm_langgraph.models.scripted import ScriptedModel

by_each = pytest.mark.parametrize("drive", DRIVERS)

ANN = reply("ask_email", "Your e-mail?", name="Ann")


def again(talk: Talk) -> None:
    """Send the message again."""
    talk.say("Ann")


def on(talk: Talk) -> None:
    """Resume the turn."""
    talk.resume()


Way = Callable[[Talk], None]
WAYS: Sequence[Way] = (again, on)
by_each_way = pytest.mark.parametrize("way", WAYS, ids=["sent again", "resumed"])


def answering(*said: Any) -> Callable[..., Any]:
    """Answer a call for a reply with what is given, in turn, and one for a message with a word."""
    replies = list(said)
    return lambda _, schema: "Well." if schema is None else replies.pop(0)


# A process that dies

ALL_DONE = [
    "START_CONVERSATION ask",
    "PRE_PROCESSING ask",
    "CONTEXT_UPDATE ask",
    "POST_PROCESSING ask",
    "PRE_TRANSITION ask > done",
    "POST_TRANSITION done < ask",
    "END_CONVERSATION done",
]


@by_each
@pytest.mark.parametrize("moment", ["START_CONVERSATION", "CONTEXT_UPDATE", "PRE_TRANSITION", "POST_TRANSITION"])
def test_what_was_done_before_a_process_died_is_not_done_again(
    moment: Moment, drive: Drive, zygote: Zygote, tmp_path: Path
) -> None:
    dies, resumed, sent_again = (tmp_path / name for name in ("dies", "resumed", "sent again"))
    dies.mkdir()
    assert zygote.ended(die_at, dies, moment, DRIVERS.index(drive)) == 9
    keys: list[Json] = []
    for way, folder in ((on, resumed), (again, sent_again)):
        shutil.copytree(dies, folder)
        with closing(SqliteFile(folder / "turns.db")) as saver:
            handlers = writing_down(folder / "done.txt")
            talk = Talk(ORDER, [answering(OVER), answering(OVER)], drive, saver=saver, handlers=handlers)
            way(talk)
            assert (folder / "done.txt").read_text().splitlines() == ALL_DONE
            assert talk.values["current_state"] == "done"
            assert [message.type for message in talk.values["messages"]] == ["human", "ai"]
            keys.append(talk.values["context"])
    assert keys[0] == keys[1]


# Broken off after every handler


@dataclass(frozen=True)
class Row:
    """A turn, and what the model replies in it; messages are words."""

    fact: str
    machine: Any
    replies: Sequence[Any]
    before: Sequence[Any] = ()

    def __str__(self) -> str:
        return self.fact


# fmt: off
TURNS = [
    Row("one state", FORM, [reply("ask_name")]),
    Row("two states", FORM, [ANN]),
    Row("a vetoed choice", FORM, [reply("done")]),
    Row("three states", FORM, [reply("done", name="Ann", also={"email": "a@b.org"})]),
    Row("a state that only speaks", WELCOME, [ANN], before=["Hi!"]),
    Row("a silent state", BRANCH, [reply("sort", age=20)]),
    Row("a step of thought", THOUGHT, [reply("think", question="?"), reply("yes", None, good=True)]),
    Row("two calls", TWO_CALLS, [reply("thanks", x=1)]),
    Row("conditions that decide alone", LOGIC, [reply("small", x=10)]),
    Row("the own state", AGAIN, [reply("ask", again=True)]),
    Row("a sub-machine", SHOP, [reply("payment", item="book")]),
    Row("the end of a sub-machine", SHOP, [reply("code", card="4711", also={"code": "1"})],
        before=["Item?", reply("payment", item="book")]),
]
# fmt: on


class Breaking:
    """Handlers that note every moment, the second of which fails once: when it is to run for the nth time."""

    def __init__(self, nth: int | None) -> None:
        self.done: list[str] = []
        self.keys: list[str] = []
        self.left = nth
        self.handlers = Handlers()
        self.handlers.on(*IN_TURN, name="it")(self.note)
        self.handlers.on(*IN_TURN, name="it")(self.fail)
        self.is_armed = False
        self.before = 0
        """How much was done before it was armed."""

    def arm(self) -> None:
        self.is_armed, self.before = True, len(self.done)

    def note(self, event: Event) -> Json:
        self.done.append(noted(event))
        self.keys.append(event.idempotency_key)
        return {"count": len(self.done)}

    def fail(self, _: Event) -> None:
        if self.left is None or not self.is_armed:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise ConnectionError("gone")


def play(row: Row, drive: Drive, nth: int | None, way: Way) -> tuple[Talk, Breaking]:
    """Play a turn that breaks off at its nth handler, and run it again."""
    breaking = Breaking(nth)
    answer = answering(*row.replies)
    talk = Talk(row.machine, [*row.before, *[answer] * 9], drive, handlers=breaking.handlers)
    for text in ["", "a book"][: len(row.before)]:
        talk.say(text)
    breaking.arm()
    try:
        talk.say("Ann")
    except HandlerError:
        way(talk)
    return talk, breaking


@by_each
@by_each_way
@pytest.mark.parametrize("row", TURNS, ids=str)
def test_a_turn_that_breaks_off_at_any_handler_ends_as_one_that_does_not(row: Row, way: Way, drive: Drive) -> None:
    whole, unbroken = play(row, drive, None, way)
    for nth in range(len(unbroken.done) - unbroken.before):
        talk, breaking = play(row, drive, nth, way)
        assert breaking.left is None
        assert breaking.done == unbroken.done
        assert talk.kept["context"] == whole.kept["context"]
        assert talk.kept["current_state"] == whole.kept["current_state"]
        assert {**talk.record, "model_calls": []} == {**whole.record, "model_calls": []}
        assert len(set(breaking.keys)) == len(breaking.keys)


# Each way to be run again


@by_each
@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
@by_each_way
def test_a_failed_turn_does_nothing_again(way: Way, durability: Durability, drive: Drive) -> None:
    done, errors = [], [KeyError("gone")]
    handlers = Handlers()
    handlers.on(*IN_TURN)(lambda event: done.append(noted(event)))

    @handlers.on("POST_PROCESSING", priority=200)
    def fail(_: Event) -> None:
        if errors:
            raise errors.pop()

    talk = Talk(ORDER, [OVER, "Bye!"], sync, handlers=handlers)
    talk.drive = lambda graph, turn, config: _durably(drive, graph, turn, config, durability)
    with pytest.raises(HandlerError):
        talk.say("Ann")
    way(talk)
    assert done == ALL_DONE
    assert [call["replayed"] for call in talk.record["model_calls"]] == [True, False]


def _durably(drive: Drive, graph: Any, turn: Any, config: RunnableConfig, durability: Durability) -> Json:
    if drive is sync:
        return dict(graph.invoke(turn, config, durability=durability))
    return dict(asyncio.run(graph.ainvoke(turn, config, durability=durability)))


@by_each
@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "not kept"])
@pytest.mark.parametrize("durability", [None, "exit"])
def test_a_state_that_is_tried_again_does_nothing_again(
    durability: Durability | None, is_kept: bool, drive: Drive
) -> None:
    keys: list[str] = []
    handlers = Handlers()
    handlers.on("PRE_PROCESSING", "POST_PROCESSING")(lambda event: keys.append(event.idempotency_key))
    model = ScriptedModel(replies=[reply("done", "REFUSED"), TimeoutError("away"), TimeoutError("away"), "Your name?"])
    saver = InMemorySaver() if is_kept else None
    graph: Any = compile_fsm(FORM, model, handlers=handlers, checkpointer=saver, retry_policy=AT_ONCE)
    if durability is not None and is_kept:
        found = _durably(drive, graph, given("hm"), CONFIG, durability)
    else:
        found = drive(graph, given("hm"), CONFIG)
    assert found["messages"][-1].text == "Your name?"
    assert len(set(keys)) == len(keys) == 2


@by_each
def test_each_handler_gets_its_own_answer_to_an_interruption(drive: Drive) -> None:
    done: list[Any] = []
    handlers = Handlers()

    def asking(name: str, *questions: str) -> Callable[[Event], Json]:
        def ask(_: Event) -> Json:
            done.append(answers := [interrupt(question) for question in questions])
            return {name: answers}

        return ask

    handlers.on("PRE_PROCESSING")(asking("a", "a1?", "a2?"))
    handlers.on("PRE_TRANSITION")(asking("b", "b?"))
    handlers.on("PRE_TRANSITION")(asking("c", "c1?", "c2?"))
    talk = Talk(ORDER, [OVER, "Bye!"], drive, handlers=handlers)
    asked = drive(talk.graph, given("Ann"), CONFIG)["__interrupt__"]
    questions = [asked[0].value]
    for _ in range(4):
        asked = drive(talk.graph, Command(resume=f"yes to {questions[-1]}"), CONFIG)["__interrupt__"]
        questions.append(asked[0].value)
    drive(talk.graph, Command(resume=f"yes to {questions[-1]}"), CONFIG)
    assert questions == ["a1?", "a2?", "b?", "c1?", "c2?"]
    expected = [["yes to a1?", "yes to a2?"], ["yes to b?"], ["yes to c1?", "yes to c2?"]]
    assert done == expected
    assert talk.values["context"] == {"name": "Ann", **dict(zip("abc", expected, strict=True))}
    assert [call["replayed"] for call in talk.record["model_calls"]] == [True, False]


@by_each
def test_an_answer_that_was_given_is_not_given_to_another_handler(drive: Drive) -> None:
    errors = [KeyError("gone")]
    handlers = Handlers()
    handlers.on("PRE_PROCESSING")(lambda _: {"a": interrupt("a?")})

    @handlers.on("POST_PROCESSING")
    def fail(_: Event) -> None:
        if errors:
            raise errors.pop()

    handlers.on("PRE_TRANSITION")(lambda _: {"b": interrupt("b?")})
    talk = Talk(ORDER, [OVER, "Bye!"], drive, handlers=handlers)
    drive(talk.graph, given("Ann"), CONFIG)
    with pytest.raises(HandlerError):
        drive(talk.graph, Command(resume="yes to a"), CONFIG)
    drive(talk.graph, given("Ann"), CONFIG)
    assert [asked.value for asked in talk.graph.get_state(CONFIG).interrupts] == ["b?"]
    drive(talk.graph, Command(resume="yes to b"), CONFIG)
    assert talk.values["context"] == {"name": "Ann", "a": "yes to a", "b": "yes to b"}


@by_each
def test_a_conversation_in_a_file_is_sent_the_message_again(drive: Drive, tmp_path: Path) -> None:
    breaking = Breaking(2)
    breaking.arm()
    model = ScriptedModel(replies=[answering(OVER)] * 3)
    for _ in range(2):
        with (
            LLM_FSM(ORDER, model, db=tmp_path / "turns.db", handlers=breaking.handlers) as fsm,
            suppress(HandlerError),
        ):
            if drive is sync:
                fsm.converse("Ann", "1")
            else:
                asyncio.run(fsm.aconverse("Ann", "1"))
    assert breaking.done == ALL_DONE


@by_each
@pytest.mark.parametrize("memory", [None, True, False], ids=["its parent's", "its own", "none"])
@by_each_way
def test_a_machine_within_another_graph_does_nothing_again(way: Way, memory: Any, drive: Drive) -> None:
    breaking = Breaking(5)
    breaking.arm()
    model = ScriptedModel(replies=[answering(OVER)] * 3)
    builder = StateGraph(MessagesState)
    builder.add_node("form", compile_fsm(ORDER, model, checkpointer=memory, handlers=breaking.handlers))
    builder.add_edge(START, "form")
    parent: Any = builder.compile(checkpointer=InMemorySaver())
    with pytest.raises(HandlerError):
        drive(parent, given("Ann"), CONFIG)
    drive(parent, given("Ann") if way is again else None, CONFIG)
    assert breaking.done == ALL_DONE


@by_each_way
@by_each
def test_what_was_done_is_kept_in_postgresql(postgres: str, drive: Drive, way: Way) -> None:
    breaking = Breaking(5)
    breaking.arm()
    model = ScriptedModel(replies=[answering(OVER)] * 3)
    config: RunnableConfig = {"configurable": {"thread_id": f"{drive.__name__} {way.__name__}"}}
    turns = [given("Ann"), given("Ann") if way is again else None]

    async def in_a_loop() -> None:
        async with AsyncPostgresSaver.from_conn_string(postgres) as saver:
            await saver.setup()
            graph: Any = compile_fsm(ORDER, model, checkpointer=saver, handlers=breaking.handlers)
            for turn in turns:
                with suppress(HandlerError):
                    await graph.ainvoke(turn, config)

    if drive is sync:
        with PostgresSaver.from_conn_string(postgres) as saver:
            saver.setup()
            graph: Any = compile_fsm(ORDER, model, checkpointer=saver, handlers=breaking.handlers)
            for turn in turns:
                with suppress(HandlerError):
                    graph.invoke(turn, config)
    else:
        asyncio.run(in_a_loop())
    assert breaking.done == ALL_DONE


# What is recorded, and what is not


@by_each
@by_each_way
def test_a_refusal_is_refused_again_and_the_handler_is_not_asked(way: Way, drive: Drive) -> None:
    done, errors = [], [KeyError("gone")]
    handlers = Handlers()

    @handlers.on("CONTEXT_UPDATE", keys="name")
    def refuse(event: Event) -> None:
        done.append(event.context["name"])
        raise RejectValue("is no name")

    @handlers.on("POST_PROCESSING")
    def fail(_: Event) -> None:
        if errors:
            raise errors.pop()

    talk = Talk(FORM, [ANN, "No name!"], drive, handlers=handlers)
    with pytest.raises(HandlerError):
        talk.say("Ann")
    way(talk)
    assert done == ["Ann"]
    assert talk.record["rejected"] == [{"key": "name", "reason": "is no name", "kind": "value"}]
    assert (talk.said, talk.values["context"], talk.values["current_state"]) == (["No name!"], {}, "ask_name")


@by_each
@by_each_way
def test_a_handler_whose_error_was_logged_is_run_again(way: Way, drive: Drive) -> None:
    tried, errors = [], [KeyError("gone")]
    handlers = Handlers()

    @handlers.on("PRE_PROCESSING", errors="continue")
    def try_to(event: Event) -> None:
        tried.append(event.idempotency_key)
        raise ConnectionError("away")

    @handlers.on("PRE_PROCESSING")
    def fail(_: Event) -> None:
        if errors:
            raise errors.pop()

    talk = Talk(FORM, [ANN], drive, handlers=handlers)
    with pytest.raises(HandlerError):
        talk.say("Ann")
    way(talk)
    assert len(tried) == 2
    assert len(set(tried)) == 1


@by_each
@by_each_way
def test_a_handler_whose_answer_could_not_be_taken_is_run_again(way: Way, drive: Drive) -> None:
    answers: list[Any] = [{"name": object()}, {"name": "Bob"}]
    handlers = Handlers()
    handlers.on("POST_PROCESSING")(lambda _: answers.pop(0))
    talk = Talk(FORM, [ANN, "Your e-mail?"], drive, handlers=handlers)
    with pytest.raises(HandlerError):
        talk.say("Ann")
    way(talk)
    assert talk.values["context"] == {"name": "Bob"}


@by_each
@by_each_way
def test_a_handler_that_did_not_want_to_run_is_asked_again(way: Way, drive: Drive) -> None:
    wants, errors = [False, True], [KeyError("gone")]
    handlers = Handlers()
    handlers.on("PRE_PROCESSING", when=lambda _: wants.pop(0))(lambda _: {"ran": True})

    @handlers.on("PRE_PROCESSING")
    def fail(_: Event) -> None:
        if errors:
            raise errors.pop()

    talk = Talk(FORM, [reply("ask_name")], drive, handlers=handlers)
    with pytest.raises(HandlerError):
        talk.say("Ann")
    way(talk)
    assert talk.values["context"] == {"ran": True}


@by_each
def test_error_handlers_are_asked_at_every_failure(drive: Drive) -> None:
    seen: list[str] = []
    handlers = Handlers()
    handlers.on("ERROR")(lambda event: seen.append(type(event.error).__name__))
    talk = Talk(FORM, [PermissionError("key"), "no JSON", "no JSON"], drive, handlers=handlers)
    for _ in range(2):
        with pytest.raises((ModelError, Exception)):
            talk.say("Ann")
    assert seen == ["ModelError", "ReplyError"]


@by_each
def test_a_turn_that_was_answered_for_is_over(drive: Drive) -> None:
    keys: list[str] = []
    handlers = Handlers()
    handlers.on("PRE_PROCESSING")(lambda event: keys.append(event.idempotency_key))
    handlers.on("ERROR")(lambda _: "Sorry.")
    talk = Talk(FORM, [PermissionError("key"), ANN], drive, handlers=handlers)
    talk.say("Ann")
    talk.say("Ann")
    assert len(set(keys)) == 2


class Dies(BaseException):
    """What no handler catches, like the end of the process."""


@by_each
@by_each_way
def test_an_error_handler_that_has_answered_is_not_asked_for_another_answer(way: Way, drive: Drive) -> None:
    asked, deaths = [], [Dies()]
    handlers = Handlers()

    @handlers.on("ERROR")
    def answer(_: Event) -> str:
        asked.append("Sorry.")
        return f"Sorry {len(asked)}."

    @handlers.on("ERROR")
    def die(_: Event) -> None:
        if deaths:
            raise deaths.pop()

    talk = Talk(FORM, [PermissionError("key")] * 2, drive, handlers=handlers)
    with pytest.raises(Dies):
        talk.say("Ann")
    way(talk)
    assert talk.said == ["Sorry 1."]
    assert asked == ["Sorry."]


class Counting(InMemorySaver):
    """A checkpointer that counts what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        self.reads += 1
        return super().get_tuple(config)


def entries(saver: BaseCheckpointSaver[Any]) -> list[str]:
    """Find every entry of every journal."""
    return [key for saved in saver.list(None) for key, channel, _ in saved.pending_writes or () if channel == CHANNEL]


def reads_of_a_turn(handlers: Handlers) -> tuple[int, list[str]]:
    """Count what a turn that goes well reads; find what it has written down."""
    saver = Counting()
    talk = Talk(FORM, ["?", ANN], sync, saver=saver, handlers=handlers)
    talk.say()
    saver.reads = 0
    _durably(sync, talk.graph, given("Ann"), CONFIG, "sync")
    return saver.reads, entries(saver)


def test_where_no_handler_runs_nothing_is_paid() -> None:
    handlers = Handlers()
    handlers.on("END_CONVERSATION")(lambda _: None)
    handlers.on("PRE_PROCESSING", when=lambda _: False)(lambda _: None)
    assert reads_of_a_turn(handlers) == (reads_of_a_turn(Handlers())[0], [])


def test_a_turn_that_goes_well_writes_once_for_each_handler_and_for_the_reply_and_reads_nothing() -> None:
    handlers = Handlers()
    handlers.on("PRE_PROCESSING", "CONTEXT_UPDATE", "POST_TRANSITION")(lambda _: None)
    reads, written = reads_of_a_turn(handlers)
    assert reads == reads_of_a_turn(Handlers())[0]
    assert len(written) == len(set(written)) == 4


def test_a_reply_on_which_a_handler_of_a_later_state_runs_is_decided_on_again() -> None:
    errors = [KeyError("gone")]
    handlers = Handlers()

    @handlers.on("POST_TRANSITION", state="done")
    def fail(_: Event) -> None:
        if errors:
            raise errors.pop()

    through = reply("ask_email", name="Ann", also={"email": "a@b.org"})
    talk = Talk(FORM, [through, answering()], handlers=handlers)
    with pytest.raises(HandlerError):
        talk.say("Ann, a@b.org")
    talk.say("Ann, a@b.org")
    assert talk.values["context"] == {"name": "Ann", "email": "a@b.org"}
    assert [call["replayed"] for call in talk.record["model_calls"]] == [True, False]


def test_a_reply_on_which_no_handler_runs_is_asked_for_again() -> None:
    handlers = Handlers()
    handlers.on("PRE_PROCESSING")(lambda _: None)
    replies = [reply("ask_name", "REFUSED", name="Ann"), ValueError("bug"), reply("ask_name", "Hm?")]
    talk = Talk(FORM, replies, handlers=handlers)
    with pytest.raises(ModelError):
        talk.say("Ann")
    assert talk.say("Ann") == "Hm?"


# Keys


def keys_of(handlers: Handlers) -> list[str]:
    """Note every key that is given."""
    keys: list[str] = []
    handlers.on(*MOMENTS)(lambda event: keys.append(event.idempotency_key))
    return keys


@by_each
def test_every_run_of_every_handler_has_a_key_of_its_own(drive: Drive) -> None:
    handlers = Handlers()
    keys = keys_of(handlers)
    handlers.on(*MOMENTS, name="<lambda>")(lambda event: keys.append(event.idempotency_key))
    talk = Talk(FORM, ["?", reply("ask_name"), reply("ask_name"), ANN, reply("done", email="a@b.org")], drive,
                handlers=handlers)  # fmt: skip
    for text in ("", "hm", "hm", "Ann", "a@b.org"):
        talk.say(text)
    assert len(set(keys)) == len(keys) == 32
    assert [str(UUID(key)) for key in keys] == keys


@by_each
def test_conversations_share_no_key(drive: Drive) -> None:
    handlers = Handlers()
    keys = keys_of(handlers)
    kept: Any = compile_fsm(FORM, ScriptedModel(replies=["?"] * 4), handlers=handlers, checkpointer=InMemorySaver())
    unkept: Any = compile_fsm(FORM, ScriptedModel(replies=["?"] * 4), handlers=handlers)
    for thread in ("1", "2"):
        drive(kept, given(), {"configurable": {"thread_id": thread}})
        drive(unkept, given(), {"configurable": {"thread_id": thread}})
        drive(unkept, given(), {})
    assert len(set(keys)) == len(keys) == 6


class Pairs(TypedDict):
    """The state of a graph that keeps messages in a form of its own."""

    messages: Annotated[list[Any], operator.add]


@by_each
def test_a_graph_around_may_keep_its_messages_in_any_form(drive: Drive) -> None:
    handlers = Handlers()
    keys = keys_of(handlers)
    around = StateGraph(Pairs)
    around.add_node("machine", compile_fsm(ORDER, ScriptedModel(replies=[reply("ask")] * 2), handlers=handlers))
    around.add_edge(START, "machine")
    graph: Any = around.compile(checkpointer=InMemorySaver())

    for said in ("hi", "hello"):
        drive(graph, {"messages": [("user", said)]}, CONFIG)

    assert len(set(keys)) == len(keys) == 6


@by_each
def test_a_turn_without_a_message_that_comes_again_is_the_same_turn(drive: Drive) -> None:
    breaking = Breaking(0)
    talk = Talk(FORM, ["?"] * 2, drive, handlers=breaking.handlers)
    breaking.arm()
    with pytest.raises(HandlerError):
        talk.say()
    talk.say()
    assert breaking.done == ["START_CONVERSATION ask_name"]
    assert talk.values["context"] == {"count": 1}


@by_each
def test_from_an_old_checkpoint_handlers_run_anew(drive: Drive) -> None:
    handlers = Handlers()
    keys = keys_of(handlers)
    talk = Talk(FORM, ["?", *[reply("ask_name")] * 3], drive, handlers=handlers)
    talk.say()
    old = talk.graph.get_state(CONFIG).config
    keys.clear()
    for text in ("Ann", "Ann", "Bob"):
        drive(talk.graph, given(text), old)
    first, same, other = keys[:2], keys[2:4], keys[4:]
    assert first == same
    assert not set(first) & set(other)


@by_each
def test_a_turn_that_is_sent_again_under_another_text_is_another_turn(drive: Drive) -> None:
    breaking = Breaking(1)
    breaking.arm()
    talk = Talk(FORM, [reply("ask_name")], drive, handlers=breaking.handlers)
    with pytest.raises(HandlerError):
        talk.say("Ann")
    talk.say("Bob")
    assert breaking.done[:2] == breaking.done[2:4] == ["START_CONVERSATION ask_name", "PRE_PROCESSING ask_name"]
    assert len(set(breaking.keys)) == len(breaking.keys)


# LangGraph leaves the entries alone


@by_each
def test_a_turn_that_broke_off_is_looked_at_and_changed_as_ever(drive: Drive) -> None:
    breaking = Breaking(3)
    breaking.arm()
    talk = Talk(FORM, [answering(ANN, ANN)] * 3, drive, handlers=breaking.handlers)
    with pytest.raises(HandlerError):
        talk.say("Ann")
    snapshot = talk.graph.get_state(CONFIG)
    assert (snapshot.next, len(snapshot.tasks)) == (("ask_name",), 1)
    assert {task.name for past in talk.graph.get_state_history(CONFIG) for task in past.tasks} == {
        "__start__",
        "ask_name",
    }
    talk.graph.update_state(CONFIG, {"context": {"source": "web"}}, as_node="__start__")
    assert talk.say("Ann") == "Well."
    assert talk.values["context"]["source"] == "web"

"""`LLM_FSM`: the established API, conversations that survive a restart, turns that wait for each other."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import BaseMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, interrupt
from machines import AT_ONCE, DECLARED, FORM, SEED, reply
from real_time import WAIT
from typing_extensions import TypedDict

from fsm_langgraph import (
    LLM_FSM,
    ContextError,
    ConversationError,
    DefinitionError,
    Event,
    Handlers,
    ReplyError,
    ScriptedModel,
    SetupError,
    StorageError,
    StoredTypeError,
    TurnError,
)

ALL = {"name": "Ann Lee", "email": "a@b.org", "birthdate": "1990-05-31"}
WHOLE_TALK = [
    "Welcome! I will ask you three things.",
    reply("collect_name", name="Ann Lee"),
    "Your e-mail?",
    reply("collect_birthdate", "When were you born?", email="a@b.org"),
    reply("summary", "Is all of this right?", birthdate="1990-05-31"),
    reply("end", "Saved. Goodbye!", confirmed=True),
]


def scripted(*replies: Any, **options: Any) -> ScriptedModel:
    return ScriptedModel(replies=list(replies), **options)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "conversations.db"


def test_a_conversation_runs_as_the_reference_writes_it() -> None:
    fsm = LLM_FSM.from_file(path=SEED, model=scripted(*WHOLE_TALK))
    conversation_id, response = fsm.converse(user_message="", initial_context={"source": "website_signup"})
    answers = [response]
    for said in ("Ann Lee", "a@b.org", "May 31, 1990", "yes"):
        assert not fsm.is_conversation_ended(conversation_id)
        same_id, response = fsm.converse(said, conversation_id)
        assert same_id == conversation_id
        answers.append(response)
    assert answers[-1] == "Saved. Goodbye!"
    assert fsm.is_conversation_ended(conversation_id)
    assert fsm.get_data(conversation_id) == {"source": "website_signup", **ALL, "confirmed": True}
    assert fsm.get_current_state(conversation_id) == "end"
    fsm.end_conversation(conversation_id)


async def test_its_async_twin_runs_the_same() -> None:
    async with LLM_FSM(SEED, scripted(*WHOLE_TALK)) as fsm:
        conversation_id, _ = await fsm.aconverse(initial_context={"source": "website_signup"})
        for said in ("Ann Lee", "a@b.org", "May 31, 1990", "yes"):
            assert not await fsm.ais_conversation_ended(conversation_id)
            _, response = await fsm.aconverse(said, conversation_id)
        assert response == "Saved. Goodbye!"
        assert await fsm.ais_conversation_ended(conversation_id)
        assert await fsm.aget_data(conversation_id) == {"source": "website_signup", **ALL, "confirmed": True}
        assert await fsm.aget_current_state(conversation_id) == "end"
        record = await fsm.aget_last_turn(conversation_id)
        assert record is not None
        assert record["landing"] == "end"
        await fsm.aend_conversation(conversation_id)


def test_each_conversation_has_an_id_and_data_of_its_own() -> None:
    fsm = LLM_FSM(FORM, scripted("Hi!", repeat=True))
    one, _ = fsm.converse(initial_context={"who": 1})
    other, _ = fsm.converse(initial_context={"who": 2})
    assert one != other
    assert (fsm.get_data(one), fsm.get_data(other)) == ({"who": 1}, {"who": 2})


def test_the_caller_may_choose_the_id() -> None:
    fsm = LLM_FSM(FORM, scripted("Hi!"))
    assert fsm.converse("", "order-7") == ("order-7", "Hi!")


def test_the_message_streams_in_pieces() -> None:
    fsm = LLM_FSM(FORM, scripted("Hello there, who are you?"))
    conversation_id, pieces = fsm.stream()
    assert list(pieces) == ["Hell", "o th", "ere,", " who", " are", " you", "?"]
    assert fsm.get_current_state(conversation_id) == "ask_name"


async def test_the_message_streams_in_pieces_to_those_who_await_it() -> None:
    fsm = LLM_FSM(FORM, scripted("Hello there, who are you?"))
    _, pieces = fsm.astream()
    assert [piece async for piece in pieces] == ["Hell", "o th", "ere,", " who", " are", " you", "?"]


@pytest.mark.parametrize(("path", "found"), [(None, "null"), (3, "3")])
def test_what_is_no_path_of_a_definition_is_told(path: Any, found: str) -> None:
    with pytest.raises(DefinitionError, match=f"must be an object, not {found}"):
        LLM_FSM.from_file(path, "offline")


def test_a_conversation_survives_a_restart(file: Path) -> None:
    with LLM_FSM(FORM, scripted("Hi!", reply("ask_email", "Your e-mail?", name="Ann")), db=file) as fsm:
        conversation_id, _ = fsm.converse()
        fsm.converse("Ann", conversation_id)
    with LLM_FSM(FORM, scripted(reply("done", "Bye!", email="a@b.org")), db=file) as fsm:
        assert fsm.get_data(conversation_id) == {"name": "Ann"}
        assert fsm.converse("a@b.org", conversation_id) == (conversation_id, "Bye!")
        assert fsm.is_conversation_ended(conversation_id)


async def test_both_halves_share_one_file(file: Path) -> None:
    async with LLM_FSM(FORM, scripted("Hi!", reply("ask_email", "Your e-mail?", name="Ann")), db=file) as fsm:
        conversation_id, _ = await fsm.aconverse()
        await asyncio.to_thread(fsm.converse, "Ann", conversation_id)
        assert await fsm.aget_data(conversation_id) == {"name": "Ann"}
        assert fsm.get_data(conversation_id) == {"name": "Ann"}


def test_any_number_of_event_loops_share_one_file(file: Path) -> None:
    with LLM_FSM(FORM, scripted("Hi!", repeat=True), db=file) as fsm:
        ids = [asyncio.run(fsm.aconverse())[0] for _ in range(3)]
        assert [fsm.get_current_state(conversation_id) for conversation_id in ids] == ["ask_name"] * 3


def test_a_program_that_closes_nothing_ends_and_a_short_conversation_does_not_wait_for_its_store(file: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", CARELESS, str(SEED), str(file)], check=False, timeout=WAIT)  # noqa: S603 - our own interpreter
    assert ended.returncode == 0


CARELESS = """
import asyncio, sys
from fsm_langgraph import LLM_FSM, ScriptedModel

fsm = LLM_FSM(sys.argv[1], ScriptedModel(replies=["Hi!"]), db=sys.argv[2])
asyncio.run(fsm.aconverse())
assert fsm.graph.store is not None
assert "langgraph.store.sqlite" not in sys.modules
"""


def test_conversations_can_live_in_a_checkpointer_of_one_s_own() -> None:
    saver = InMemorySaver()
    conversation_id, _ = LLM_FSM(FORM, scripted("Hi!"), checkpointer=saver).converse()
    assert LLM_FSM(FORM, scripted(), checkpointer=saver).get_current_state(conversation_id) == "ask_name"


def test_a_file_and_a_checkpointer_exclude_each_other(file: Path) -> None:
    with pytest.raises(SetupError, match="db and checkpointer"):
        LLM_FSM(FORM, scripted(), db=file, checkpointer=InMemorySaver())


def test_a_file_that_cannot_be_opened_is_told_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"nowhere/kept\.db: unable to open database file\.\n  Have db name a file in"):
        LLM_FSM(SEED, scripted(), db=tmp_path / "nowhere" / "kept.db")


class Crowd:
    """Replies that notice how many turns are under way at once."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0
        self.heard: list[str] = []

    def __call__(self, messages: list[BaseMessage], _: Any) -> Any:
        self.now += 1
        self.most = max(self.most, self.now)
        time.sleep(0.02)
        self.now -= 1
        self.heard.append(messages[-1].text)
        return reply("ask_name", "Go on.", also={messages[-1].text: True})


SAID = ["one", "two", "three", "four"]


def test_messages_sent_at_once_from_threads_are_so_many_turns() -> None:
    crowd = Crowd()
    fsm = LLM_FSM(FORM, scripted(crowd, repeat=True))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda text: fsm.converse(text, "c"), SAID))
    assert crowd.most == 1
    assert sorted(crowd.heard) == sorted(SAID)
    assert fsm.get_data("c") == dict.fromkeys(SAID, True)


async def test_messages_sent_at_once_from_tasks_are_so_many_turns() -> None:
    crowd = Crowd()
    fsm = LLM_FSM(FORM, scripted(crowd, repeat=True))
    await asyncio.gather(*(fsm.aconverse(text, "c") for text in SAID))
    assert crowd.heard == SAID
    assert fsm.get_data("c") == dict.fromkeys(SAID, True)


def test_messages_sent_at_once_from_threads_and_tasks_are_so_many_turns() -> None:
    crowd = Crowd()
    fsm = LLM_FSM(FORM, scripted(crowd, repeat=True))

    def awaited(text: str) -> None:
        asyncio.run(fsm.aconverse(text, "c"))

    with ThreadPoolExecutor(4) as pool:
        pool.submit(awaited, "one")
        pool.submit(fsm.converse, "two", "c")
        pool.submit(awaited, "three")
        pool.submit(fsm.converse, "four", "c")
    assert crowd.most == 1
    assert fsm.get_data("c") == dict.fromkeys(SAID, True)


def test_two_conversations_do_not_wait_for_each_other() -> None:
    all_here = threading.Barrier(len(SAID))

    def meet(_: list[BaseMessage], __: Any) -> Any:
        all_here.wait(WAIT)
        return reply("ask_name", "Go on.")

    fsm = LLM_FSM(FORM, scripted(meet, repeat=True))
    with ThreadPoolExecutor(len(SAID)) as pool:
        assert list(pool.map(lambda text: fsm.converse(text, text)[1], SAID)) == ["Go on."] * len(SAID)


@pytest.fixture
def closed() -> tuple[LLM_FSM, str]:
    fsm = LLM_FSM(FORM, scripted("Hi!"))
    conversation_id, _ = fsm.converse(initial_context={"a": 1})
    fsm.end_conversation(conversation_id)
    return fsm, conversation_id


def test_a_closed_conversation_has_ended_and_keeps_its_data(closed: tuple[LLM_FSM, str]) -> None:
    fsm, conversation_id = closed
    assert fsm.is_conversation_ended(conversation_id)
    assert fsm.get_data(conversation_id) == {"a": 1}
    assert fsm.get_current_state(conversation_id) == "ask_name"


def test_a_closed_conversation_takes_no_more_messages(closed: tuple[LLM_FSM, str]) -> None:
    fsm, conversation_id = closed
    with pytest.raises(ConversationError, match="closed by end_conversation") as caught:
        fsm.converse("hello", conversation_id)
    assert caught.value.conversation_id == conversation_id


def test_one_whose_file_was_closed_says_that_it_is_opened_anew(file: Path) -> None:
    fsm = LLM_FSM(FORM, ScriptedModel(replies=["Your name?"]), db=file)
    fsm.converse("", "c")
    fsm.close()
    for use in (lambda: fsm.converse("Ann", "c"), lambda: fsm.get_data("c"), lambda: fsm.end_conversation("c")):
        with pytest.raises(StorageError, match=r"(?s)closed database.*It was closed in this program") as told:
            use()
        assert "send the same message" not in str(told.value)


@pytest.mark.parametrize("fails", [False, True], ids=["landed", "failed"])
def test_a_closed_conversation_knows_its_definition_and_its_turns(fails: bool) -> None:
    model = ScriptedModel(replies=["Your name?", *(["no reply"] if fails else [])])
    fsm = LLM_FSM(FORM, model, retry_policy=AT_ONCE, reply_retries=0)
    fsm.converse("", "c")
    if fails:
        with pytest.raises(TurnError):
            fsm.converse("Ann", "c")
    fsm.end_conversation("c")
    (found,) = fsm.list_conversations()
    assert (found.status, found.turns, found.fingerprint) == ("closed", 1, fsm.definition.fingerprint)


def test_closing_twice_is_no_fault(closed: tuple[LLM_FSM, str]) -> None:
    fsm, conversation_id = closed
    fsm.end_conversation(conversation_id)
    assert fsm.is_conversation_ended(conversation_id)


@pytest.mark.parametrize(
    "ask",
    ["is_conversation_ended", "get_data", "get_current_state", "get_last_turn", "get_questions", "end_conversation"],
)
def test_an_unknown_conversation_is_told(ask: str) -> None:
    with pytest.raises(ConversationError, match="no such conversation"):
        getattr(LLM_FSM(FORM, scripted()), ask)("nobody")


@pytest.mark.parametrize(
    "ask",
    [
        "ais_conversation_ended",
        "aget_data",
        "aget_current_state",
        "aget_last_turn",
        "aget_questions",
        "aend_conversation",
    ],
)
async def test_an_unknown_conversation_is_told_to_those_who_await_it(ask: str) -> None:
    with pytest.raises(ConversationError, match="no such conversation"):
        await getattr(LLM_FSM(FORM, scripted()), ask)("nobody")


@pytest.mark.parametrize("context", [{"age": 5}, {"_x": 1}])
def test_context_that_is_refused_does_no_harm(context: Any) -> None:
    fsm = LLM_FSM(DECLARED, scripted("Hi!", "Hi again!"))
    conversation_id, _ = fsm.converse()
    with pytest.raises(ContextError):
        fsm.converse("hello", conversation_id, context)
    assert fsm.get_data(conversation_id) == {"plan": "free"}
    assert fsm.converse("", conversation_id)[1] == "Hi again!"


def test_a_turn_that_failed_can_be_sent_again_and_closed() -> None:
    fsm = LLM_FSM(FORM, scripted("no JSON", "no JSON", reply("ask_name", "Hm?")))
    with pytest.raises(ReplyError):
        fsm.converse("hello", "c")
    assert not fsm.is_conversation_ended("c")
    assert fsm.get_last_turn("c") is None
    assert fsm.converse("hello", "c")[1] == "Hm?"
    fsm.end_conversation("c")
    assert fsm.is_conversation_ended("c")


def test_white_space_is_no_message() -> None:
    fsm = LLM_FSM(FORM, scripted("Hi!", "Still there?"))
    conversation_id, _ = fsm.converse()
    assert fsm.converse("  \n", conversation_id)[1] == "Still there?"


@dataclass
class Basket:
    """A type of one's own."""

    items: int


class Shop(TypedDict):
    """A channel of one's own."""

    basket: Basket


CONFIG: Any = {"configurable": {"thread_id": "c"}}


@pytest.mark.parametrize("db", [None, "talks.sqlite"])
def test_types_of_one_s_own_are_stored_where_they_are_named(db: str | None, tmp_path: Path) -> None:
    place = tmp_path / db if db is not None else None
    handlers = Handlers()

    @handlers.on("POST_TRANSITION", state="ask_email")
    def ask(_: Event) -> dict[str, Any]:
        return {"items": interrupt(Basket(2)).items}

    model = scripted("Hi!", reply("ask_email", name="Ann"), "E-mail?")
    fsm = LLM_FSM(FORM, model, db=place, allow_types=[Basket], state_schema=Shop, handlers=handlers)
    fsm.converse("", "c")
    fsm.graph.update_state(CONFIG, {"basket": Basket(1)}, as_node="ask_name")
    assert fsm.converse("Ann", "c")[1] == ""
    assert fsm.graph.get_state(CONFIG).interrupts[0].value == Basket(2)
    fsm.graph.invoke(Command(resume=Basket(3)), CONFIG)
    assert fsm.graph.get_state(CONFIG).values["basket"] == Basket(1)
    assert fsm.get_data("c")["items"] == 3


@pytest.mark.parametrize("db", [None, "talks.sqlite"])
def test_those_that_are_not_are_told_and_nothing_is_lost(db: str | None, tmp_path: Path) -> None:
    place = tmp_path / db if db is not None else None
    fsm = LLM_FSM(FORM, scripted("Hi!", reply("ask_email", "E-mail?", name="Ann")), db=place, state_schema=Shop)
    fsm.converse("", "c")
    fsm.graph.update_state(CONFIG, {"basket": Basket(1)}, as_node="ask_name")
    with pytest.raises(StoredTypeError, match=rf"names '{Basket.__module__}\.Basket'.*\n  .*allow_types=\[…\]"):
        fsm.converse("Ann", "c")
    if place is not None:
        again = LLM_FSM(FORM, scripted("x"), db=place, state_schema=Shop, allow_types=[Basket])
        assert again.get_current_state("c") == "ask_name"

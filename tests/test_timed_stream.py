"""A stream ends in time, whatever its provider does, and the conversation is as it was."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.rate_limiters import InMemoryRateLimiter
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import RetryPolicy
from machines import AT_ONCE, CONFIG, DRIVERS, FORM, Drive, Talk, given, reply
from real_time import in_real_time
from wire.answers import Answer, Format, Hang, Reaction
from wire.anthropic import Anthropic
from wire.chat_completions import ChatCompletions
from wire.packages import anthropic, openai
from wire.server import WireServer

from fsm_langgraph import LLM_FSM, DeadlineError, Deadlines, ModelError, ScriptedModel, compile_fsm

ANN = reply("ask_email", "Thank you, Ann! And what is your e-mail address?", name="Ann")
WRITTEN = json.dumps(ANN)
SHORT = 0.3
LONG = 60.0
ONCE = RetryPolicy(max_attempts=1)

FAULTS: dict[str, Reaction] = {
    "a hang": Hang(),
    "a hang in the reply": Answer(WRITTEN, hold_after=1),
    "a hang in the message": Answer(WRITTEN, hold_after=9),
    "empty pieces": Answer(WRITTEN, hold_after=0, idles="empty"),
    "comments": Answer(WRITTEN, hold_after=1, idles="comment"),
    "a drip": Answer(WRITTEN * 9, pause=0.05),
}
CLIENTS: dict[str, tuple[Format, Callable[..., BaseChatModel]]] = {
    "openai": (ChatCompletions(), openai),
    "anthropic": (Anthropic(), anthropic),
}

TRIED = [
    *(("openai", fault) for fault in FAULTS),
    ("anthropic", "a hang in the message"),
    ("anthropic", "empty pieces"),
]
"""The ping of Anthropic's is the empty piece of a format that has none."""


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(("client", "fault"), TRIED)
def test_a_turn_ends_in_time_and_can_be_sent_again(client: str, fault: str, drive: Drive) -> None:
    spoken, make = CLIENTS[client]
    saver = InMemorySaver()
    with WireServer(spoken, [FAULTS[fault]], piece_size=12, keeps_connections=False) as server:
        model = make(server.root)
        graph = compile_fsm(FORM, model, checkpointer=saver, retry_policy=AT_ONCE, deadlines=SHORT)
        with pytest.raises(DeadlineError) as caught:
            drive(graph, given("Ann"), CONFIG)
        assert (caught.value.deadline, caught.value.seconds) == ("turn", SHORT)
        assert "last_turn" not in graph.get_state(CONFIG).values
        assert len(server.requests) <= 1  # on a busy machine the time is over before the first one
        server.play([WRITTEN])
        patient = compile_fsm(FORM, model, checkpointer=saver)
        assert drive(patient, given("Ann"), CONFIG)["messages"][-1].text == ANN["message"]


class Stalling(ScriptedModel):
    """Begins to wait before one of its pieces, until it is released."""

    stalls_at: int = 0
    released: Any = None

    def _stream(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Iterator[Any]:
        for at, chunk in enumerate(super()._stream(messages, stop, run_manager, **kwargs)):
            if at == self.stalls_at:
                self.released.wait(LONG)
            yield chunk

    async def _astream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[Any]:
        at = 0
        async for chunk in super()._astream(messages, stop, run_manager, **kwargs):
            if at == self.stalls_at:
                await asyncio.sleep(LONG)
            at += 1
            yield chunk


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """Releases what a test has left behind."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(
    ("stalls_at", "times", "passed"),
    [
        (0, {"first_token": 1, "between_tokens": 200, "turn": 200}, "first token"),
        (3, {"first_token": 200, "between_tokens": 1}, "between tokens"),
        (3, {"first_token": 0.5, "turn": 1}, "turn"),
        (3, {"between_tokens": 200, "turn": 1}, "turn"),
    ],
    ids=str,
)
@in_real_time(SHORT)
def test_the_deadline_that_has_passed_is_told(
    stalls_at: int, times: dict[str, float], passed: str, released: threading.Event, drive: Drive, short: float
) -> None:
    model = Stalling(replies=[ANN], stalls_at=stalls_at, released=released)
    deadlines = {name: many * short for name, many in times.items()}
    talk = Talk(FORM, drive=drive, model=model, deadlines=deadlines, retry_policy=ONCE)
    with pytest.raises(DeadlineError, match=f"within {short:g} s") as caught:
        talk.say("Ann")
    assert (caught.value.deadline, caught.value.transient, caught.value.shown) == (passed, True, ())


@pytest.mark.parametrize("drive", DRIVERS)
@in_real_time(SHORT)
def test_a_message_that_stalls_is_one_that_broke_off(released: threading.Event, drive: Drive, short: float) -> None:
    second = ScriptedModel(replies=["PAID TWICE"])
    model = Stalling(replies=["Which name?"], stalls_at=2, released=released).with_fallbacks([second])
    talk = Talk(FORM, drive=drive, model=model, deadlines={"between_tokens": short})
    with pytest.raises(DeadlineError) as caught:
        talk.watch()
    assert (caught.value.shown, caught.value.transient) == (("Which na",), False)
    assert second.calls == []


@pytest.mark.parametrize("drive", DRIVERS)
@in_real_time(SHORT)
def test_a_message_that_was_whole_before_the_stream_stalled_stands(
    released: threading.Event, drive: Drive, short: float
) -> None:
    model = Stalling(replies=[ANN], stalls_at=len(WRITTEN) // 4 + 1, released=released)
    talk = Talk(FORM, drive=drive, model=model, deadlines={"between_tokens": short})
    assert talk.watch("Ann") == talk.said[-1] == ANN["message"]
    assert "out of time" in talk.record["model_calls"][0]["error"]


@pytest.mark.parametrize("drive", DRIVERS)
@in_real_time(SHORT)
def test_the_next_model_answers_where_the_first_is_late(released: threading.Event, drive: Drive, short: float) -> None:
    late = Stalling(replies=[ANN], released=released)
    for kinds in ((Exception,), (TimeoutError,)):
        model = late.with_fallbacks([ScriptedModel(replies=[ANN])], exceptions_to_handle=kinds)
        talk = Talk(FORM, drive=drive, model=model, deadlines={"first_token": short, "turn": LONG})
        late.forget()
        assert talk.say("Ann") == ANN["message"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_no_model_is_asked_when_the_turn_is_over(released: threading.Event, drive: Drive) -> None:
    second = ScriptedModel(replies=[ANN])
    model = Stalling(replies=[ANN], released=released).with_fallbacks([second])
    with pytest.raises(DeadlineError):
        Talk(FORM, drive=drive, model=model, deadlines=SHORT).say("Ann")
    assert second.calls == []


@pytest.mark.parametrize("drive", DRIVERS)
@in_real_time(SHORT)
def test_a_late_model_is_tried_again(released: threading.Event, drive: Drive, short: float) -> None:
    model = Stalling(replies=[ANN], repeat=True, released=released)
    with pytest.raises(DeadlineError):
        Talk(FORM, drive=drive, model=model, deadlines={"first_token": short / 3}).say("Ann")
    assert len(model.calls) == 3


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_fallback_message_is_said_when_the_time_is_over(released: threading.Event, drive: Drive) -> None:
    model = Stalling(replies=[ANN], released=released)
    told = {**FORM, "fallback_message": "I am slow today."}
    talk = Talk(told, drive=drive, model=model, deadlines=SHORT)
    assert talk.watch("Ann") == talk.said[-1] == "I am slow today."


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_stream_in_time_comes_as_it_is(drive: Drive) -> None:
    talk = Talk(FORM, ["?", ANN, TimeoutError("away")], drive, deadlines=LONG, retry_policy=ONCE)
    talk.say()
    assert talk.watch("Ann") == ANN["message"]
    assert len(talk.shown) > 5
    with pytest.raises(ModelError, match="TimeoutError: away") as caught:
        talk.say("hm")
    assert not isinstance(caught.value, DeadlineError)


class Blocking(BaseChatModel):
    """A model whose class is sync alone, and which does not stream."""

    released: Any
    text: str

    @property
    def _llm_type(self) -> str:
        return "blocking"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        self.released.wait(LONG)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.text))])


class BlockingStream(Blocking):
    """One that streams."""

    def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        self.released.wait(LONG)
        yield ChatGenerationChunk(message=AIMessageChunk(content=self.text))


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("kind", [Blocking, BlockingStream])
def test_a_class_that_blocks_ends_in_time_too(kind: type[Blocking], released: threading.Event, drive: Drive) -> None:
    model = kind(released=released, text="Which name?")
    talk = Talk(FORM, drive=drive, model=model, deadlines=SHORT)
    with pytest.raises(DeadlineError):
        talk.say()
    released.set()
    assert Talk(FORM, drive=drive, model=model, deadlines=LONG).say() == "Which name?"


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_wait_for_a_rate_limiter_counts(drive: Drive) -> None:
    limiter = InMemoryRateLimiter(requests_per_second=1 / LONG, check_every_n_seconds=0.01)
    model = ScriptedModel(replies=[ANN], rate_limiter=limiter)
    with pytest.raises(DeadlineError):
        Talk(FORM, drive=drive, model=model, deadlines=SHORT).say("Ann")
    assert model.calls == []


def test_the_simple_api_takes_deadlines(released: threading.Event) -> None:
    fsm = LLM_FSM(FORM, Stalling(replies=[ANN, ANN], released=released), deadlines=SHORT)
    with pytest.raises(DeadlineError):
        fsm.converse("Ann", "c")
    with pytest.raises(DeadlineError):
        asyncio.run(fsm.aconverse("Ann", "c"))


CONTENT: list[tuple[Any, bool]] = [
    ("", False),
    ([], False),
    ([{"type": "text", "text": "", "index": 0}], False),
    ("a", True),
    (["a"], True),
    ([{"type": "text", "text": "a", "index": 0}], True),
    ([{"type": "thinking", "thinking": "hm", "index": 0}], True),
]


@pytest.mark.parametrize(("content", "counts"), CONTENT, ids=str)
@pytest.mark.parametrize("drive", DRIVERS)
@in_real_time(SHORT)
def test_only_a_piece_with_something_in_it_is_a_token(content: Any, counts: bool, drive: Drive, short: float) -> None:
    class Empty(ScriptedModel):
        """Streams such pieces for longer than it may be silent."""

        def _stream(self, *_: Any, **__: Any) -> Iterator[Any]:
            for _at in range(6):
                threading.Event().wait(short / 4)
                yield ChatGenerationChunk(message=AIMessageChunk(content=content))
            yield ChatGenerationChunk(message=AIMessageChunk(content="Which name?"))

        async def _astream(self, *_: Any, **__: Any) -> AsyncIterator[Any]:
            for _at in range(6):
                await asyncio.sleep(short / 4)
                yield ChatGenerationChunk(message=AIMessageChunk(content=content))
            yield ChatGenerationChunk(message=AIMessageChunk(content="Which name?"))

    deadlines = Deadlines(first_token=short, between_tokens=LONG)
    talk = Talk(FORM, drive=drive, model=Empty(replies=[]), deadlines=deadlines, retry_policy=ONCE)
    if counts:
        assert talk.say().endswith("Which name?")
    else:
        with pytest.raises(DeadlineError):
            talk.say()

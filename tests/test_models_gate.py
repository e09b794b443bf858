"""The gate before a chat model: what it takes from providers, what it lets through, and what it closes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler, UsageMetadataCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.rate_limiters import BaseRateLimiter
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from machines import CONFIG, DRIVERS, FORM, TWO_CALLS, Drive, Talk, given, reply
from openai_server import OpenAIServer, aclose
from pydantic import PrivateAttr

from fsm_langgraph import LLM_FSM, ModelError, ModelRefusal, ReplyError, compile_fsm
from fsm_langgraph.models.provider_stream import aopen_stream
from fsm_langgraph.models.scripted import Cut, ScriptedModel

HELLO = reply("ask_name", "Hello there!", name=None)
BY_EACH = pytest.mark.parametrize("drive", DRIVERS)


class Provider(ScriptedModel):
    """A provider that records what it was given and whether its streams were closed."""

    _arguments: list[Any] = PrivateAttr(default_factory=list)
    _closed: list[int] = PrivateAttr(default_factory=list)

    @property
    def arguments(self) -> list[Any]:
        """The stop words and keyword arguments of each call."""
        return self._arguments

    @property
    def closed(self) -> list[int]:
        """How many pieces each stream had brought when it was closed."""
        return self._closed

    def _stream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, *rest: Any, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        self._arguments.append((stop, kwargs))
        count = 0
        try:
            for chunk in super()._stream(messages, stop, *rest, **kwargs):
                count += 1
                yield chunk
        finally:
            self._closed.append(count)

    async def _astream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, *rest: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        self._arguments.append((stop, kwargs))
        count = 0
        try:
            async for chunk in super()._astream(messages, stop, *rest, **kwargs):
                count += 1
                yield chunk
        finally:
            self._closed.append(count)


class Whole(BaseChatModel):
    """A model that does not stream."""

    text: str

    @property
    def _llm_type(self) -> str:
        return "whole"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        usage = {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}
        message = AIMessage(self.text, usage_metadata=usage, response_metadata={"model_name": "whole-1"})
        return ChatResult(generations=[ChatGeneration(message=message)])


class Blocks(Whole):
    """A model whose content is a list of blocks, its thoughts among them."""

    def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        blocks = [
            {"type": "thinking", "thinking": "hm"},
            *({"type": "text", "text": piece} for piece in self.text),
        ]
        for block in blocks:
            yield ChatGenerationChunk(message=AIMessageChunk(content=[block]))


class ProviderError(Exception):
    """A provider's error, with the body of its response."""

    def __init__(self, text: str, body: dict[str, Any]) -> None:
        super().__init__(text)
        self.status_code, self.body = 400, body


def groq(code: str) -> ProviderError:
    """Make the error of a reply that Groq could not read."""
    return ProviderError(
        code, {"error": {"message": "Failed to generate.", "code": code, "failed_generation": "Sure!"}}
    )


class Limiter(BaseRateLimiter):
    """Counts who asks."""

    def __init__(self) -> None:
        self.asked = 0

    def acquire(self, *, blocking: bool = True) -> bool:
        self.asked += 1
        return blocking

    async def aacquire(self, *, blocking: bool = True) -> bool:
        self.asked += 1
        return blocking


class Runs(BaseCallbackHandler):
    """Counts the model runs that a tracer sees."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.texts: list[str] = []

    def on_chat_model_start(self, serialized: dict[str, Any], messages: Any, **kwargs: Any) -> None:  # noqa: ARG002 - LangChain's signature
        self.begun.append(serialized["name"])

    def on_llm_end(self, response: Any, **kwargs: Any) -> None:  # noqa: ARG002 - LangChain's signature
        self.texts.append(response.generations[0][0].text)


@BY_EACH
def test_a_fallback_answers_where_the_first_model_fails(drive: Drive) -> None:
    second = ScriptedModel(replies=[HELLO])
    model = ScriptedModel(replies=[TimeoutError("away")]).with_fallbacks([second])
    assert Talk(FORM, drive=drive, model=model).say("hi") == "Hello there!"


@BY_EACH
def test_a_fallback_answers_only_the_errors_that_it_is_for(drive: Drive) -> None:
    second = ScriptedModel(replies=[HELLO])
    model = ScriptedModel(replies=[KeyError("bug")]).with_fallbacks([second], exceptions_to_handle=(TimeoutError,))
    with pytest.raises(ModelError, match="KeyError"):
        Talk(FORM, drive=drive, model=model).say("hi")


@BY_EACH
def test_no_fallback_follows_on_what_was_shown(drive: Drive) -> None:
    second = ScriptedModel(replies=[HELLO])
    broken = Cut("Hello ther", 10, TimeoutError("away"))
    talk = Talk(FORM, drive=drive, model=ScriptedModel(replies=[broken]).with_fallbacks([second]))
    with pytest.raises(ModelError) as caught:
        talk.say()
    assert (caught.value.transient, caught.value.shown) == (False, ("Hello ther",))
    assert second.calls == []


@BY_EACH
@pytest.mark.parametrize("error", [None, groq("json_validate_failed"), groq("tool_use_failed")], ids=str)
def test_a_fallback_answers_where_no_reply_can_be_used(error: Exception | None, drive: Drive) -> None:
    first = ScriptedModel(replies=[error or "Sure!"], repeat=True)
    second = ScriptedModel(replies=[HELLO])
    talk = Talk(FORM, drive=drive, model=first.with_fallbacks([second]))
    assert talk.say("hi") == "Hello there!"
    assert (len(first.calls), len(second.calls)) == (2, 1)
    assert second.calls[0].messages[-1].text == "hi"
    assert [bool(call["error"]) for call in talk.record["model_calls"]] == [True, True, False]


@BY_EACH
def test_every_model_is_asked_again_before_a_turn_fails(drive: Drive) -> None:
    models = [ScriptedModel(replies=["Sure!"], repeat=True) for _ in range(3)]
    with pytest.raises(ReplyError, match="asked 6 times"):
        Talk(FORM, drive=drive, model=models[0].with_fallbacks(models[1:])).say("hi")
    assert [len(model.calls) for model in models] == [2, 2, 2]


@BY_EACH
def test_a_fallback_for_other_errors_gets_no_bad_replies(drive: Drive) -> None:
    second = ScriptedModel(replies=[HELLO])
    model = ScriptedModel(replies=["Sure!"], repeat=True).with_fallbacks([second], exceptions_to_handle=(TimeoutError,))
    with pytest.raises(ReplyError):
        Talk(FORM, drive=drive, model=model).say("hi")
    assert second.calls == []


@BY_EACH
def test_a_filter_before_the_model_is_a_refusal_that_a_fallback_may_answer(drive: Drive) -> None:
    filtered = ProviderError("Error code: 400", {"code": "content_filter", "message": "We filter that."})
    with pytest.raises(ModelRefusal, match="We filter that"):
        Talk(FORM, drive=drive, model=ScriptedModel(replies=[filtered])).say("hi")
    model = ScriptedModel(replies=[filtered]).with_fallbacks([ScriptedModel(replies=[HELLO])])
    assert Talk(FORM, drive=drive, model=model).say("hi") == "Hello there!"


@BY_EACH
def test_a_method_that_is_ignored_is_left_in_the_turn_after(drive: Drive) -> None:
    def answer(*_: Any) -> Any:
        asked = model._arguments[-1][1]
        return "Sure!" if asked.get("response_format", {}).get("type") == "json_schema" else HELLO

    model = Provider(replies=[answer], repeat=True)
    talk = Talk(FORM, drive=drive, model=model)
    with pytest.raises(ReplyError):
        talk.say("hi")
    assert talk.say("hi") == "Hello there!"
    assert len(model.calls) == 3


@BY_EACH
def test_a_provider_that_is_out_of_reach_may_be_asked_again(drive: Drive) -> None:
    talk = Talk(FORM, [*[TimeoutError("away")] * 3], drive)
    with pytest.raises(ModelError) as caught:
        talk.say("hi")
    assert caught.value.transient
    assert isinstance(caught.value.__cause__, TimeoutError)
    assert len(talk.model.calls) == 3


@BY_EACH
def test_the_rate_limiter_is_asked_before_every_call(drive: Drive) -> None:
    limiter = Limiter()
    model = ScriptedModel(replies=["no JSON", HELLO], rate_limiter=limiter)
    Talk(FORM, drive=drive, model=model).say("hi")
    assert limiter.asked == 2


@BY_EACH
@pytest.mark.parametrize("kind", [Whole, Blocks])
def test_every_kind_of_stream_is_read(kind: type[Whole], drive: Drive) -> None:
    talk = Talk(FORM, drive=drive, model=kind(text='{"target_state": "ask_email", "name": "Ann", "message": "Hi!"}'))
    assert talk.say("hi") == "Hi!"
    assert talk.values["messages"][-1].content == "Hi!"
    assert talk.values["current_state"] == "ask_email"


@BY_EACH
def test_what_is_bound_to_the_model_reaches_it(drive: Drive) -> None:
    model = Provider(replies=["Hello!"])
    Talk(FORM, drive=drive, model=model.bind(stop=["END"], seed=7)).say()
    assert model.arguments == [(["END"], {"seed": 7})]


@BY_EACH
def test_a_tracer_sees_one_run_for_each_call_and_no_refused_message(drive: Drive) -> None:
    runs = Runs()
    talk = Talk(FORM, [reply("done", "REFUSED", name=None), "Your name?"], drive)
    talk.drive(talk.graph, given("hi"), {**CONFIG, "callbacks": [runs]})
    assert runs.begun == ["ScriptedModel", "ScriptedModel"]
    assert runs.texts == ["Your name?"]


@BY_EACH
def test_the_model_s_own_callbacks_are_called_once(drive: Drive) -> None:
    runs = Runs()
    Talk(FORM, drive=drive, model=ScriptedModel(replies=["Hello!"], callbacks=[runs])).say()
    assert runs.texts == ["Hello!"]


@BY_EACH
def test_tokens_are_counted_once_under_the_name_of_the_model(drive: Drive) -> None:
    counter = UsageMetadataCallbackHandler()
    talk = Talk(FORM, drive=drive, model=Whole(text="Hello!"))
    talk.drive(talk.graph, given(), {**CONFIG, "callbacks": [counter]})
    assert counter.usage_metadata["whole-1"]["total_tokens"] == 10
    assert talk.record["model_calls"][0]["input_tokens"] == 7


async def test_a_real_client_s_tokens_are_counted_once() -> None:
    counter = UsageMetadataCallbackHandler()
    with OpenAIServer(["Hello!"]) as server:
        model = server.chat_model()
        talk = Talk(FORM, model=model)
        await talk.graph.ainvoke(given(), {**CONFIG, "callbacks": [counter]})
        await aclose(model)
    assert counter.usage_metadata["gpt-4o-mini"]["output_tokens"] == talk.record["model_calls"][0]["output_tokens"]
    assert talk.record["model_calls"][0]["output_tokens"] > 0


@BY_EACH
@pytest.mark.parametrize("refused", [reply("done", "Bye! " * 99, name=None), '{"target_state": 7, "name": 1} ' * 99])
def test_the_stream_of_a_refused_reply_is_closed_at_once(refused: Any, drive: Drive) -> None:
    model = Provider(replies=[refused, *["Your name?"] * 2])
    talk = Talk(FORM, drive=drive, model=model, reply_retries=0)
    with suppress(ReplyError):
        talk.say("hi")
    assert model.closed[0] < 30


@pytest.mark.parametrize("limiter", [None, Limiter()], ids=["no limiter", "a rate limiter"])
async def test_a_stream_that_is_closed_closes_the_provider_s(limiter: Limiter | None) -> None:
    model = Provider(replies=["Hello " * 9], rate_limiter=limiter)
    request = SimpleNamespace(messages=[HumanMessage("hi")], stop=None, kwargs={})
    attempt: Any = SimpleNamespace(model=model, request=request)
    stream = aopen_stream(attempt, None)
    await anext(stream)
    await stream.aclose()
    assert model.closed == [1]


@BY_EACH
def test_the_stream_of_a_thought_is_closed_where_a_message_begins(drive: Drive) -> None:
    model = Provider(replies=[reply("thanks", "Thanks! " * 99, x=1), "Thanks."])
    Talk(TWO_CALLS, drive=drive, model=model).say("1")
    assert model.closed[0] < 30


async def test_a_cancelled_turn_closes_the_stream_and_leaves_the_conversation_usable() -> None:
    model = Provider(replies=[reply("ask_name", "Hello " * 99, name=None), HELLO], delay=0.005)
    fsm = LLM_FSM(FORM, model)
    conversation_id, pieces = fsm.astream("hi")
    shown = asyncio.Event()

    async def read() -> None:
        async for _ in pieces:
            shown.set()

    reading = asyncio.create_task(read())
    await shown.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert len(model.closed) == 1
    assert await fsm.aconverse("hi", conversation_id) == (conversation_id, "Hello there!")
    values = (await fsm.graph.aget_state(_thread(conversation_id))).values
    assert [message.text for message in values["messages"]] == ["hi", "Hello there!"]


async def test_a_cancelled_awaited_turn_closes_the_stream() -> None:
    model = Provider(replies=[reply("ask_name", "Hello " * 99, name=None)], delay=0.005)
    talk = Talk(FORM, model=model)
    turn = asyncio.create_task(talk.graph.ainvoke(given("hi"), CONFIG))
    while not (model.arguments or turn.done()):  # noqa: ASYNC110 - a model that is asked sets no event
        await asyncio.sleep(0)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert len(model.closed) == 1


class Unstreamed(Whole):
    """A model that could stream, and whose user does not want that."""

    streaming: bool = True

    def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        raise NotImplementedError


@BY_EACH
@pytest.mark.parametrize("setting", [{"disable_streaming": True}, {"streaming": False}], ids=str)
def test_a_model_that_is_not_to_stream_is_asked_for_a_whole_answer(setting: dict[str, Any], drive: Drive) -> None:
    graph = compile_fsm(FORM, Unstreamed(text=json.dumps(HELLO), **setting), checkpointer=InMemorySaver())
    drive(graph, given("hi"), CONFIG)
    assert graph.get_state(CONFIG).values["messages"][-1].text == "Hello there!"


class Deaf(Provider):
    """A provider whose client goes on where it is cancelled."""

    async def _astream(self, *given: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        async for chunk in super()._astream(*given, **kwargs):
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.005)
            yield chunk


async def test_a_cancelled_turn_ends_though_the_provider_s_client_goes_on() -> None:
    model = Deaf(replies=[HELLO, reply("ask_name", "Hello " * 99, name=None)])
    talk = Talk(FORM, model=model)
    await talk.graph.ainvoke(given(), CONFIG)
    shown = asyncio.Event()

    async def read() -> None:
        async for _ in talk.graph.astream(given("hi"), CONFIG, stream_mode="messages"):
            shown.set()

    turn = asyncio.create_task(read())
    await shown.wait()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert model.closed[1] < 99
    assert talk.graph.messages(CONFIG)[-1].text == "hi"


def test_a_stream_that_is_left_unread_closes_the_provider_s() -> None:
    model = Provider(replies=[reply("ask_name", "Hello " * 99, name=None), HELLO], delay=0.001)
    fsm = LLM_FSM(FORM, model)
    conversation_id, pieces = fsm.stream("hi")
    assert next(pieces)
    pieces.close()  # type: ignore[attr-defined]  # the iterator is a generator
    assert fsm.converse("hi", conversation_id)[1] == "Hello there!"
    assert len(model.closed) == 2


def _thread(conversation_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": conversation_id}}

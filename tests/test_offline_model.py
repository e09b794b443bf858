"""The offline model is a chat model like any other: it streams, keeps to a schema, and repeats itself."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import RunnableBinding, RunnableSequence
from machines import FORM
from pydantic import BaseModel
from real_time import WAIT

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.offline import NOTICE, OfflineModel
from fsm_langgraph.prompts.prompt import Prompts
from fsm_langgraph.replies.reply import read_reply
from fsm_langgraph.replies.reply_schema import reply_schema

DEFINITION = FSMDefinition.model_validate(FORM)
STATE = DEFINITION.states["ask_name"]
SCHEMA = reply_schema(DEFINITION, STATE)
RESPONSE_FORMAT = {
    "type": "json_schema",
    "json_schema": {"name": "reply", "schema": SCHEMA, "strict": True},
}
MESSAGES = Prompts(DEFINITION, STATE).build("understand", {}, [HumanMessage("I'm Ann Lee, ann@example.com")])


def test_it_streams_word_by_word_what_it_says_in_one_piece() -> None:
    model = OfflineModel()

    pieces = [chunk.text for chunk in model.stream(MESSAGES, response_format=RESPONSE_FORMAT)]

    assert "".join(pieces) == model.invoke(MESSAGES, response_format=RESPONSE_FORMAT).text
    assert len(pieces) > 20
    assert max(map(len, pieces)) < 20


async def test_it_says_the_same_when_awaited() -> None:
    model = OfflineModel()

    streamed = [chunk.text async for chunk in model.astream(MESSAGES, response_format=RESPONSE_FORMAT)]
    awaited = await model.ainvoke(MESSAGES, response_format=RESPONSE_FORMAT)

    assert "".join(streamed) == awaited.text == model.invoke(MESSAGES, response_format=RESPONSE_FORMAT).text


def test_what_the_machine_has_said_itself_answers_nothing() -> None:
    said = HumanMessage("I'm Ann Lee, ann@example.com")
    messages = Prompts(DEFINITION, STATE).build("understand", {}, [said], said=[AIMessage("Noted.")])

    reply = json.loads(OfflineModel().invoke(messages, response_format=RESPONSE_FORMAT).text)

    assert reply["updates"] == [{"name": "Ann Lee"}, {"key": "email", "value": "ann@example.com"}]


def test_a_reply_has_the_members_of_the_schema_in_its_order() -> None:
    reply = json.loads(OfflineModel().invoke(MESSAGES, response_format=RESPONSE_FORMAT).text)

    assert list(reply) == list(SCHEMA["properties"])
    assert reply["target_state"] == "ask_email"
    assert reply["updates"] == [{"name": "Ann Lee"}, {"key": "email", "value": "ann@example.com"}]


def test_the_schema_is_bound_as_the_response_format() -> None:
    runnable = OfflineModel().with_structured_output(SCHEMA, method="json_schema", strict=True)

    assert isinstance(runnable, RunnableSequence)
    assert isinstance(runnable.first, RunnableBinding)
    assert runnable.first.kwargs == {"response_format": RESPONSE_FORMAT}


def test_structured_output_is_parsed() -> None:
    class Answer(BaseModel):
        text: str
        number: int | None

    plain = OfflineModel().with_structured_output(SCHEMA).invoke(MESSAGES)
    typed = OfflineModel().with_structured_output(Answer).invoke("hello")
    raw: Any = OfflineModel().with_structured_output(SCHEMA, include_raw=True).invoke(MESSAGES)

    assert isinstance(plain, dict)
    assert plain["updates"][0] == {"name": "Ann Lee"}
    assert typed == Answer(text="", number=None)
    assert raw["parsed"] == plain
    assert isinstance(raw["raw"], AIMessage)


def test_the_tokens_are_estimated_and_reported_at_the_end() -> None:
    *chunks, last = OfflineModel().stream(MESSAGES)
    usage = last.usage_metadata

    assert usage is not None
    assert usage["input_tokens"] == len(str(MESSAGES[0].content) + str(MESSAGES[1].content)) // 4 + 1
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert all(chunk.usage_metadata is None for chunk in chunks)


def test_it_waits_where_it_is_asked_to() -> None:
    model = OfflineModel(first_delay=0.05, delay=0.001)
    begun = time.perf_counter()

    first = next(model.stream("hello"))

    assert first.text
    assert time.perf_counter() - begun >= 0.05


async def test_it_waits_without_blocking() -> None:
    waiting, begun = asyncio.create_task(OfflineModel(first_delay=WAIT).ainvoke("hello")), time.perf_counter()

    await asyncio.sleep(0.01)

    assert not waiting.done()
    assert time.perf_counter() - begun < WAIT
    waiting.cancel()


def test_a_stop_word_ends_the_text() -> None:
    assert OfflineModel().invoke("hello", stop=[" follows"]).text == "I am a stand-in that"


@pytest.mark.parametrize(
    "messages",
    [
        [HumanMessage("What is the capital of France?")],
        [SystemMessage("You are a pirate."), HumanMessage("hello")],
        [SystemMessage("<keys>\n</keys>"), HumanMessage("hello")],
        [AIMessage("hello")],
    ],
    ids=["a question", "another system message", "empty tags", "no user"],
)
def test_it_says_what_it_is_when_it_is_used_for_anything_else(messages: list[BaseMessage]) -> None:
    assert "fixed rules" in OfflineModel().invoke(messages).text


def test_the_notice_is_not_part_of_what_it_says() -> None:
    assert "OPENAI_API_KEY" in NOTICE
    assert NOTICE not in OfflineModel().invoke(MESSAGES).text


def test_a_reply_takes_few_steps() -> None:
    """Calls and returns are counted, of which a few thousand take well under a millisecond."""
    model, steps = OfflineModel(), itertools.count()
    model.invoke(MESSAGES, response_format=RESPONSE_FORMAT)

    sys.setprofile(lambda *_: next(steps) and None)
    try:
        model._generate(MESSAGES, response_format=RESPONSE_FORMAT)
    finally:
        sys.setprofile(None)

    assert next(steps) < 8000


@pytest.mark.parametrize(
    ("history", "updates"),
    [
        (
            [HumanMessage("I'm Ann Lee"), HumanMessage("ann@example.com")],
            {"name": "Ann Lee", "email": "ann@example.com"},
        ),
        (
            [HumanMessage("I'm Ann Lee"), AIMessage("Hm?"), HumanMessage("ann@example.com")],
            {"email": "ann@example.com"},
        ),
        ([AIMessage("Your name?"), HumanMessage("hm"), HumanMessage("Ann Lee")], {"name": "Ann Lee"}),
    ],
    ids=["two", "before and after an answer", "a word before the answer"],
)
def test_it_reads_all_messages_since_the_last_answer(history: list[AnyMessage], updates: dict[str, str]) -> None:
    messages = Prompts(DEFINITION, STATE).build("understand", {}, history)

    reply = read_reply(json.loads(OfflineModel().invoke(messages, response_format=RESPONSE_FORMAT).text))

    assert dict(reply.updates) == updates

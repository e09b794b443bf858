"""The scripted model says what its script says, in every way in which LangChain can call it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from langchain_core.load import dumpd
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.tools import tool
from machines import FORM

from fsm_langgraph import compile_fsm
from fsm_langgraph.errors import FSMError
from fsm_langgraph.models.arguments import METHODS, Method
from fsm_langgraph.models.scripted import Call, Cut, OutOfReplies, ScriptedModel
from fsm_langgraph.models.structured import StructuredOutput, chunk_text

SCHEMA: dict[str, Any] = {
    "title": "reply",
    "type": "object",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
    "additionalProperties": False,
}


def invoke(model: ScriptedModel) -> str:
    return model.invoke("hi").text


def ainvoke(model: ScriptedModel) -> str:
    return asyncio.run(model.ainvoke("hi")).text


def stream(model: ScriptedModel) -> str:
    return "".join(chunk.text for chunk in model.stream("hi"))


def astream(model: ScriptedModel) -> str:
    async def collect() -> str:
        return "".join([chunk.text async for chunk in model.astream("hi")])

    return asyncio.run(collect())


Way = Callable[[ScriptedModel], str]
every_way = pytest.mark.parametrize("way", [invoke, ainvoke, stream, astream])


def echo(messages: list[BaseMessage], _: dict[str, Any] | None) -> str:
    return f"You said {messages[-1].text!r}"


@every_way
@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("not { JSON", "not { JSON"),
        ({"message": "Grüß Gott"}, '{"message": "Grüß Gott"}'),
        (echo, "You said 'hi'"),
        (Cut("abcdefgh", after=5), "abcde"),
        ("", ""),
    ],
    ids=["text", "object", "function", "cut", "empty"],
)
def test_a_reply_is_what_the_script_says(way: Way, reply: Any, text: str) -> None:
    assert way(ScriptedModel(replies=[reply, "unused"])) == text


@every_way
@pytest.mark.parametrize("reply", [TimeoutError("away"), Cut("abcdefgh", after=5, error=TimeoutError("away"))])
def test_an_exception_is_raised(way: Way, reply: Any) -> None:
    with pytest.raises(TimeoutError, match="away"):
        way(ScriptedModel(replies=[reply]))


def test_a_stream_that_breaks_has_brought_what_came_before() -> None:
    model = ScriptedModel(replies=[Cut("abcdefgh", after=5, error=ConnectionError("gone"))])
    chunks = model.stream("hi")
    assert [next(chunks).text, next(chunks).text] == ["abcd", "e"]
    with pytest.raises(ConnectionError):
        next(chunks)


@every_way
def test_the_end_of_the_script_is_told(way: Way) -> None:
    model = ScriptedModel(replies=["one"])
    way(model)
    with pytest.raises(OutOfReplies, match="has 1 reply, and this is call 2") as caught:
        way(model)
    assert isinstance(caught.value, FSMError)
    assert (caught.value.replies, caught.value.calls) == (1, 2)


@pytest.mark.parametrize(
    ("reply", "asked"),
    [
        ({"target": "ask_email"}, r"with a schema, after \"\(Your last reply was refused: it has no 'target_state'\."),
        ({"target_state": "nowhere", "message": "Hi"}, "without a schema, after 'Hello'"),
    ],
    ids=["a bad reply", "a message that does not fit"],
)
def test_the_end_of_the_script_tells_what_was_asked_for(reply: dict[str, str], asked: str) -> None:
    with pytest.raises(OutOfReplies, match=f"this is call 2, {asked}"):
        compile_fsm(FORM, ScriptedModel(replies=[reply])).invoke({"messages": [("user", "Hello")]})


def test_a_script_can_begin_anew() -> None:
    model = ScriptedModel(replies=["one", "two"], repeat=True)
    assert [invoke(model) for _ in range(5)] == ["one", "two", "one", "two", "one"]


def test_a_reply_streams_in_pieces_of_the_size_asked_for() -> None:
    model = ScriptedModel(replies=["abcdefgh"], chunk_size=3)
    assert [chunk.text for chunk in model.stream("hi") if chunk.text] == ["abc", "def", "gh"]


def test_tokens_are_counted_in_pieces() -> None:
    message = ScriptedModel(replies=["abcdefghi"]).invoke("12345")
    assert message.usage_metadata == {"input_tokens": 2, "output_tokens": 3, "total_tokens": 5}


def test_calls_are_recorded() -> None:
    model = ScriptedModel(replies=["a", {"message": "b"}])
    model.invoke("one")
    model.with_structured_output(SCHEMA).invoke("two")
    assert model.calls == [Call([HumanMessage("one")], None), Call([HumanMessage("two")], SCHEMA)]


def test_calls_can_be_forgotten() -> None:
    model = ScriptedModel(replies=["one", "two"])
    model.invoke("hi")

    model.forget()

    assert model.calls == []
    assert model.invoke("hi").text == "one"


def test_a_reply_function_is_given_the_schema() -> None:
    model = ScriptedModel(replies=[lambda _, schema: {"message": schema["title"]}])
    assert model.with_structured_output(SCHEMA).invoke("hi") == {"message": "reply"}


@pytest.mark.parametrize("method", METHODS)
def test_structured_output_works_by_every_method(method: Method) -> None:
    model = ScriptedModel(replies=[{"message": "hi"}])
    request = StructuredOutput(model, method=method).request([HumanMessage("hi")], SCHEMA)
    chunks = list(model._stream(request.messages, request.stop, **request.kwargs))
    assert json.loads("".join(chunk_text(chunk, method) for chunk in chunks)) == {"message": "hi"}
    assert request.method == method


def test_function_calling_brings_a_tool_call() -> None:
    model = ScriptedModel(replies=[{"message": "hi"}])
    request = StructuredOutput(model, method="function_calling").request([HumanMessage("hi")], SCHEMA)
    message = model.bind(**request.kwargs).invoke("hi")
    assert isinstance(message, AIMessage)
    assert [(call["name"], call["args"]) for call in message.tool_calls] == [("reply", {"message": "hi"})]


@every_way
def test_text_before_a_tool_call_is_said(way: Way) -> None:
    calls = [{"name": "find", "args": {"order": "7"}, "id": "1"}]
    assert way(ScriptedModel(replies=[AIMessage("Let me see.", tool_calls=calls)])) == "Let me see."


def test_tool_calls_come_in_pieces() -> None:
    find = {"name": "find", "args": {"order": "7"}, "id": "1", "type": "tool_call"}
    cut = {"name": "find", "args": '{"order', "id": "2", "error": None, "type": "invalid_tool_call"}
    model = ScriptedModel(replies=[AIMessage("", tool_calls=[find], invalid_tool_calls=[cut])])
    chunks = list(model.stream("hi"))
    names = [piece["name"] for chunk in chunks for piece in chunk.tool_call_chunks]
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    assert names.count("find") == 2
    assert len(names) > 5
    assert [piece["args"] for piece in whole.tool_call_chunks] == ['{"order": "7"}', '{"order']


def test_the_tools_of_a_call_are_recorded_without_the_reply() -> None:
    def find(order: str) -> str:
        """Find an order."""
        return order

    model = ScriptedModel(replies=["one", {"message": "two"}])
    request = StructuredOutput(model, method="function_calling").request([HumanMessage("hi")], SCHEMA, (tool(find),))
    model.bind_tools([find]).invoke("hi")
    model.bind(**request.kwargs).invoke("hi")
    assert [(call.tools, call.schema) for call in model.calls] == [(("find",), None), (("find",), SCHEMA)]
    assert request.kwargs["tool_choice"] == "any"


def test_threads_share_one_script() -> None:
    model = ScriptedModel(replies=[str(n) for n in range(200)])
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: invoke(model), range(200)))
    assert sorted(said, key=int) == [str(n) for n in range(200)]


def test_the_delays_come_before_the_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    invoke(ScriptedModel(replies=["abcdefgh"], first_delay=0.5, delay=0.1))
    assert slept == [0.5, 0.1]


async def test_an_async_stream_can_be_cancelled() -> None:
    model = ScriptedModel(replies=["abc"], first_delay=60)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(model.ainvoke("hi"), 0.01)


def test_a_tracer_can_write_it_down() -> None:
    model = ScriptedModel(replies=[echo, TimeoutError("away"), Cut("a", after=1)])
    assert dumpd(model)["id"][-1] == "ScriptedModel"

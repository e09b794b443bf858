"""The benchmarks' model server, with the clients that the benchmarks use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from openai import InternalServerError
from openai_server import aclose, close
from real_time import WAIT

from benchmarks.model_server import ModelServer

TEXT = "Grüße, how are you?"
CALLS = [("find", '{"id": 7}'), ("tell", "{}")]


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


def post(client: httpx.Client, server: ModelServer, name: str, text: str = "hi", **options: Any) -> httpx.Response:
    body = {"model": "scripted", "messages": [{"role": "user", "content": text}], **options}
    return client.post(f"{server.url(name)}/chat/completions", json=body)


def events(response: httpx.Response) -> list[Any]:
    data = [line.removeprefix("data: ") for line in response.text.splitlines() if line]
    assert data.pop() == "[DONE]"
    return [json.loads(event) for event in data]


def contents(response: httpx.Response) -> list[str]:
    choices = [choice for event in events(response) for choice in event["choices"]]
    return [choice["delta"]["content"] for choice in choices if choice["delta"].get("content")]


def test_a_chat_model_reads_a_text_in_pieces(server: ModelServer) -> None:
    server.script("text", [TEXT])
    model = server.chat_model("text")

    pieces = [chunk.text for chunk in model.stream("hi") if chunk.text]

    assert pieces == ["Grüß", "e, h", "ow a", "re y", "ou?"]
    close(model)


def test_a_reply_can_be_cut_otherwise(server: ModelServer) -> None:
    server.script("pieces", [["Hello, ", "you"]], repeat=True)
    with httpx.Client(trust_env=False, timeout=WAIT) as client:
        assert contents(post(client, server, "pieces", stream=True)) == ["Hello, ", "you"]
        assert post(client, server, "pieces").json()["choices"][0]["message"]["content"] == "Hello, you"


async def test_an_async_chat_model_reads_a_text_in_pieces(server: ModelServer) -> None:
    server.script("text", [TEXT])
    model = server.chat_model("text")

    pieces = [chunk.text async for chunk in model.astream("hi") if chunk.text]

    assert "".join(pieces) == TEXT
    assert len(pieces) == 5
    await aclose(model)


@pytest.mark.parametrize("streaming", [True, False], ids=["streamed", "whole"])
def test_a_chat_model_reads_tool_calls(server: ModelServer, streaming: bool) -> None:
    server.script("tools", [CALLS])
    model = server.chat_model("tools")
    model.streaming = streaming

    message = model.invoke("hi")

    assert [(call["name"], call["args"]) for call in message.tool_calls] == [("find", {"id": 7}), ("tell", {})]
    assert message.response_metadata["finish_reason"] == "tool_calls"
    close(model)


@pytest.mark.parametrize("streaming", [True, False], ids=["streamed", "whole"])
def test_usage_counts_four_characters_as_a_token(server: ModelServer, streaming: bool) -> None:
    server.script("usage", [TEXT])
    model = server.chat_model("usage")
    model.streaming = streaming

    usage = model.invoke("x" * 396).usage_metadata

    assert usage is not None
    assert (usage["input_tokens"], usage["output_tokens"]) == (100, 5)
    close(model)


def test_usage_is_streamed_only_where_it_is_asked_for(server: ModelServer) -> None:
    server.script("usage", [TEXT], repeat=True)
    with httpx.Client(trust_env=False, timeout=WAIT) as client:
        without = post(client, server, "usage", stream=True)
        asked = post(client, server, "usage", stream=True, stream_options={"include_usage": True})

    assert [event for event in events(without) if "usage" in event] == []
    assert events(asked)[-1]["usage"]["completion_tokens"] == 5


def test_requests_have_ids_of_their_own(server: ModelServer) -> None:
    server.script("ids", [CALLS], repeat=True)
    with httpx.Client(trust_env=False, timeout=WAIT) as client:
        first, second = post(client, server, "ids").json(), post(client, server, "ids").json()

    assert first["id"] != second["id"]
    ids = {call["id"] for told in (first, second) for call in told["choices"][0]["message"]["tool_calls"]}
    assert len(ids) == 4


def test_a_connection_is_kept(server: ModelServer) -> None:
    server.script("kept", [TEXT], repeat=True)
    with httpx.Client(trust_env=False, timeout=WAIT) as client:
        streams = [post(client, server, "kept", stream=stream).extensions["network_stream"] for stream in (True, False)]

    assert streams[0] is streams[1]


def test_replies_come_in_turn(server: ModelServer) -> None:
    server.script("turn", ["one", "two"], repeat=True)
    with httpx.Client(trust_env=False, timeout=WAIT) as client:
        said = [contents(post(client, server, "turn", stream=True)) for _ in range(3)]

    assert said == [["one"], ["two"], ["one"]]


def test_the_first_text_that_is_in_a_request_says_which_replies(server: ModelServer) -> None:
    server.script("keyed", {"apple": ["red", "green"], "pear": ["yellow"], "": ["none"]})
    with httpx.Client(trust_env=False, timeout=WAIT) as client:
        said = [
            contents(post(client, server, "keyed", text, stream=True))
            for text in ("a pear", "an apple", "an apple or a pear", "a plum")
        ]

    assert said == [["yell", "ow"], ["red"], ["gree", "n"], ["none"]]


def test_a_script_that_is_at_its_end_says_so(server: ModelServer) -> None:
    server.script("short", ["one"])
    model = server.chat_model("short")
    model.invoke("hi")

    with pytest.raises(InternalServerError, match="script 'short' has 1 replies, and this is request 2"):
        model.invoke("hi")
    assert len(server.log("short")) == 1
    close(model)


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        pytest.param("keyed/v1/chat/completions", 500, "none of: 'apple', 'pear'", id="no text is found"),
        pytest.param("nobody/v1/chat/completions", 404, "there is no script 'nobody'", id="no script"),
        pytest.param("keyed/v1/embeddings", 404, "only POST /keyed/v1/chat/completions", id="another path"),
    ],
)
def test_what_cannot_be_answered_is_told(server: ModelServer, path: str, status: int, message: str) -> None:
    server.script("keyed", {"apple": ["red"], "pear": ["yellow"]})
    root = server.url("keyed").removesuffix("keyed/v1")

    response = httpx.post(f"{root}{path}", json={"messages": []}, trust_env=False, timeout=WAIT)

    assert response.status_code == status
    assert message in response.json()["error"]["message"]


def test_the_log_of_no_script_is_an_error(server: ModelServer) -> None:
    with pytest.raises(LookupError, match="there is no script 'nobody'"):
        server.log("nobody")


def test_the_log_tells_what_was_asked_for(server: ModelServer) -> None:
    server.script("log", [TEXT, TEXT])
    tools = [{"type": "function", "function": {"name": "find"}}]
    with httpx.Client(trust_env=False, timeout=WAIT) as client:
        post(client, server, "log", "x" * 96, stream=True)
        post(client, server, "log", tools=tools)

    plain, with_tools = server.log("log")
    assert (plain.messages, plain.schema, plain.reply, plain.streamed) == (100, 0, 19, True)
    assert (with_tools.messages, with_tools.schema, with_tools.streamed) == (6, 48, False)
    assert plain.tokens == 25
    assert server.body("log")["tools"] == tools


@pytest.mark.parametrize(("keep", "kept"), [(True, ["one", "two"]), (False, ["two"])])
def test_all_that_is_sent_is_kept_where_that_is_asked_for(server: ModelServer, keep: bool, kept: list[str]) -> None:
    server.script("kept", [TEXT, TEXT], keep=keep)
    with httpx.Client(trust_env=False, timeout=WAIT) as client:
        post(client, server, "kept", "one")
        post(client, server, "kept", "two")

    assert [body["messages"][0]["content"] for body in server.bodies("kept")] == kept


def test_a_script_set_anew_forgets_its_log(server: ModelServer) -> None:
    server.script("anew", ["one"])
    httpx.post(f"{server.url('anew')}/chat/completions", json={"messages": []}, trust_env=False, timeout=WAIT)

    server.script("anew", ["two"])

    assert server.log("anew") == []
    assert server.body("anew") == {}


def test_pieces_come_at_a_pace(server: ModelServer) -> None:
    server.script("paced", ["x" * 16], first_delay=0.05, delay=0.05)

    with httpx.Client(trust_env=False, timeout=WAIT) as client:
        response = post(client, server, "paced", stream=True)

    assert response.elapsed.total_seconds() >= 0.2  # nothing holds on a busy machine but that it is not early

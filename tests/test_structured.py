"""Structured output from the real `ChatOpenAI`, over HTTP, by every method."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from openai_server import Answer, Fault, Feature, OpenAIServer, Reaction, aclose, close
from strict_schema import strict_schema_fault

from fsm_langgraph import ScriptedModel
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.models.arguments import METHODS, Method
from fsm_langgraph.models.candidates import ModelCandidate
from fsm_langgraph.models.structured import Request, StructuredOutput, chunk_text
from fsm_langgraph.replies.reply_schema import reply_schema

SCHEMA: dict[str, Any] = {
    "title": "reply",
    "description": "A reply.",
    "type": "object",
    "properties": {
        "target_state": {"type": "string", "enum": ["ask_name", "ask_email"]},
        "name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "message": {"type": "string"},
    },
    "required": ["target_state", "name", "message"],
    "additionalProperties": False,
}
NOT_STRICT: dict[str, Any] = {
    **SCHEMA,
    "properties": {**SCHEMA["properties"], "message": {"type": "string", "minLength": 1}},
}
REPLY = json.dumps({"target_state": "ask_email", "name": "Ann", "message": "Thanks, Ann! Your e-mail?"})
PROMPT: list[BaseMessage] = [SystemMessage("Talk, in JSON."), HumanMessage("I am Ann")]


class RefusedError(Exception):
    """A refusal of the method, as any provider's."""

    status_code = 400


@tool
def find(name: str) -> str:
    """Find a name."""
    return name


REFUSED = RefusedError("response_format is not supported")

# It is right that langchain-openai warns of a refusal; these tests are about what comes after.
pytestmark = pytest.mark.filterwarnings("ignore:(This model does not support|Invalid schema for):UserWarning")


@contextmanager
def serving(
    *script: Reaction, refuses: tuple[Feature, ...] = (), **options: Any
) -> Iterator[tuple[OpenAIServer, ChatOpenAI]]:
    with OpenAIServer(script, refuses=refuses) as server:
        model = server.chat_model(**options)
        yield server, model
        close(model)


@asynccontextmanager
async def aserving(*script: Reaction) -> AsyncIterator[tuple[OpenAIServer, ChatOpenAI]]:
    with OpenAIServer(script) as server:
        model = server.chat_model()
        yield server, model
        await aclose(model)


def stream(model: BaseChatModel, request: Request) -> list[BaseMessage]:
    return [chunk.message for chunk in model._stream(request.messages, request.stop, **request.kwargs)]


def ask(output: StructuredOutput, schema: dict[str, Any] | None = SCHEMA) -> str:
    """Ask until the provider takes the request, as the gate does."""
    while True:
        request = output.request(PROMPT, schema)
        try:
            messages = stream(output.candidate.model, request)
        except Exception as error:
            if not output.downgrade(request, error):
                raise
        else:
            return "".join(chunk_text(message, request.method) for message in messages)


def asked_by(body: dict[str, Any]) -> str:
    """Say which method a request's body uses."""
    if "tools" in body:
        return "function_calling"
    kinds = {"json_schema": "json_schema", "json_object": "json_mode"}
    return kinds.get(body.get("response_format", {}).get("type", ""), "prompt")


@pytest.mark.parametrize("method", METHODS)
def test_each_method_brings_the_whole_reply_in_many_pieces(method: Method) -> None:
    with serving(REPLY) as (server, model):
        request = StructuredOutput(model, method=method).request(PROMPT, SCHEMA)
        pieces = [text for message in stream(model, request) if (text := chunk_text(message, request.method))]
    assert "".join(pieces) == REPLY
    assert len(pieces) > 10
    assert asked_by(server.requests[0]) == method


@pytest.mark.parametrize("method", METHODS)
async def test_each_method_brings_the_whole_reply_to_async_callers(method: Method) -> None:
    async with aserving(REPLY) as (server, model):
        request = StructuredOutput(model, method=method).request(PROMPT, SCHEMA)
        chunks = [chunk async for chunk in model._astream(request.messages, request.stop, **request.kwargs)]
    assert "".join(chunk_text(chunk, request.method) for chunk in chunks) == REPLY
    assert asked_by(server.requests[0]) == method


@pytest.mark.parametrize("method", METHODS)
def test_a_piece_arrives_before_the_next_is_written(method: Method) -> None:
    with serving(Answer(REPLY, hold_after=1)) as (server, model):
        request = StructuredOutput(model, method=method).request(PROMPT, SCHEMA)
        chunks = model._stream(request.messages, request.stop, **request.kwargs)
        first = next(text for chunk in chunks if (text := chunk_text(chunk, request.method)))
        server.go_on()
        rest = "".join(chunk_text(chunk, request.method) for chunk in chunks)
    assert first + rest == REPLY
    assert len(first) == server.piece_size
    assert not server.gave_up


async def test_a_piece_arrives_before_the_next_is_written_for_async_callers() -> None:
    async with aserving(Answer(REPLY, hold_after=1)) as (server, model):
        request = StructuredOutput(model).request(PROMPT, SCHEMA)
        texts = []
        async for chunk in model._astream(request.messages, request.stop, **request.kwargs):
            if text := chunk_text(chunk, request.method):
                texts.append(text)
                server.go_on()
    assert "".join(texts) == REPLY
    assert not server.gave_up


@pytest.mark.parametrize("method", METHODS)
def test_usage_arrives_once(method: Method) -> None:
    with serving(REPLY) as (server, model):
        request = StructuredOutput(model, method=method).request(PROMPT, SCHEMA)
        told = [m.usage_metadata for m in stream(model, request) if isinstance(m, AIMessageChunk) and m.usage_metadata]
    assert [usage["output_tokens"] for usage in told] == [-(-len(REPLY) // server.piece_size)]


def test_json_schema_is_strict() -> None:
    with serving(REPLY) as (server, model):
        ask(StructuredOutput(model))
    named = server.requests[0]["response_format"]["json_schema"]
    assert (named["name"], named["strict"], named["schema"]["required"]) == (
        "reply",
        True,
        SCHEMA["required"],
    )


def test_function_calling_is_strict_and_forced() -> None:
    with serving(REPLY) as (server, model):
        ask(StructuredOutput(model, method="function_calling"))
    body = server.requests[0]
    assert body["tools"][0]["function"]["strict"] is True
    assert body["tool_choice"] == {"type": "function", "function": {"name": "reply"}}


@pytest.mark.parametrize("method", ["json_mode", "prompt"])
def test_a_schema_that_the_method_does_not_carry_ends_the_system_message(method: Method) -> None:
    with serving(REPLY) as (server, model):
        ask(StructuredOutput(model, method=method))
    system, user = server.requests[0]["messages"]
    assert system["content"].startswith(PROMPT[0].text)
    assert json.loads(system["content"].split("<reply_schema>")[1].split("</reply_schema>")[0]) == SCHEMA
    assert user["content"] == PROMPT[1].text


def test_a_system_message_of_blocks_keeps_its_blocks() -> None:
    block = {"type": "text", "text": "Talk.", "cache_control": {"type": "ephemeral"}}
    output = StructuredOutput(FakeListChatModel(responses=[""]))
    sent = output.request([SystemMessage([block])], SCHEMA).messages[0].content
    assert isinstance(sent, list)
    assert (sent[0], len(sent)) == (block, 2)


def test_plain_text_is_asked_for_without_a_schema() -> None:
    with serving("Hello!") as (server, model):
        assert ask(StructuredOutput(model), schema=None) == "Hello!"
    assert asked_by(server.requests[0]) == "prompt"
    assert [message["content"] for message in server.requests[0]["messages"]] == [m.text for m in PROMPT]


@pytest.mark.parametrize(
    ("refuses", "methods"),
    [
        (("json_schema",), ["json_schema", "function_calling"]),
        (("json_schema", "tools"), ["json_schema", "function_calling", "json_mode"]),
        (("json_schema", "tools", "json_object"), list(METHODS)),
        (("tools",), ["json_schema"]),
    ],
    ids=["no schemas", "no tools either", "nothing", "no need"],
)
def test_a_refused_method_gives_way_to_the_next(refuses: tuple[Feature, ...], methods: list[str]) -> None:
    with serving(REPLY, refuses=refuses) as (server, model):
        assert ask(StructuredOutput(model)) == REPLY
    assert [asked_by(body) for body in server.requests] == methods


def test_a_refusal_is_remembered() -> None:
    with serving(REPLY, refuses=("json_schema", "tools")) as (server, model):
        output = StructuredOutput(model)
        ask(output)
        ask(output, dict(SCHEMA))
    assert [asked_by(body) for body in server.requests][-2:] == ["json_mode", "json_mode"]
    assert len(server.requests) == 4


def test_the_chain_starts_at_the_users_setting() -> None:
    with serving(REPLY, refuses=("tools",)) as (server, model):
        ask(StructuredOutput(model, method="function_calling"))
    assert [asked_by(body) for body in server.requests] == ["function_calling", "json_mode"]


def test_a_schema_that_strict_mode_refuses_takes_only_itself_down() -> None:
    with serving(REPLY) as (server, model):
        output = StructuredOutput(model)
        for schema in (NOT_STRICT, SCHEMA):
            assert ask(output, schema) == REPLY
    assert [asked_by(body) for body in server.requests] == [
        "json_schema",
        "function_calling",
        "json_mode",
        "json_schema",
    ]


def test_requests_that_fail_together_move_the_chain_once() -> None:
    with serving(REPLY, refuses=("json_schema",)) as (_, model):
        output = StructuredOutput(model)
        first, second = output.request(PROMPT, SCHEMA), output.request(PROMPT, SCHEMA)
        with pytest.raises(Exception, match="json_schema") as refusal:
            stream(model, first)
        assert output.downgrade(first, refusal.value)
        assert output.downgrade(second, refusal.value)
        assert output.request(PROMPT, SCHEMA).method == "function_calling"


def test_a_method_that_has_worked_is_refused_for_one_schema_only() -> None:
    output = StructuredOutput(ScriptedModel(replies=[]))
    output.note(output.request(PROMPT, SCHEMA), is_json=True)
    assert output.downgrade(output.request(PROMPT, NOT_STRICT), REFUSED)
    assert output.request(PROMPT, NOT_STRICT).method == "function_calling"
    assert output.request(PROMPT, SCHEMA).method == "json_schema"


def test_a_method_that_has_worked_without_tools_may_be_refused_with_them() -> None:
    output, tools, others = StructuredOutput(ScriptedModel(replies=[])), (find,), (find, find)
    output.note(output.request(PROMPT, SCHEMA), is_json=True)
    assert output.downgrade(output.request(PROMPT, SCHEMA, tools), REFUSED)
    assert output.request(PROMPT, SCHEMA, others).method == "function_calling"
    assert output.request(PROMPT, SCHEMA).method == "json_schema"


@pytest.mark.parametrize(
    ("are_json", "method"),
    [
        ([False], "json_schema"),
        ([False, False], "function_calling"),
        ([False, True, False], "json_schema"),
        ([False] * 4, "json_mode"),
        ([False] * 9, "prompt"),
    ],
    ids=["one", "two in a row", "two that are not in a row", "two twice", "to the end"],
)
def test_two_replies_in_a_row_that_are_no_json_bring_the_next_method(are_json: list[bool], method: Method) -> None:
    output = StructuredOutput(ScriptedModel(replies=[]))
    for is_json in are_json:
        output.note(output.request(PROMPT, SCHEMA), is_json=is_json)
    assert output.request(PROMPT, dict(SCHEMA)).method == method


def test_a_method_that_has_worked_is_left_for_one_schema_only() -> None:
    """A bad day in one state takes a method that works from no other."""
    output, other = StructuredOutput(ScriptedModel(replies=[])), dict(SCHEMA)
    for is_json in (True, False, False):
        output.note(output.request(PROMPT, SCHEMA), is_json=is_json)
    assert output.request(PROMPT, SCHEMA).method == "function_calling"
    assert output.request(PROMPT, other).method == "json_schema"


def test_replies_with_tools_count_for_themselves() -> None:
    output = StructuredOutput(ScriptedModel(replies=[]))
    for tools in ((find,), ()):
        output.note(output.request(PROMPT, SCHEMA, tools), is_json=False)
    assert output.request(PROMPT, SCHEMA).method == "json_schema"
    output.note(output.request(PROMPT, SCHEMA, (find,)), is_json=False)
    assert output.request(PROMPT, SCHEMA, (find,)).method == "function_calling"
    assert output.request(PROMPT, SCHEMA).method == "json_schema"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(401, "Incorrect API key provided: sk-test", "invalid_api_key"),
        Fault(404, "The model `gpt-9` does not exist", "model_not_found", "model"),
        Fault(429, "Rate limit reached", "rate_limit_exceeded", headers={"retry-after": "1"}),
        Fault(500, "The server had an error while processing the tools of your request"),
        Fault(400, "The maximum context length is 8192 tokens", "context_length_exceeded", "messages"),
        Fault(400, "Unsupported value: 'temperature' is not 1", "unsupported_value", "temperature"),
        Fault(400, "The prompt was filtered by the content management policy", "content_filter", "prompt"),
    ],
    ids=lambda fault: f"{fault.status} {fault.code}",
)
def test_another_failure_keeps_the_method(fault: Fault) -> None:
    with serving(fault, REPLY) as (server, model):
        output = StructuredOutput(model)
        with pytest.raises(Exception, match=r"Error code|context"):
            ask(output)
        assert ask(output) == REPLY
    assert [asked_by(body) for body in server.requests] == ["json_schema", "json_schema"]


def test_a_prompt_cannot_be_downgraded() -> None:
    output = StructuredOutput(FakeListChatModel(responses=[""]), method="prompt")
    assert not output.downgrade(output.request(PROMPT, SCHEMA), NotImplementedError())


def test_a_model_that_knows_no_structured_output_gets_a_prompt() -> None:
    output = StructuredOutput(FakeListChatModel(responses=[REPLY]))
    request = output.request(PROMPT, SCHEMA)
    assert (request.method, request.kwargs) == ("prompt", {})


@pytest.mark.filterwarnings("ignore:Cannot use method='json_schema'")
def test_a_model_that_only_calls_functions_is_asked_to() -> None:
    with serving(REPLY, model="gpt-4") as (server, model):
        assert ask(StructuredOutput(model)) == REPLY
    assert asked_by(server.requests[0]) == "function_calling"


def test_nothing_is_computed_twice_for_one_schema() -> None:
    output = StructuredOutput(ScriptedModel(replies=[]))
    assert output.request(PROMPT, SCHEMA).kwargs is output.request(PROMPT, SCHEMA).kwargs


def test_what_is_bound_to_the_model_is_sent() -> None:
    with serving(REPLY) as (server, model):
        ask(StructuredOutput(ModelCandidate(model, {"seed": 7}, stop=["END"])))
    assert (server.requests[0]["seed"], server.requests[0]["stop"]) == (7, ["END"])


@pytest.mark.parametrize(
    ("message", "method", "text"),
    [
        (AIMessageChunk(content="abc"), "json_schema", "abc"),
        (AIMessageChunk(content=[{"type": "text", "text": "ab", "index": 0}, "c"]), "prompt", "abc"),
        (AIMessageChunk(content=[{"type": "reasoning", "reasoning": "hm", "index": 0}]), "json_schema", ""),
        (AIMessageChunk(content=[{"type": "thinking", "thinking": "hm", "signature": "s"}]), "prompt", ""),
        (
            AIMessageChunk(content="", tool_call_chunks=[tool_call_chunk(name="reply", args='{"a', id="1", index=0)]),
            "function_calling",
            '{"a',
        ),
        (
            AIMessageChunk(content="", tool_call_chunks=[tool_call_chunk(name="reply", args=None, id="1", index=0)]),
            "function_calling",
            "",
        ),
        (AIMessageChunk(content='{"a": 1}'), "function_calling", '{"a": 1}'),
        (
            AIMessage("", tool_calls=[{"name": "reply", "args": {"a": "é"}, "id": "1"}]),
            "function_calling",
            '{"a": "é"}',
        ),
    ],
    ids=[
        "text",
        "blocks",
        "reasoning",
        "thinking",
        "arguments",
        "no arguments yet",
        "JSON as content",
        "a whole call",
    ],
)
def test_a_chunks_text_is_what_it_adds_to_the_reply(message: BaseMessage, method: Method, text: str) -> None:
    assert chunk_text(message, method) == text


def test_a_states_reply_schema_fits_strict_mode() -> None:
    keys: dict[str, Any] = {
        "name": {"type": "string", "pattern": "^[A-Z]", "description": "Full name"},
        "age": {"type": "integer", "minimum": 0, "maximum": 130},
        "email": {"type": "string", "format": "email"},
        "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
        "address": {"type": "object"},
        "size": {"enum": ["small", 2, None]},
        "anything": {},
    }
    definition = FSMDefinition.model_validate(
        {
            "name": "Every kind of key",
            "description": "d",
            "initial_state": "ask",
            "context": keys,
            "states": {
                "ask": {
                    "id": "ask",
                    "description": "d",
                    "purpose": "p",
                    "required_context_keys": list(keys)[:-1],
                    "transitions": [{"target_state": "end", "description": "d"}],
                },
                "end": {"id": "end", "description": "d", "purpose": "p", "transitions": []},
            },
        }
    )
    schema = reply_schema(definition, definition.states["ask"], reasoning=True)
    assert strict_schema_fault(schema) is None

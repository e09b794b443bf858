"""Tools with the real `ChatOpenAI`, over HTTP, against a local server that streams calls and can refuse them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, interrupt
from machines import AT_ONCE, CONFIG, FORM, Json, machine, reply, state, to
from openai_server import Answer, Body, Fault, Feature, OpenAIServer, Script, aclose, close
from orders import ORDERS, SHOP, with_tool

from fsm_langgraph import FSMInput, Graph, ModelError, ReplyError, compile_fsm
from fsm_langgraph.models.arguments import METHODS, Method

MESSAGE = "Your order is on its way, it will be there tomorrow."
REPLY = json.dumps(reply("track", MESSAGE, order=None))
FIND = Answer("Let me look that up.", calls=(("find", '{"order": "7"}'),))
QUESTION: FSMInput = {"messages": [("user", "Where is order 7?")]}

# It is right that langchain-openai warns of a refusal; these tests are about what comes after.
pytestmark = pytest.mark.filterwarnings("ignore:(This model does not support|Invalid schema for):UserWarning")


@contextmanager
def conversing(
    script: Script, *, refuses: tuple[Feature, ...] = (), definition: Json = ORDERS, **options: Any
) -> Iterator[tuple[OpenAIServer, Graph]]:
    """A graph whose model is behind a server."""
    with OpenAIServer(script, refuses=refuses) as server:
        model = server.chat_model()
        options = {"tools": SHOP, "checkpointer": InMemorySaver(), "retry_policy": AT_ONCE, **options}
        yield server, compile_fsm(definition, model, **options)
        close(model)


def messages(graph: Graph) -> list[str]:
    stream: Any = graph.stream(QUESTION, CONFIG, stream_mode="messages")
    return [chunk.text for chunk, _ in stream if chunk.text]


def typed_parts(graph: Graph) -> list[str]:
    parts = graph.stream(QUESTION, CONFIG, stream_mode=["messages", "values"], version="v2")
    return [text for part in parts if part["type"] == "messages" and (text := part["data"][0].text)]


def third_protocol(graph: Graph) -> list[str]:
    run = graph.stream_events(QUESTION, CONFIG, version="v3")
    return [piece for stream in run.messages for piece in stream.text]


STREAMS: Sequence[Callable[[Graph], list[str]]] = (messages, typed_parts, third_protocol)


def asked_by(body: Body) -> str:
    """Say how a request asks for a reply, and whether it offers tools."""
    names = [tool["function"]["name"] for tool in body.get("tools", ())]
    kinds = {"json_schema": "json_schema", "json_object": "json_mode"}
    how = kinds.get(
        body.get("response_format", {}).get("type", ""), "function_calling" if "reply" in names else "prompt"
    )
    return how + (" with tools" if "find" in names else "")


def record(graph: Graph) -> Json:
    return dict(graph.get_state(CONFIG).values["last_turn"])


@pytest.mark.filterwarnings("ignore:The v3 streaming protocol")
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("method", METHODS)
def test_every_stream_shows_the_message_in_pieces_and_nothing_of_the_tools(
    method: Method, stream: Callable[[Graph], list[str]]
) -> None:
    with conversing([FIND, REPLY], structured_output=method) as (server, graph):
        pieces = stream(graph)

        assert "".join(pieces) == MESSAGE
        assert len(pieces) > 5
        assert [asked_by(body) for body in server.requests] == [f"{method} with tools"] * 2
        assert record(graph)["tool_calls"] == [{"state": "track", "tool": "find", "error": ""}]


@pytest.mark.parametrize("method", METHODS)
async def test_an_awaited_turn_shows_the_same(method: Method) -> None:
    with OpenAIServer([FIND, REPLY]) as server:
        model = server.chat_model()
        graph = compile_fsm(ORDERS, model, tools=SHOP, checkpointer=InMemorySaver(), structured_output=method)
        stream: Any = graph.astream(QUESTION, CONFIG, stream_mode="messages")
        pieces = [chunk.text async for chunk, _ in stream if chunk.text]
        await aclose(model)

        assert "".join(pieces) == MESSAGE
        assert len(pieces) > 5


def test_the_provider_gets_its_call_back_with_the_answer() -> None:
    with conversing([FIND, REPLY]) as (server, graph):
        graph.invoke(QUESTION, CONFIG)

        *_, asked, answered = server.requests[1]["messages"]
        assert asked["content"] == FIND.text
        assert [call["function"] for call in asked["tool_calls"]] == [{"name": "find", "arguments": '{"order": "7"}'}]
        assert answered == {
            "role": "tool",
            "tool_call_id": asked["tool_calls"][0]["id"],
            "content": "Order 7 is on its way.",
        }


def test_several_calls_of_one_answer_are_all_answered() -> None:
    both = Answer("", calls=(("find", '{"order": "1"}'), ("pay", "{}")))
    with conversing([both, REPLY]) as (server, graph):
        graph.invoke(QUESTION, CONFIG)

        answers = [message["content"] for message in server.requests[1]["messages"] if message["role"] == "tool"]
        assert answers == ["Order 1 is on its way.", "Error: there is no such tool here, only find, cancel."]


def test_a_reply_is_one_of_the_functions_that_must_be_called() -> None:
    with conversing([FIND, REPLY], structured_output="function_calling") as (server, graph):
        graph.invoke(QUESTION, CONFIG)

        body = server.requests[0]
        assert [tool["function"]["name"] for tool in body["tools"]] == ["reply", "find", "cancel"]
        assert (body["tool_choice"], body["parallel_tool_calls"]) == ("required", False)
        assert [tool["function"].get("strict", False) for tool in body["tools"]] == [True, False, False]


@pytest.mark.parametrize("method", METHODS)
def test_a_model_that_calls_tools_as_long_as_it_can_ends_with_the_limit(method: Method) -> None:
    def obsessed(body: Body) -> Any:
        return FIND if "find" in json.dumps(body.get("tools", ())) else REPLY

    with conversing(obsessed, structured_output=method) as (server, graph):
        assert "".join(messages(graph)) == MESSAGE
        assert [asked_by(body) for body in server.requests] == [f"{method} with tools"] * 3 + [method]
        assert {message["role"] for message in server.requests[-1]["messages"]} == {"system", "user"}


def test_a_model_that_calls_tools_that_it_was_not_offered_has_no_usable_reply() -> None:
    with conversing([FIND]) as (server, graph), pytest.raises(ReplyError):
        graph.invoke(QUESTION, CONFIG)
    assert len(server.requests) == 5


def test_speech_is_shown_where_no_call_follows_it() -> None:
    with conversing([FIND, MESSAGE]) as (_, graph):
        stream: Any = graph.stream({"messages": []}, CONFIG, stream_mode="messages")
        assert "".join(chunk.text for chunk, _ in stream) == MESSAGE


@pytest.mark.parametrize(
    ("refuses", "methods"),
    [
        (("json_schema",), ["json_schema with tools", "function_calling with tools", "function_calling with tools"]),
        (
            ("json_schema", "json_object", "tools with a format"),
            ["json_schema with tools", "function_calling with tools", "function_calling with tools"],
        ),
        (
            ("tools with a format",),
            ["json_schema with tools", "function_calling with tools", "function_calling with tools"],
        ),
    ],
    ids=["no schemas", "no formats", "not together"],
)
def test_a_refused_method_gives_way_to_the_next(refuses: tuple[Feature, ...], methods: list[str]) -> None:
    with conversing([FIND, REPLY], refuses=refuses, structured_output="json_schema") as (server, graph):
        assert "".join(messages(graph)) == MESSAGE
        assert [asked_by(body) for body in server.requests] == methods


def test_what_is_refused_with_tools_is_still_asked_for_without() -> None:
    definition = machine(
        state("ask", to("track", "order"), required_context_keys=["order"], calls="one"),
        state("track", to("ask", "again"), to("done", "x"), tools=["find"]),
        state("done"),
    )
    stay = json.dumps(reply("ask", "Which order?", order=None))
    with conversing(
        [json.dumps(reply("track", "…", order="7")), FIND, "On its way.", REPLY, stay],
        refuses=("tools with a format",),
        definition=definition,
        structured_output="json_schema",
    ) as (server, graph):
        graph.invoke(QUESTION, CONFIG)
        graph.invoke(QUESTION, CONFIG)
        graph.update_state(CONFIG, {"current_state": "ask"}, as_node="ask")
        graph.invoke(QUESTION, CONFIG)

        assert [asked_by(body) for body in server.requests] == [
            *("json_schema", "prompt with tools", "prompt with tools"),
            *("json_schema with tools", "function_calling with tools", "json_schema"),
        ]


def test_a_model_that_takes_no_tools_is_told_by_its_provider() -> None:
    with conversing([REPLY], refuses=("tools",)) as (server, graph):
        with pytest.raises(ModelError, match="tools is not supported in this model") as told:
            graph.invoke(QUESTION, CONFIG)
        assert not told.value.transient
        assert [asked_by(body) for body in server.requests] == ["function_calling with tools", "prompt with tools"]


@pytest.mark.parametrize(
    "fault", [Fault(500, "oops", kind="server_error"), Answer("{", cut_after=1)], ids=["500", "cut"]
)
def test_a_fault_between_the_calls_is_not_noticed(fault: Any) -> None:
    with conversing([FIND, fault, FIND, REPLY]) as (_, graph):
        assert "".join(messages(graph)) == MESSAGE


def test_a_stream_that_is_cut_within_a_call_calls_nothing() -> None:
    called: list[str] = []
    cut = Answer("", calls=(("find", '{"order": "7"}'),), cut_after=3)
    with conversing([cut, REPLY], tools=with_tool("find", called.append)) as (_, graph):
        assert "".join(messages(graph)) == MESSAGE
    assert called == []


def test_usage_is_counted_for_every_call() -> None:
    with conversing([FIND, REPLY]) as (_, graph):
        graph.invoke(QUESTION, CONFIG)
        assert all(call["output_tokens"] > 0 and call["input_tokens"] > 0 for call in record(graph)["model_calls"])


def test_an_approval_in_a_tool_holds_the_turn_until_a_person_has_answered() -> None:
    def find(order: str) -> str:
        return f"{order}: {interrupt('May it?')}"

    with conversing([FIND, REPLY], tools=with_tool("find", find)) as (server, graph):
        asked: Any = graph.invoke(QUESTION, CONFIG)
        assert asked["__interrupt__"][0].value == "May it?"
        resumed: Any = graph.stream(Command(resume="yes"), CONFIG, stream_mode="messages")
        assert "".join(chunk.text for chunk, _ in resumed) == MESSAGE
        assert server.requests[-1]["messages"][-1]["content"] == "7: yes"


def test_states_without_tools_are_offered_none() -> None:
    with conversing([json.dumps(reply("ask_email", "Your e-mail?", name="Ann"))], definition=FORM) as (server, graph):
        graph.invoke({"messages": [("user", "Ann")]}, CONFIG)
        assert [asked_by(body) for body in server.requests] == ["json_schema"]


def test_the_schema_is_strict_and_the_tools_are_as_their_authors_wrote_them() -> None:
    with conversing([FIND, REPLY], structured_output="json_schema") as (server, graph):
        graph.invoke(QUESTION, CONFIG)
        assert server.requests[0]["response_format"]["json_schema"]["strict"] is True
        assert "strict" not in server.requests[0]["tools"][0]["function"]

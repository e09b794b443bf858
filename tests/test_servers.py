"""Which servers may forbid tools by a schema, and how a state with tools is asked there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_openai import AzureChatOpenAI, ChatOpenAI
from machines import DRIVERS, Drive, Talk, reply
from openai_server import Answer, OpenAIServer, Reaction, close
from orders import SHOP
from pydantic import SecretStr

from fsm_langgraph.models.arguments import Method
from fsm_langgraph.models.candidates import ModelCandidate
from fsm_langgraph.models.scripted import ScriptedModel
from fsm_langgraph.models.servers import forbids_tools_with_schema
from fsm_langgraph.models.structured import StructuredOutput

GRAPHS = Path(__file__).parent.parent / "graphs"
KEY = SecretStr("sk-test")
SCHEMA = {"title": "reply", "type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]}


def openai(base_url: str | None = None) -> ChatOpenAI:
    return ChatOpenAI(model="gpt-4o-mini", api_key=KEY, base_url=base_url)


def azure() -> AzureChatOpenAI:
    return AzureChatOpenAI(
        azure_endpoint="https://my.openai.azure.com", azure_deployment="x", api_version="2025-01-01", api_key=KEY
    )


class WithAddress(ScriptedModel):
    """A class that the table of providers does not have, with an address."""

    base_url: Any = None


@pytest.mark.parametrize(
    ("model", "forbids"),
    [
        pytest.param(openai(), False, id="OpenAI itself"),
        pytest.param(openai("https://eu.api.openai.com/v1"), False, id="a region of OpenAI's"),
        pytest.param(azure(), False, id="Azure"),
        pytest.param(openai("https://api.groq.com/openai/v1"), False, id="another provider's own host"),
        pytest.param(openai("http://127.0.0.1:8080/v1"), True, id="a local server"),
        pytest.param(openai("https://models.example.com/v1"), True, id="a gateway"),
        pytest.param(openai("https://notopenai.com/v1"), True, id="a host that only ends like a provider's"),
        pytest.param(ScriptedModel(replies=[]), False, id="no server at all"),
        pytest.param(
            WithAddress(replies=[], base_url="http://localhost:1"), True, id="an address of a class that is not known"
        ),
        pytest.param(
            WithAddress(replies=[], base_url={"api_endpoint": "https://x.googleapis.com"}),
            False,
            id="an address in Google's form",
        ),
    ],
)
def test_a_server_is_known_by_its_address(model: BaseChatModel, forbids: bool) -> None:
    assert forbids_tools_with_schema(model) is forbids


@pytest.mark.parametrize(
    ("given", "base_url", "methods"),
    [
        (None, "http://127.0.0.1:1/v1", ["json_schema", "function_calling"]),
        (None, None, ["json_schema", "json_schema"]),
        ("json_schema", "http://127.0.0.1:1/v1", ["json_schema", "json_schema"]),
        ("json_mode", "http://127.0.0.1:1/v1", ["json_mode", "json_mode"]),
    ],
    ids=["not known", "known", "the user's schema", "the user's JSON mode"],
)
def test_a_state_with_tools_is_asked_by_functions_where_the_server_is_not_known(
    given: Method | None, base_url: str | None, methods: list[Method]
) -> None:
    output = StructuredOutput(ModelCandidate(openai(base_url)), method=given)
    assert [output.request([], SCHEMA, tools).method for tools in ((), tuple(SHOP))] == methods


def test_a_server_that_refuses_functions_too_is_told_the_schema_in_words() -> None:
    output = StructuredOutput(ModelCandidate(openai("http://127.0.0.1:1/v1")))
    tools = tuple(SHOP)
    assert output.downgrade(output.request([], SCHEMA, tools), NotImplementedError())
    request = output.request([], SCHEMA, tools)
    assert (request.method, "response_format" in json.dumps(request.kwargs, default=str)) == ("prompt", False)
    assert output.request([], SCHEMA).method == "json_schema"


def test_a_plain_message_with_tools_is_asked_for_as_ever() -> None:
    with OpenAIServer() as server:
        model = server.chat_model()
        request = StructuredOutput(ModelCandidate(model)).request([], None, tuple(SHOP))
        assert (request.method, sorted(request.kwargs)) == ("prompt", ["tools"])
        close(model)


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_order_desk_calls_its_tools_through_a_server_that_holds_to_the_schema(drive: Drive) -> None:
    look_up = Answer("", calls=(("order_status", '{"order_number": "L-1001"}'),))
    script: list[Reaction] = [
        "Welcome to the lamp shop!",
        json.dumps(reply("track", "…")),
        "What is the number of your order?",
        look_up,
        json.dumps(reply("tracked", "…", order_number="L-1001")),
        "It is on its way. Thank you for your patience!",
    ]
    with OpenAIServer(script, holds_to_schema=True) as server:
        server.keeps_connections = False  # each awaited turn has an event loop of its own
        model = server.chat_model()
        talk = Talk(GRAPHS / "order_desk" / "fsm.json", drive=drive, model=model, handlers="beside")
        talk.say()
        talk.say("Where is my order?")

        talk.say("It is L-1001")

        assert talk.values["last_turn"]["tool_calls"] == [{"state": "track", "tool": "order_status", "error": ""}]
        assert talk.values["current_state"] == "tracked"
        close(model)

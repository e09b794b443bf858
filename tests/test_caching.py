"""Providers that take a mark are told what to remember of a prompt, and no other is told anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

import pytest
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_core.tools import tool
from machines import DRIVERS, FORM, SHOP, Drive, Talk, machine, reply, state, to
from openai_server import OpenAIServer, close
from pydantic import SecretStr

from fsm_langgraph import ScriptedModel
from fsm_langgraph.models.arguments import METHODS, Method
from fsm_langgraph.models.caching import cache_key, cache_mark, marked
from fsm_langgraph.models.candidates import ModelCandidate
from fsm_langgraph.models.structured import StructuredOutput
from fsm_langgraph.prompts.prompt import Mode, Prompts

PROMPT: list[BaseMessage] = [
    SystemMessage("<task>\nTalk.\n</task>\n<context>\n{}\n</context>\n</fsm>"),
    HumanMessage("Hi"),
]
SCHEMA: dict[str, Any] = {"title": "reply", "type": "object", "properties": {"message": {"type": "string"}}}
OPENAI = "https://api.openai.com/v1"


class Anthropic(ScriptedModel):
    """A scripted model that says who its provider is."""

    def _get_ls_params(self, stop: list[str] | None = None, **_: Any) -> Any:  # noqa: ARG002 - LangChain's signature
        return {"ls_provider": "anthropic", "ls_model_type": "chat"}


def chat(**options: Any) -> Any:
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(model="gpt-4o", api_key=SecretStr("sk-test"), **options)


def azure() -> Any:
    from langchain_openai import AzureChatOpenAI

    return AzureChatOpenAI(
        azure_deployment="d", azure_endpoint="https://x.openai.azure.com", api_version="1", api_key=SecretStr("sk-test")
    )


@contextmanager
def openai_itself(*script: str, **options: Any) -> Iterator[tuple[OpenAIServer, Any]]:
    """A client of OpenAI's own address, whose requests a local server gets."""
    import httpx

    with OpenAIServer(script) as server:
        here = httpx.URL(server.base_url)

        class Detour(httpx.HTTPTransport):
            def handle_request(self, request: httpx.Request) -> httpx.Response:
                request.url = request.url.copy_with(scheme=here.scheme, host=here.host, port=here.port)
                return super().handle_request(request)

        client = httpx.Client(transport=Detour(), trust_env=False)
        model = chat(base_url=OPENAI, http_client=client, max_retries=0, stream_usage=True, **options)
        yield server, model
        close(model)


def blocks(messages: list[BaseMessage]) -> list[dict[str, Any]]:
    """The blocks of the system message."""
    return [block for block in messages[0].content if isinstance(block, dict)]


# Who is told what.


@pytest.mark.parametrize(
    ("model", "kwargs", "mark"),
    [
        pytest.param(chat(base_url=OPENAI), {}, "prompt_cache_key", id="OpenAI"),
        pytest.param(chat(base_url="https://eu.api.openai.com/v1"), {}, "prompt_cache_key", id="OpenAI in Europe"),
        pytest.param(chat(base_url="http://127.0.0.1:8000/v1"), {}, None, id="a compatible server"),
        pytest.param(chat(base_url="https://api.openai.com.example/v1"), {}, None, id="a name that looks like it"),
        pytest.param(azure(), {}, None, id="Azure"),
        pytest.param(chat(base_url=OPENAI), {"prompt_cache_key": "mine"}, None, id="a key that is bound"),
        pytest.param(chat(base_url=OPENAI), {"extra_body": {"prompt_cache_key": "x"}}, None, id="one in the body"),
        pytest.param(chat(base_url=OPENAI, model_kwargs={"prompt_cache_key": "x"}), {}, None, id="one of the model's"),
        pytest.param(chat(base_url=OPENAI, extra_body={"prompt_cache_key": "x"}), {}, None, id="one in its body"),
        pytest.param(Anthropic(replies=[]), {}, "cache_control", id="Anthropic"),
        pytest.param(ScriptedModel(replies=[]), {}, None, id="another provider"),
    ],
)
def test_a_provider_is_told_what_it_reads(model: Any, kwargs: dict[str, Any], mark: str | None) -> None:
    assert cache_mark(ModelCandidate(model, kwargs)) == mark


# OpenAI.


@pytest.mark.parametrize("options", [{}, {"use_responses_api": True}], ids=["chat completions", "responses"])
@pytest.mark.parametrize("method", METHODS)
def test_openai_gets_the_key_by_every_method(method: Method, options: dict[str, Any]) -> None:
    model = chat(base_url=OPENAI, **options)

    request = StructuredOutput(model, method=method).request(PROMPT, SCHEMA, cache_key="k")

    assert model._get_request_payload(request.messages, stop=None, **request.kwargs)["prompt_cache_key"] == "k"


def test_openai_is_sent_one_key_for_each_state_whoever_the_user_is() -> None:
    replies = [reply("ask_email", name="Ann"), reply("ask_email", email=None)]
    keys: list[list[str]] = []
    for _ in range(2):
        with openai_itself("Welcome!", *map(json.dumps, replies)) as (server, model):
            talk = Talk(FORM, model=model)
            for words in ("", "Ann", "Well", "Hm"):
                talk.say(words)
        keys.append([body["prompt_cache_key"] for body in server.requests])

    assert keys[0] == keys[1]
    assert [keys[0].index(key) for key in keys[0]] == [0, 0, 2, 2]


def test_openai_is_sent_the_key_with_tools() -> None:
    @tool
    def find(name: str) -> str:
        """Find somebody."""
        return name

    with openai_itself("Welcome!") as (server, model):
        Talk(machine(state("ask", tools=["find"])), model=model, tools=[find]).say()

    assert server.requests[0]["prompt_cache_key"] == cache_key("test", "ask")
    assert server.requests[0]["tools"]


def test_a_compatible_server_is_sent_nothing_of_it() -> None:
    with OpenAIServer() as server:
        model = server.chat_model()
        Talk(FORM, model=model).say()
        close(model)

    (body,) = server.requests
    assert "prompt_cache_key" not in body
    assert "cache_control" not in json.dumps(body)


def test_a_key_is_short_whatever_the_names() -> None:
    """OpenAI refuses keys of more than 64 characters."""
    assert len(cache_key("name" * 100, "state\ud800")) <= 64


def test_other_names_make_another_key() -> None:
    assert len({cache_key("a", "bc"), cache_key("ab", "c"), cache_key("abc")}) == 3


def test_a_key_is_the_same_in_every_process() -> None:
    assert cache_key("shop", "cart") == "fsm-1693a494bee9b6ff4d93d0d201e5e3dd"


# Anthropic.


@pytest.mark.parametrize("drive", DRIVERS)
def test_anthropic_gets_what_does_not_change_as_a_block_of_its_own(drive: Drive) -> None:
    model = Anthropic(replies=["Welcome!", reply("ask_name", name=None), reply("ask_email", "E-mail?", name="Ann")])
    plain = Talk(FORM, model.replies, drive)
    talk = Talk(FORM, drive=drive, model=model)
    for words in ("", "Hm", "Ann"):
        talk.say(words)
        plain.say(words)

    contents: list[Any] = [call.messages[0].content for call in model.calls]
    marks = [[block.get("cache_control") for block in content] for content in contents]
    assert marks == [[{"type": "ephemeral"}, None]] * 3
    assert contents[1][0] == contents[2][0]
    assert all(content[1]["text"].startswith("\n<context>\n") for content in contents)
    assert [block["text"] + rest["text"] for block, rest in contents] == plain.prompts


@pytest.mark.parametrize("method", METHODS)
def test_anthropic_remembers_the_text_of_a_schema_too(method: Method) -> None:
    sent = StructuredOutput(Anthropic(replies=[]), method=method).request(PROMPT, SCHEMA).messages

    stable, changing = blocks(sent)
    assert ("<reply_schema>" in stable["text"]) is (method in ("json_mode", "prompt"))
    assert changing == {"type": "text", "text": "\n<context>\n{}\n</context>\n</fsm>"}
    assert sent[1:] == PROMPT[1:]


@pytest.mark.parametrize("mode", get_args(Mode))
def test_no_text_of_a_users_moves_the_end_of_what_is_remembered(mode: Mode) -> None:
    from fsm_langgraph.loading import load_definition

    definition = load_definition(machine(state("ask", to("done"), instructions="{{a}}\n<context>\n"), state("done")))
    prompts = Prompts(definition, definition.states["ask"])
    hostile: dict[str, Any] = {"a": "\n<context>\n"}

    prompt = prompts.build(mode, hostile, [HumanMessage("\n<context>\n")], this_turn=hostile)

    stable, changing = blocks(marked(prompt))
    assert "</purpose>" in stable["text"]
    assert "<context>" not in stable["text"]
    assert changing["text"].startswith("\n<context>\n")


@pytest.mark.parametrize(
    "messages",
    [
        pytest.param([], id="no messages"),
        pytest.param([HumanMessage("Hi")], id="no system message"),
        pytest.param([SystemMessage("Talk."), HumanMessage("Hi")], id="no prompt of a state's"),
        pytest.param([SystemMessage([{"type": "text", "text": "Talk."}])], id="one of blocks"),
    ],
)
def test_other_messages_are_left_as_they_are(messages: list[BaseMessage]) -> None:
    assert marked(messages) == messages


# The others.


def test_the_text_of_a_schema_stands_before_what_changes_from_turn_to_turn() -> None:
    """Servers that remember beginnings unasked read it once."""
    output = StructuredOutput(ScriptedModel(replies=[]), method="prompt")

    system = str(output.request(PROMPT, SCHEMA).messages[0].content)

    assert system.startswith("<task>\nTalk.\n</task>\n")
    assert system.endswith("\n</reply_schema>\n<context>\n{}\n</context>\n</fsm>")


def test_a_model_of_another_provider_gets_the_prompt_as_it_is() -> None:
    talk = Talk(SHOP, ["Welcome!"])
    talk.say()

    assert isinstance(talk.model.calls[0].messages[0].content, str)

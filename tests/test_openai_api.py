"""langchain-openai's requests are sent without the SDK's beta helper, and mean the same."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI
from openai_server import OpenAIServer, close
from pydantic import SecretStr

from fsm_langgraph.models.candidates import ModelCandidate
from fsm_langgraph.models.openai_api import hearing_refusals, sent_plainly, warm_up
from fsm_langgraph.models.structured import StructuredOutput

FORMAT = {"response_format": {"type": "json_object"}}


class OtherChat(ChatOpenAI):
    """A class of another package's, which may do anything to a request."""


def chat(kind: type[ChatOpenAI] = ChatOpenAI, **options: Any) -> ChatOpenAI:
    return kind(model="gpt-4o", api_key=SecretStr("sk-test"), **options)


def test_the_users_extra_body_is_kept() -> None:
    with OpenAIServer(['{"message": "hi"}']) as server:
        model = server.chat_model(extra_body={"top_k": 1, "min_p": 0.1})
        output = StructuredOutput(ModelCandidate(model, {"extra_body": {"top_k": 2}}), method="json_mode")
        request = output.request([HumanMessage("JSON")], {"title": "reply", "type": "object"})
        list(model._stream(request.messages, request.stop, **request.kwargs))
        close(model)
    body = server.requests[0]
    assert (body["top_k"], body["min_p"], body["response_format"]["type"]) == (2, 0.1, "json_object")


@pytest.mark.parametrize(
    ("model", "kwargs"),
    [
        (chat(OtherChat), FORMAT),
        (chat(use_responses_api=True), FORMAT),
        (chat(), {**FORMAT, "reasoning": {"effort": "low"}}),
        (chat(), {"tools": []}),
        (FakeListChatModel(responses=[]), FORMAT),
    ],
    ids=[
        "a class of others",
        "the other API",
        "an argument of the other API",
        "no format",
        "no OpenAI model",
    ],
)
def test_where_it_might_not_mean_the_same_nothing_changes(model: Any, kwargs: dict[str, Any]) -> None:
    assert sent_plainly(model, kwargs) == kwargs


def test_a_first_request_needs_no_slow_import() -> None:
    code = """
from fsm_langgraph.models.structured import StructuredOutput
from langchain_core.messages import HumanMessage
from openai_server import OpenAIServer, close
import sys
with OpenAIServer(['{}']) as server:
    model = server.chat_model()
    schema = {'title': 'reply', 'type': 'object', 'properties': {}}
    request = StructuredOutput(model).request([HumanMessage('hi')], schema)
    list(model._stream(request.messages, request.stop, **request.kwargs))
    close(model)
print('openai.resources.beta' in sys.modules)
"""
    assert _run(code) == "False"


def test_warming_up_imports_what_other_classes_need() -> None:
    code = """
from fsm_langgraph.models.openai_api import warm_up
from langchain_openai import ChatOpenAI
import sys
class Other(ChatOpenAI): ...
warm_up(Other(model='m', api_key='k'))
print('openai.resources.beta' in sys.modules)
"""
    assert _run(code) == "True"


def test_any_model_can_be_warmed_up() -> None:
    warm_up(FakeListChatModel(responses=[]))


def _run(code: str) -> str:
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  our own code
    return ran.stdout.strip()


@pytest.mark.parametrize("model", [chat(OtherChat), FakeListChatModel(responses=[])], ids=["a class of others", "none"])
def test_only_a_class_of_its_own_is_listened_to(model: Any) -> None:
    assert hearing_refusals(model) is model


def test_a_model_that_is_listened_to_stays_as_it_was() -> None:
    model = chat()
    client = model.client
    heard = hearing_refusals(model)
    assert (type(heard), model.client) == (ChatOpenAI, client)
    assert heard.client.with_raw_response is not None  # type: ignore[attr-defined]  # as the class declares no client


def test_a_call_that_does_not_stream_passes_by() -> None:
    with OpenAIServer(["Hello!"]) as server:
        model = server.chat_model()
        assert hearing_refusals(model).invoke("hi").text == "Hello!"
        close(model)

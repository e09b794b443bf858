"""A model's name, the environment and the options decide which model is made."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.runnables import RunnableLambda
from langchain_openai import ChatOpenAI
from machines import FORM
from openai_server import OpenAIServer, close
from real_time import WAIT
from typer.testing import CliRunner

from fsm_langgraph import LLM_FSM, Deadlines, compile_fsm
from fsm_langgraph.cli import app
from fsm_langgraph.errors import ModelSetupError
from fsm_langgraph.models import choice
from fsm_langgraph.models.choice import OFFLINE_NAME, make_model, model_name
from fsm_langgraph.models.scripted import ScriptedModel
from fsm_langgraph.offline import OfflineModel


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("gpt-4o", "gpt-4o"),
        ("openai:gpt-4o-mini", "gpt-4o-mini"),
        (" o3-mini ", "o3-mini"),
        ("ft:gpt-4o-mini:acme::abc123", "ft:gpt-4o-mini:acme::abc123"),
    ],
)
def test_a_name_of_openais_makes_its_model(name: str, meant: str) -> None:
    model = make_model(name, api_key="sk-test", timeout=3)
    assert isinstance(model, ChatOpenAI)
    assert (model.model_name, model.stream_usage, model.request_timeout) == (meant, True, 3)


@pytest.mark.parametrize(
    ("deadlines", "seconds"),
    [
        (None, 120),
        (Deadlines(turn=20), 21),
        (Deadlines(first_token=30, between_tokens=5), 31),
        (Deadlines(between_tokens=5), 121),
    ],
)
@pytest.mark.parametrize("name", ["gpt-4o", "openai:gpt-4o", "anthropic:claude-haiku-4-5", "groq:qwen/qwen3-32b"])
def test_a_client_that_is_made_here_waits_no_longer_than_a_turn(
    name: str, deadlines: Deadlines | None, seconds: float
) -> None:
    model: Any = make_model(name, api_key="sk-test", deadlines=deadlines)
    field = "default_request_timeout" if name.startswith("anthropic") else "request_timeout"
    assert getattr(model, field) == seconds


def test_options_reach_the_model() -> None:
    model = make_model("gpt-4o", api_key="sk-test", temperature=0.0, stream_usage=False)
    assert isinstance(model, ChatOpenAI)
    assert (model.temperature, model.stream_usage) == (0.0, False)


def test_a_model_is_returned_as_it_is() -> None:
    model = FakeListChatModel(responses=["hi"]).with_fallbacks([FakeListChatModel(responses=["ho"])])
    assert make_model(model) is model


@pytest.mark.parametrize("name", ["offline", None])
def test_without_a_key_the_model_is_offline(name: str | None) -> None:
    assert isinstance(make_model(name, temperature=0.7), OfflineModel)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What is logged of models, in a process that has logged nothing yet."""
    choice._tell_offline.cache_clear()
    with caplog.at_level(logging.WARNING, "fsm_langgraph.model"):
        yield caplog
    choice._tell_offline.cache_clear()


def test_it_is_logged_once_that_nobody_chose_a_model(log: pytest.LogCaptureFixture) -> None:
    compile_fsm(FORM)
    LLM_FSM(FORM)
    make_model(" ")
    assert len(log.messages) == 1
    assert log.messages[0].startswith("No model was named and there is no OPENAI_API_KEY, so the offline rules answer")
    assert "FSM_LANGGRAPH_MODEL: 'openai:gpt-4o-mini', say, or 'offline'" in log.messages[0]


@pytest.mark.parametrize(
    ("model", "environment"),
    [("offline", {}), (None, {"FSM_LANGGRAPH_MODEL": "offline"}), (None, {"OPENAI_API_KEY": "sk-test"})],
    ids=["named", "named by the environment", "a key"],
)
def test_a_choice_is_not_logged(
    log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, model: str | None, environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    LLM_FSM(FORM, model)
    assert log.messages == []


def test_the_command_line_tells_the_model_itself(log: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    file = tmp_path / "form.json"
    file.write_text(json.dumps(FORM), encoding="utf-8")
    done = CliRunner().invoke(app, ["run", str(file)], input="")
    assert (done.exit_code, log.messages) == (0, [])
    assert OFFLINE_NAME in done.output


@pytest.mark.parametrize(
    ("environment", "api_key", "named"),
    [
        ({"OPENAI_API_KEY": "sk-test"}, None, "openai:gpt-4o-mini"),
        ({}, "sk-test", "openai:gpt-4o-mini"),
        ({"OPENAI_API_KEY": "sk-test", "FSM_LANGGRAPH_MODEL": "gpt-4.1"}, None, "openai:gpt-4.1"),
        (
            {"OPENAI_API_KEY": "sk-test", "FSM_LANGGRAPH_MODEL": "offline"},
            None,
            OFFLINE_NAME,
        ),
        ({"FSM_LANGGRAPH_MODEL": ""}, None, OFFLINE_NAME),
    ],
    ids=["a key", "a key as argument", "a name before a key", "offline before a key", "an empty name"],
)
def test_the_environment_chooses_where_no_model_is_named(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], api_key: str | None, named: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert model_name(make_model(api_key=api_key)) == named


@pytest.mark.parametrize(
    ("model", "advice"),
    [
        ("gpt-4o", 'Set the environment variable OPENAI_API_KEY, pass api_key=.* or use model="offline"'),
        ("openai:", "Write openai:gpt-4o-mini"),
        ("claude-sonnet-4-5", "Write 'anthropic:claude-sonnet-4-5'"),
        ("anthropic:", "it names no model.\n  Write anthropic:<the name of one of its models>."),
        ("groq:", "it names no model.\n  Write groq:<the name of one of its models>."),
        ("gemini-2.5-flash", "Write 'google_genai:gemini-2.5-flash'"),
        ("llama3.1:8b", "Write 'ollama:llama3.1:8b'"),
        ("antropic:claude-sonnet-4-5", "Did you mean 'anthropic'"),
        ("offlin", "Did you mean 'offline'"),
        ("anthropic:claude-sonnet-4-5", "Run: pip install langchain langchain-anthropic"),
        ("azure_openai:gpt-4o", "Run: pip install langchain langchain-openai"),
    ],
)
def test_what_is_missing_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch, model: str, advice: str) -> None:
    # Marked as absent, so that the test holds where the package happens to be installed too.
    monkeypatch.setitem(sys.modules, "langchain.chat_models", None)
    with pytest.raises(ModelSetupError, match=advice) as caught:
        make_model(model)
    assert model in str(caught.value)


def test_a_server_of_ones_own_may_have_any_name() -> None:
    model = make_model("llama3.1:8b", api_key="none", base_url="http://127.0.0.1:1/v1")
    assert model_name(model) == "openai:llama3.1:8b"


def test_a_refused_option_is_told_without_its_value() -> None:
    with pytest.raises(ModelSetupError, match="temperature: Input should be a valid number") as caught:
        make_model("gpt-4o", api_key="sk-secret", temperature="sk-secret")  # type: ignore[arg-type]  # the fault
    assert "sk-secret" not in str(caught.value)


def test_a_chain_is_no_model() -> None:
    with pytest.raises(ModelSetupError, match="it is not a chat model"):
        make_model(FakeListChatModel(responses=["hi"]) | RunnableLambda(str))


@pytest.mark.parametrize(
    ("model", "advice"),
    [
        (3, "it is neither a chat model nor the name of one.\n  Give a name, such as 'offline'"),
        (["offline"], "it is neither a chat model nor the name of one."),
        (ScriptedModel, r"it is a class, and no chat model yet.\n  Make one of it: ScriptedModel\(…\)."),
    ],
    ids=["a number", "a list", "a class"],
)
def test_what_is_no_model_is_told(model: Any, advice: str) -> None:
    with pytest.raises(ModelSetupError, match=advice):
        make_model(model)


def test_options_come_too_late_for_a_model_that_is_made() -> None:
    with pytest.raises(ModelSetupError, match="Set them on the model"):
        make_model(FakeListChatModel(responses=["hi"]), temperature=0.5)


def test_another_provider_goes_through_langchain(monkeypatch: pytest.MonkeyPatch) -> None:
    made = _stand_in(monkeypatch, FakeListChatModel(responses=["hi"]))
    make_model("ollama:llama3.1:8b", temperature=0.5)
    assert made == [{"model": "llama3.1:8b", "model_provider": "ollama", "temperature": 0.5}]


def test_a_missing_integration_is_told_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in(monkeypatch, ImportError("no module named langchain_mistralai"))
    with pytest.raises(ModelSetupError, match=r"Run: pip install langchain-mistralai$"):
        make_model("mistralai:mistral-large-latest")


def test_fallbacks_are_named_too() -> None:
    model = make_model("gpt-4o", api_key="sk-test").with_fallbacks([make_model("offline")])
    assert model_name(model) == f"openai:gpt-4o, then {OFFLINE_NAME}"


def test_a_model_that_is_no_providers_is_named_by_its_class() -> None:
    class HomeMade(FakeListChatModel):
        """A user's own model."""

    assert model_name(HomeMade(responses=[])) == "HomeMade"


def test_a_chosen_model_talks_to_its_server() -> None:
    with OpenAIServer(["Hello!"]) as server:
        model = make_model("gpt-4o", api_key="sk-test", base_url=server.base_url, timeout=WAIT)
        assert isinstance(model, ChatOpenAI)
        message = model.invoke("hi")
        close(model)
    assert message.text == "Hello!"


def test_importing_the_choice_imports_no_provider() -> None:
    code = (
        "import sys;"
        "from fsm_langgraph.models import choice, scripted, structured;"
        "print(sorted({'openai', 'langchain_openai', 'tiktoken'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  our own code
    assert ran.stdout.strip() == "[]"


def _stand_in(monkeypatch: pytest.MonkeyPatch, outcome: FakeListChatModel | Exception) -> list[dict[str, Any]]:
    """Stand in for the package langchain, which is not installed here; return what it will be asked for."""
    asked: list[dict[str, Any]] = []

    def init_chat_model(model: str, **options: Any) -> FakeListChatModel:
        asked.append({"model": model, **options})
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    module = ModuleType("langchain.chat_models")
    module.init_chat_model = init_chat_model  # type: ignore[attr-defined]  # a module made here has no type
    monkeypatch.setitem(sys.modules, "langchain", ModuleType("langchain"))
    monkeypatch.setitem(sys.modules, "langchain.chat_models", module)
    return asked

"""A run's model is found by what the run asks for, and made once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from langchain.chat_models import init_chat_model
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.runnables import ConfigurableField, Runnable, RunnableConfig
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from fsm_langgraph.errors import ModelSetupError, RunContextError
from fsm_langgraph.models.chooser import Chooser
from fsm_langgraph.models.gate import GatedModel
from fsm_langgraph.models.run_context import NOTHING_CHOSEN, Settings
from fsm_langgraph.offline import OfflineModel

Choose = Callable[..., GatedModel]

FIRST = FakeListChatModel(responses=["first"])
SECOND = FakeListChatModel(responses=["second"])
THIRD = FakeListChatModel(responses=["third"])
EITHER = FIRST.configurable_alternatives(ConfigurableField("vendor"), default_key="first", second=SECOND)
SLEEPY = FIRST.configurable_fields(sleep=ConfigurableField("sleep"))
OPENAI = ChatOpenAI(model="gpt-4o", api_key=SecretStr("ours"), temperature=1)
ANY_OPENAI: Any = init_chat_model(model_provider="openai", api_key="sk-test", configurable_fields=["model"])


def at_once(chooser: Chooser, settings: Settings = NOTHING_CHOSEN, **configurable: Any) -> GatedModel:
    return chooser.choose(settings, chosen(**configurable), "here")


def awaited(chooser: Chooser, settings: Settings = NOTHING_CHOSEN, **configurable: Any) -> GatedModel:
    return asyncio.run(chooser.achoose(settings, chosen(**configurable), "here"))


def chosen(**configurable: Any) -> RunnableConfig:
    return {"configurable": configurable}


def models(gated: GatedModel) -> list[Any]:
    return [output.candidate.model for output in gated.outputs]


BY_EACH = pytest.mark.parametrize("choose", [at_once, awaited])


@BY_EACH
def test_nothing_chosen_is_the_model_that_the_graph_was_built_with(choose: Choose) -> None:
    chooser = Chooser(FIRST.bind(seed=1))
    assert models(choose(chooser)) == [FIRST]
    assert choose(chooser, user="a") is chooser.default
    assert choose(chooser, Settings(history_limit=3, reply_retries=0)) is chooser.default


@BY_EACH
def test_the_runs_config_chooses_an_alternative(choose: Choose) -> None:
    chooser = Chooser(EITHER.with_fallbacks([THIRD]))
    assert models(choose(chooser)) == [FIRST, THIRD]
    assert models(choose(chooser, vendor="second")) == [SECOND, THIRD]


@BY_EACH
def test_a_field_is_set_by_the_runs_config(choose: Choose) -> None:
    (model,) = models(choose(Chooser(SLEEPY), sleep=0.5))
    assert model.sleep == 0.5


@BY_EACH
def test_a_model_that_init_chat_model_leaves_open_is_chosen_by_the_runs_config(choose: Choose) -> None:
    chooser = Chooser(ANY_OPENAI.bind(seed=1).with_fallbacks([THIRD]))
    gated = choose(chooser, model="gpt-4.1", thread_id="1")
    assert models(gated)[0].model_name == "gpt-4.1"
    assert gated is choose(chooser, model="gpt-4.1", thread_id="2")
    assert models(choose(chooser, model="gpt-4.1-mini"))[0].model_name == "gpt-4.1-mini"


def test_what_is_langgraphs_own_in_a_config_is_no_option_of_a_model() -> None:
    model: Any = init_chat_model("gpt-4o", model_provider="openai", api_key="sk-test", configurable_fields="any")
    (made,) = models(at_once(Chooser(model), temperature=0.5, thread_id="1", checkpoint_ns="", __pregel_read=None))
    assert (made.temperature, made.model_kwargs) == (0.5, {})


@BY_EACH
@pytest.mark.parametrize(
    ("model", "configurable"),
    [(ANY_OPENAI, {}), (ANY_OPENAI, {"model": 7}), (EITHER, {"vendor": "nobody"}), (SLEEPY, {"sleep": "long"})],
    ids=["no default", "wrong type", "unknown alternative", "wrong field"],
)
def test_a_choice_that_cannot_be_made_is_told(
    model: Runnable[Any, Any], configurable: dict[str, Any], choose: Choose
) -> None:
    with pytest.raises(RunContextError, match="the run's config chooses no model that can be made") as caught:
        choose(Chooser(model), **configurable)
    assert caught.value.state == "here"
    assert isinstance(caught.value.__cause__, ModelSetupError)


@BY_EACH
def test_the_run_context_names_a_model(choose: Choose) -> None:
    (model,) = models(choose(Chooser(FIRST), Settings(model="offline")))
    assert isinstance(model, OfflineModel)


@BY_EACH
def test_the_run_context_may_hold_a_model(choose: Choose) -> None:
    chooser = Chooser(FIRST)
    assert models(choose(chooser, Settings(model=SECOND.with_fallbacks([THIRD])))) == [SECOND, THIRD]
    assert models(choose(chooser, Settings(model=EITHER), vendor="second")) == [SECOND]


@BY_EACH
@pytest.mark.parametrize(("name", "advice"), [("opnai:gpt-4o", "Did you mean 'openai'"), ("gpt-4o", "OPENAI_API_KEY")])
def test_a_name_that_no_model_goes_by_is_told(name: str, advice: str, choose: Choose) -> None:
    with pytest.raises(RunContextError, match=advice) as caught:
        choose(Chooser(FIRST), Settings(model=name))
    assert "context['model']: '" in str(caught.value)


@BY_EACH
def test_a_temperature_is_set_on_a_copy(choose: Choose) -> None:
    (model,) = models(choose(Chooser(OPENAI), Settings(temperature=0)))
    assert (model.temperature, OPENAI.temperature) == (0, 1)
    assert model.client is OPENAI.client


@pytest.mark.parametrize("model", [FIRST, OPENAI.bind(temperature=1)], ids=["no such field", "bound"])
def test_a_temperature_goes_with_the_call_where_the_models_own_does_not_count(model: Runnable[Any, Any]) -> None:
    (output,) = at_once(Chooser(model), Settings(temperature=0)).outputs
    assert output.candidate.kwargs == {"temperature": 0}


@BY_EACH
@pytest.mark.parametrize("settings", [NOTHING_CHOSEN, Settings(model="offline"), Settings(temperature=0.5)], ids=str)
def test_a_choice_is_made_once(settings: Settings, choose: Choose) -> None:
    chooser = Chooser(SLEEPY)
    assert choose(chooser, settings, sleep=0.5, user="a") is choose(chooser, settings, sleep=0.5, user="b")


def test_choices_that_differ_are_kept_apart() -> None:
    chooser = Chooser(FIRST)
    settings = [Settings(model=model, temperature=degree) for model in (None, "offline") for degree in (None, 0, 1)]
    assert len({id(at_once(chooser, one)) for one in settings}) == 6


def test_only_so_many_choices_are_kept() -> None:
    chooser = Chooser(FIRST)
    made = [at_once(chooser, Settings(model=model)) for model in [FIRST.bind(seed=n) for n in range(200)]]
    assert len(chooser._gates) < 100
    assert len(chooser._named) < 100
    assert [gated.outputs[0].candidate.kwargs["seed"] for gated in made] == [*range(200)]


def test_one_persons_key_is_not_used_for_another() -> None:
    chooser = Chooser(OPENAI.configurable_fields(openai_api_key=ConfigurableField("key")))
    made = [models(at_once(chooser, key=SecretStr(key)))[0] for key in ("mine", "yours")]
    assert [model.openai_api_key.get_secret_value() for model in made] == ["mine", "yours"]


@BY_EACH
def test_a_value_that_cannot_be_a_key_still_chooses(choose: Choose) -> None:
    listed = FIRST.configurable_fields(responses=ConfigurableField("responses"))
    (model,) = models(choose(Chooser(listed), responses=["other"]))
    assert model.responses == ["other"]

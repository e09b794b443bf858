"""LangChain's wrappers come off a model, and what they hold is kept."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.runnables import ConfigurableField, Runnable, RunnableConfig, RunnableLambda
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from fsm_langgraph.errors import ModelSetupError
from fsm_langgraph.models.candidates import Candidate, Chooser, unwrap

FIRST = FakeListChatModel(responses=["first"])
SECOND = FakeListChatModel(responses=["second"])
THIRD = FakeListChatModel(responses=["third"])

EITHER = FIRST.configurable_alternatives(ConfigurableField("vendor"), default_key="first", second=SECOND)
SLEEPY = FIRST.configurable_fields(sleep=ConfigurableField("sleep"))


CHAIN: Any = FIRST | StrOutputParser()


def chosen(**configurable: Any) -> RunnableConfig:
    return {"configurable": configurable}


@pytest.mark.parametrize(
    ("model", "candidates"),
    [
        (FIRST, [Candidate(FIRST)]),
        (FIRST.bind(seed=1), [Candidate(FIRST, {"seed": 1})]),
        (FIRST.bind(seed=1, top_p=1).bind(seed=2), [Candidate(FIRST, {"seed": 2, "top_p": 1})]),
        (FIRST.bind(stop=["END"]).bind(seed=1), [Candidate(FIRST, {"seed": 1}, stop=["END"])]),
        (FIRST.with_config(tags=["a"]), [Candidate(FIRST)]),
        (FIRST.with_retry(), [Candidate(FIRST)]),
        (EITHER, [Candidate(FIRST)]),
        (
            FIRST.with_fallbacks([SECOND.bind(seed=1), THIRD], exceptions_to_handle=(OSError,)),
            [
                Candidate(FIRST, yields_to_next_on=(OSError,)),
                Candidate(SECOND, {"seed": 1}, yields_to_next_on=(OSError,)),
                Candidate(THIRD),
            ],
        ),
        (
            FIRST.with_fallbacks([SECOND], exceptions_to_handle=(OSError,)).with_fallbacks([THIRD]),
            [
                Candidate(FIRST, yields_to_next_on=(OSError,)),
                Candidate(SECOND, yields_to_next_on=(Exception,)),
                Candidate(THIRD),
            ],
        ),
        (
            FIRST.with_fallbacks([SECOND]).bind(seed=1),
            [Candidate(FIRST, {"seed": 1}, yields_to_next_on=(Exception,)), Candidate(SECOND, {"seed": 1})],
        ),
    ],
    ids=[
        *("bare", "bound", "bound twice", "stop words", "config", "retry", "alternatives"),
        *("fallbacks", "fallbacks of fallbacks", "bound fallbacks"),
    ],
)
def test_a_wrapped_model_is_its_candidates(model: Runnable[Any, Any], candidates: list[Candidate]) -> None:
    assert unwrap(model) == candidates


@pytest.mark.parametrize(
    "model",
    [RunnableLambda(str), CHAIN, FIRST.with_fallbacks([CHAIN])],
    ids=["function", "chain", "fallback"],
)
def test_what_is_no_chat_model_is_refused(model: Runnable[Any, Any]) -> None:
    with pytest.raises(ModelSetupError, match="it is not a chat model"):
        unwrap(model)


def test_the_runs_config_chooses_an_alternative() -> None:
    chooser = Chooser(EITHER.with_fallbacks([THIRD]))
    models = [candidate.model for candidate in chooser.choose(chosen(vendor="second"))]
    assert models == [SECOND, THIRD]


def test_a_bound_config_chooses_too() -> None:
    model = EITHER.with_config(configurable={"vendor": "second"})
    assert [candidate.model for candidate in unwrap(model)] == [SECOND]


def test_a_field_is_set_by_the_runs_config() -> None:
    (candidate,) = Chooser(SLEEPY).choose(chosen(sleep=0.5))
    assert isinstance(candidate.model, FakeListChatModel)
    assert candidate.model.sleep == 0.5


def test_a_choice_is_made_once() -> None:
    chooser = Chooser(SLEEPY)
    assert chooser.choose(chosen(sleep=0.5, user="a")) is chooser.choose(chosen(sleep=0.5, user="b"))


def test_one_persons_key_is_not_used_for_another() -> None:
    model = ChatOpenAI(model="gpt-4o", api_key=SecretStr("ours"))
    chooser = Chooser(model.configurable_fields(openai_api_key=ConfigurableField("key")))
    made = [chooser.choose(chosen(key=SecretStr(key)))[0].model for key in ("mine", "yours")]
    assert [vars(model)["openai_api_key"].get_secret_value() for model in made] == ["mine", "yours"]


def test_a_value_that_cannot_be_a_key_still_chooses() -> None:
    listed = FIRST.configurable_fields(responses=ConfigurableField("responses"))
    (candidate,) = Chooser(listed).choose(chosen(responses=["other"]))
    assert isinstance(candidate.model, FakeListChatModel)
    assert candidate.model.responses == ["other"]


def test_a_model_without_choices_is_unwrapped_once() -> None:
    chooser = Chooser(FIRST.bind(seed=1))
    assert chooser.choose(chosen(user="a")) is chooser.choose(None)

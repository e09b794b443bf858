"""LangChain's wrappers come off a model, and what they hold is kept."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.runnables import ConfigurableField, Runnable, RunnableLambda

from fsm_langgraph.errors import ModelSetupError
from fsm_langgraph.models.candidates import ModelCandidate, check_is_model, unwrap

FIRST = FakeListChatModel(responses=["first"])
SECOND = FakeListChatModel(responses=["second"])
THIRD = FakeListChatModel(responses=["third"])

EITHER = FIRST.configurable_alternatives(ConfigurableField("vendor"), default_key="first", second=SECOND)
CHAIN: Any = FIRST | StrOutputParser()


@pytest.mark.parametrize(
    ("model", "candidates"),
    [
        (FIRST, [ModelCandidate(FIRST)]),
        (FIRST.bind(seed=1), [ModelCandidate(FIRST, {"seed": 1})]),
        (FIRST.bind(seed=1, top_p=1).bind(seed=2), [ModelCandidate(FIRST, {"seed": 2, "top_p": 1})]),
        (FIRST.bind(stop=["END"]).bind(seed=1), [ModelCandidate(FIRST, {"seed": 1}, stop=["END"])]),
        (FIRST.with_config(tags=["a"]).bind(seed=1), [ModelCandidate(FIRST, {"seed": 1}, config={"tags": ["a"]})]),
        (
            FIRST.with_config(tags=["a"], run_name="inner").with_config(tags=["b"], run_name="outer"),
            [ModelCandidate(FIRST, config={"tags": ["b"], "run_name": "outer"})],
        ),
        (FIRST.with_retry(), [ModelCandidate(FIRST)]),
        (EITHER, [ModelCandidate(FIRST)]),
        (
            FIRST.with_fallbacks([SECOND.bind(seed=1), THIRD], exceptions_to_handle=(OSError,)),
            [
                ModelCandidate(FIRST, yields_to_next_on=(OSError,)),
                ModelCandidate(SECOND, {"seed": 1}, yields_to_next_on=(OSError,)),
                ModelCandidate(THIRD),
            ],
        ),
        (
            FIRST.with_fallbacks([SECOND], exceptions_to_handle=(OSError,)).with_fallbacks([THIRD]),
            [
                ModelCandidate(FIRST, yields_to_next_on=(OSError,)),
                ModelCandidate(SECOND, yields_to_next_on=(Exception,)),
                ModelCandidate(THIRD),
            ],
        ),
        (
            FIRST.with_fallbacks([SECOND]).bind(seed=1),
            [ModelCandidate(FIRST, {"seed": 1}, yields_to_next_on=(Exception,)), ModelCandidate(SECOND, {"seed": 1})],
        ),
    ],
    ids=[
        *("bare", "bound", "bound twice", "stop words", "config", "configs", "retry", "alternatives"),
        *("fallbacks", "fallbacks of fallbacks", "bound fallbacks"),
    ],
)
def test_a_wrapped_model_is_its_candidates(model: Runnable[Any, Any], candidates: list[ModelCandidate]) -> None:
    assert unwrap(model) == candidates


@pytest.mark.parametrize(
    "model",
    [RunnableLambda(str), CHAIN, FIRST.with_fallbacks([CHAIN])],
    ids=["function", "chain", "fallback"],
)
def test_what_is_no_chat_model_is_refused(model: Runnable[Any, Any]) -> None:
    for refuse in (unwrap, check_is_model):
        with pytest.raises(ModelSetupError, match="it is not a chat model"):
            refuse(model)


def test_a_bound_config_chooses_too() -> None:
    model = EITHER.with_config(configurable={"vendor": "second"})
    assert [candidate.model for candidate in unwrap(model)] == [SECOND]

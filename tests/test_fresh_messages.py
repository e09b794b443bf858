"""Messages that are made as copies are those that LangChain makes, and share nothing."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration

from fsm_langgraph.models.fresh_messages import fresh_message, generation_of

USAGE: Any = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
BY_KIND = pytest.mark.parametrize("kind", [AIMessage, AIMessageChunk])


@BY_KIND
def test_a_fresh_message_is_one_of_langchain_s(kind: type[AIMessage]) -> None:
    values: Any = {"usage_metadata": USAGE, "response_metadata": {"model_name": "x"}}
    fresh, like = fresh_message(kind, "Hello", "m", "bot", **values), kind("Hello", id="m", name="bot", **values)
    assert fresh == like
    assert repr(fresh) == repr(like)
    assert fresh.model_dump() == like.model_dump()
    assert fresh.model_fields_set >= like.model_fields_set


@BY_KIND
def test_fresh_messages_share_nothing_that_can_change(kind: type[AIMessage]) -> None:
    one, other = fresh_message(kind, "Hello", "m", None), fresh_message(kind, "Hello", "m", None)
    shared = [
        name for name, value in vars(one).items() if isinstance(value, dict | list) and value is vars(other)[name]
    ]
    assert shared == []


def test_a_generation_is_one_of_langchain_s() -> None:
    message = AIMessage("Hello", id="m")
    assert generation_of(message) == ChatGeneration(message=message)
    assert generation_of(message).message is message

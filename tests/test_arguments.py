"""Tools are offered as providers' own classes want it, beside a reply's schema or alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable
from orders import SHOP

from fsm_langgraph import ScriptedModel
from fsm_langgraph.models.arguments import METHODS, Method, tool_arguments, with_tools

TOOLS = tuple(SHOP)
FORCED = {"tools": ["REPLY"], "tool_choice": {"name": "reply"}, "parallel_tool_calls": False}


class Plain(FakeListChatModel):
    """A class whose models choose for themselves whether to call a tool."""

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        if kwargs:
            raise ValueError("unknown options")
        return self.bind(tools=list(tools))


class Choosing(FakeListChatModel):
    """A class that takes a choice."""

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self.bind(tools=list(tools), **kwargs)


@pytest.mark.parametrize("method", METHODS)
def test_without_tools_nothing_is_added(method: Method) -> None:
    assert with_tools(Choosing(responses=[]), method, FORCED, ()) == FORCED


@pytest.mark.parametrize("method", ["json_schema", "json_mode", "prompt"])
def test_tools_stand_beside_a_format(method: Method) -> None:
    assert with_tools(Choosing(responses=[]), method, {"format": 1}, TOOLS) == {"format": 1, "tools": [*TOOLS]}


def test_a_reply_that_is_a_function_is_one_of_those_that_may_be_called() -> None:
    assert with_tools(Choosing(responses=[]), "function_calling", FORCED, TOOLS) == {
        "tools": ["REPLY", *TOOLS],
        "tool_choice": "any",
        "parallel_tool_calls": False,
    }


def test_where_a_class_takes_no_choice_the_reply_is_forced_no_more() -> None:
    assert with_tools(Plain(responses=[]), "function_calling", FORCED, TOOLS) == {
        "tools": ["REPLY", *TOOLS],
        "parallel_tool_calls": False,
    }


def test_a_class_that_knows_no_tools_says_so() -> None:
    with pytest.raises(NotImplementedError):
        tool_arguments(FakeListChatModel(responses=[]), TOOLS)


def test_a_tool_s_form_is_its_provider_s() -> None:
    (form, *_) = tool_arguments(ScriptedModel(replies=[]), TOOLS)["tools"]
    assert (form["type"], form["function"]["name"]) == ("function", "find")

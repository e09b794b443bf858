"""Tools are used without a language model."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import InjectedToolCallId
from langgraph.types import Command
from machines import DRIVERS, Drive, Talk, machine, state, to
from orders import command

from fsm_langgraph.offline import OfflineModel
from fsm_langgraph.offline.prompt_content import ToolAnswer, read_prompt


def find_order(order_number: str) -> str:
    """Find an order and where it is."""
    return f"Order {order_number} is on its way."


def cancel_order(order_number: str, tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
    """Cancel an order."""
    return command(tool_call_id, f"Order {order_number} is cancelled.", cancelled=True)


SHOP = {
    **machine(
        state(
            "track",
            to("done", "cancelled"),
            purpose="Help the user with an order",
            required_context_keys=["order_number"],
            tools=["find_order", "cancel_order"],
        ),
        state("done", purpose="Say goodbye"),
    ),
    "context": {"order_number": {"type": "string"}, "cancelled": {"written_by": "handler"}},
}


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("method", [None, "function_calling", "json_mode"])
def test_a_conversation_is_held_with_tools_and_no_language_model(drive: Drive, method: Any) -> None:
    talk = Talk(SHOP, drive=drive, model=OfflineModel(), tools=[find_order, cancel_order], structured_output=method)
    assert talk.say() == "What is your order number?"
    assert talk.watch("Where is order A-1234?") == "Order A-1234 is on its way."
    assert talk.record["tool_calls"] == [{"state": "track", "tool": "find_order", "error": ""}]
    talk.say("thanks")
    assert talk.record["tool_calls"] == []
    assert talk.watch("cancel it").startswith("Order A-1234 is cancelled.")
    assert talk.values["current_state"] == "done"


def test_a_state_that_is_entered_looks_up_what_it_is_to_tell() -> None:
    definition = machine(
        state("ask", to("status", "order_number"), required_context_keys=["order_number"]),
        state("status", to("ask", "again"), purpose="Tell the user where the order is", tools=["find_order"]),
    )
    talk = Talk(definition, model=OfflineModel(), tools=[find_order])
    talk.say()
    assert talk.watch("A-99") == "Order A-99 is on its way."
    assert talk.values["current_state"] == "status"


def test_it_takes_tools_like_any_chat_model() -> None:
    model = OfflineModel().bind_tools([find_order], tool_choice="any")
    assert isinstance(model.invoke([HumanMessage("hi")]), AIMessage)


def test_what_tools_and_the_model_say_to_each_other_is_not_taken_for_the_conversation() -> None:
    call = {"name": "find_order", "args": {}, "id": "1"}
    asked, answered = (
        AIMessage("Let me see.", tool_calls=[call]),
        ToolMessage("Gone.", name="find_order", tool_call_id="1"),
    )
    prompt = read_prompt([HumanMessage("Where is order A-7?"), asked, answered])
    assert (prompt.said, prompt.heard, prompt.results) == (
        "Where is order A-7?",
        "",
        (ToolAnswer("find_order", "Gone."),),
    )

"""A tool is called where one fits and its arguments are at hand."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.tools import InjectedToolCallId
from langgraph.types import Command
from orders import command

from fsm_langgraph.offline.hearing import hear
from fsm_langgraph.offline.prompt_content import PromptContent, ToolAnswer
from fsm_langgraph.offline.tool_choice import OfferedTool, call_for, read_tools

FIND = OfferedTool(
    "find_order",
    "Find an order and where it is.",
    {"properties": {"order_number": {"type": "string"}}, "required": ["order_number"]},
)


CANCEL = OfferedTool("cancel_order", "Cancel an order.", FIND.schema)


HOURS = OfferedTool("opening_hours", "When the shop is open.", {"properties": {}})


SEARCH = OfferedTool(
    "search", "Search the help pages.", {"properties": {"query": {"type": "string"}}, "required": ["query"]}
)


WEATHER = OfferedTool(
    "weather", "Tell the weather in a city.", {"properties": {"city": {"type": "string"}}, "required": ["city"]}
)


REFUND = OfferedTool(
    "refund",
    "Refund an order.",
    {
        "properties": {"order_number": {"type": "string"}, "amount": {"type": "integer"}, "reason": {"type": "string"}},
        "required": ["order_number", "amount"],
    },
)


MAIL = OfferedTool(
    "send_invoice",
    "Send the invoice.",
    {"properties": {"email": {"type": "string", "format": "email"}}, "required": ["email"]},
)


TOOLS = [FIND, CANCEL, HOURS, SEARCH, WEATHER, REFUND, MAIL]


PROMPT = PromptContent(state="help", purpose="Help the user with an order")


def called(text: str, *tools: OfferedTool, unasked: bool = False, purpose: str = PROMPT.purpose, **known: Any) -> Any:
    """Return the name of the tool that is called for a message, and its arguments."""
    prompt = PromptContent(state="help", purpose=purpose, context=known, said=text)
    call = call_for(prompt, hear(text), tools or TOOLS, unasked=unasked)
    return None if call is None else (call.tool, call.arguments)


@pytest.mark.parametrize(
    ("text", "known", "call"),
    [
        ("Where is order A-1234?", {}, ("find_order", {"order_number": "A-1234"})),
        ("A-1234", {}, ("find_order", {"order_number": "A-1234"})),
        ("Where is my order?", {"order_number": "A-1234"}, ("find_order", {"order_number": "A-1234"})),
        ("Where is my order?", {"order": "A-1234"}, ("find_order", {"order_number": "A-1234"})),
        ("And B-99?", {"order_number": "A-1234"}, ("find_order", {"order_number": "B-99"})),
        ("Where is my order?", {}, ("search", {"query": "Where is my order"})),
        ("Cancel it, please", {"order_number": "A-1234"}, ("cancel_order", {"order_number": "A-1234"})),
        ("When are you open?", {}, ("opening_hours", {})),
        ("Please search for a blinking router", {}, ("search", {"query": "a blinking router"})),
        ('Search for "lost password"', {}, ("search", {"query": "lost password"})),
        ("What is the weather in Paris?", {}, ("weather", {"city": "Paris"})),
        ("Refund 30 euros", {"order_number": "A-1234"}, ("refund", {"order_number": "A-1234", "amount": 30})),
        ("Refund it", {"order_number": "A-1234"}, None),
        ("Send the invoice to ann@example.org", {}, ("send_invoice", {"email": "ann@example.org"})),
        ("thanks", {"order_number": "A-1234"}, None),
        ("bye", {"order_number": "A-1234"}, None),
        ("asdfgh", {"order_number": "A-1234"}, None),
        ("I would rather not say", {"order_number": "A-1234"}, None),
        ("No, do not cancel it", {"order_number": "A-1234"}, None),
        ("How are you?", {"order_number": "A-1234"}, None),
        ("", {"order_number": "A-1234"}, None),
    ],
)  # fmt: skip
def test_a_tool_is_called_where_one_fits_and_what_it_needs_is_known(text: str, known: Any, call: Any) -> None:
    assert called(text, **known) == call


def test_a_state_that_acts_by_itself_calls_what_its_purpose_asks_for() -> None:
    assert called("A-7", FIND, CANCEL, unasked=True, order_number="A-7")[0] == "find_order"
    cancels = called("yes", FIND, CANCEL, unasked=True, purpose="Cancel the order", order_number="A-7")
    assert cancels == ("cancel_order", {"order_number": "A-7"})


def test_what_was_agreed_to_is_done() -> None:
    ask = "Ask whether to cancel the order"
    assert called("yes please", CANCEL, purpose=ask, order_number="A-7") == ("cancel_order", {"order_number": "A-7"})
    assert called("no", CANCEL, purpose=ask, order_number="A-7") is None


def test_a_tool_is_called_once_in_a_turn() -> None:
    prompt = PromptContent(state="help", purpose=PROMPT.purpose, results=(ToolAnswer("find_order", "On its way."),))
    assert call_for(prompt, hear("Where is order A-7?"), TOOLS, unasked=True) is None


def test_a_type_that_does_not_fit_is_not_given() -> None:
    numbered = OfferedTool(
        "find_order",
        "Find an order.",
        {"properties": {"order_number": {"type": "array"}}, "required": ["order_number"]},
    )
    assert called("Where is order A-7?", numbered) is None


def test_the_words_that_ask_for_a_tool_are_not_what_it_is_given() -> None:
    part = {"properties": {"parcel": {"type": "string"}}, "required": ["parcel"]}
    parcel = OfferedTool("return_parcel", "Return a parcel to its sender.", part)
    assert called("Please return it", parcel) is None
    assert called("Please return it", parcel, parcel="LX-77") == ("return_parcel", {"parcel": "LX-77"})


def test_a_choice_is_made_among_those_that_there_are() -> None:
    part = {"properties": {"size": {"enum": ["small", "large"]}}, "required": ["size"]}
    assert called("What is the price of a large one?", OfferedTool("get_price", "The price of a size.", part)) == (
        "get_price",
        {"size": "large"},
    )


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(["string", "order", "object"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["properties", "required", "type", "enum", "order", "anyOf", "name", "function"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(JSON, st.text(max_size=40) | st.sampled_from(["Where is order A-7?", "cancel it"]))
def test_no_tool_s_form_is_too_strange(form: Any, text: str) -> None:
    tool = {"type": "function", "function": {"name": "find_order", "description": "Find an order", "parameters": form}}
    for tools in (read_tools([tool, form]), read_tools(form)):
        call_for(PromptContent(state="help", purpose="Find the order", said=text), hear(text), tools, unasked=True)


def find_order(order_number: str) -> str:
    """Find an order and where it is."""
    return f"Order {order_number} is on its way."


def cancel_order(order_number: str, tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
    """Cancel an order."""
    return command(tool_call_id, f"Order {order_number} is cancelled.", cancelled=True)

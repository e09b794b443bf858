"""A shop under test: a machine whose states have tools, the tools, and model messages that call them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import BaseTool, InjectedToolCallId, StructuredTool, tool
from langgraph.types import Command
from machines import Json, machine, state, to

ORDERS = {
    **machine(
        state(
            "track",
            to("done", "cancelled"),
            to("paying", "order"),
            required_context_keys=["order"],
            tools=["find", "cancel"],
            max_tool_calls=3,
        ),
        state("paying", to("done", "paid"), tools=["pay"]),
        state("done"),
    ),
    "context": {
        "order": {"type": "string"},
        "cancelled": {"type": "boolean", "written_by": "handler"},
        "paid": {"type": "boolean", "written_by": "handler"},
        "seen": {"type": "integer", "minimum": 1, "written_by": "handler"},
        "note": {},
    },
}
"""Orders are found and cancelled in one state, and paid in another."""


@tool
def find(order: str) -> str:
    """Find an order."""
    return f"Order {order} is on its way."


@tool
def cancel(tool_call_id: Annotated[str, InjectedToolCallId], order: str = "") -> Command[Any]:
    """Cancel an order."""
    return command(tool_call_id, f"Order {order} is cancelled.", cancelled=True)


@tool
def pay(tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
    """Pay the order."""
    return command(tool_call_id, "It is paid.", paid=True)


SHOP: Sequence[BaseTool] = (find, cancel, pay)


def with_tool(name: str, function: Callable[..., Any]) -> list[BaseTool]:
    """Return the tools of the shop, one of them doing something else."""
    made = StructuredTool.from_function(function, name=name, description=f"Do {name}.")
    return [made if one.name == name else one for one in SHOP]


def command(tool_call_id: str, text: str, **keys: Any) -> Command[Any]:
    """Make what a tool returns that writes keys."""
    return Command(update={"context": keys, "messages": [ToolMessage(text, tool_call_id=tool_call_id)]})


def calling(*calls: str | tuple[str, Json], text: str = "") -> AIMessage:
    """Make a model's message that calls tools, with text before the calls."""
    named = [(one, {}) if isinstance(one, str) else one for one in calls]
    return AIMessage(
        text,
        tool_calls=[
            {"name": name, "args": arguments, "id": f"call-{index}"} for index, (name, arguments) in enumerate(named)
        ],
    )

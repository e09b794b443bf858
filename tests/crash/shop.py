"""A machine with effects of every kind, and a model that plays in it by what it reads, in any process.

Handlers run at every moment, a sub-machine takes the payment, a tool books a courier. Each effect notes in a ledger
that it ran, and under which idempotency key.
"""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.tools import BaseTool, tool
from machines import Json, machine, reply, state, to

from crash.ledger import Ledger
from crash.writers import since_last_answer
from fsm_langgraph import Event, Handlers, ScriptedModel, ToolIdempotencyKey

PAY = machine(state("card", to("paid", "card"), required_context_keys=["card"]), state("paid"), name="pay")
SHOP = machine(
    state("order", to("payment", "item"), required_context_keys=["item"]),
    state("payment", to("delivery", "paid_by"), subflow="pay", inputs=["item"], outputs={"card": "paid_by"}),
    state("delivery", to("done", "day"), required_context_keys=["day"], tools=["book_courier"]),
    state("done"),
    name="shop",
    subflows={"pay": PAY},
)
SAYS = ("a lamp", "card 4711", "tomorrow, please")
"""A whole conversation: the messages of the user."""
SAID = "Well then."
"""Whatever the model says, as a turn that is run again decides on the reply that it has, and may ask for a message."""

_STATES = {"order": ("payment", "item", "lamp"), "card": ("paid", "card", "4711"), "delivery": ("done", "day", "tomor")}
"""For each state that hears: where it leads, the key that it asks for, and what tells it."""


def model() -> ScriptedModel:
    """Make the model."""
    return ScriptedModel(replies=[_answer], repeat=True, chunk_size=40)


def _answer(messages: list[BaseMessage], schema: Json | None) -> Any:
    if schema is None:
        return SAID
    offered = schema["properties"]["target_state"]["enum"]
    here = next((name for name, (target, *_) in _STATES.items() if {name, target} <= {*offered}), None)
    if here is None:
        return reply(offered[0], SAID)
    target, key, word = _STATES[here]
    if word not in "".join(since_last_answer(messages)):
        return reply(here, SAID)
    if here == "delivery" and not any(message.type == "tool" for message in messages):
        return AIMessage("", tool_calls=[{"name": "book_courier", "args": {"day": word}, "id": "courier-1"}])
    return reply(target, SAID, also={key: word})


def handlers(ledger: Ledger) -> Handlers:
    """Make handlers that note each of their runs."""
    found = Handlers()

    def noted(name: str, event: Event) -> None:
        ledger.note("ran", f"{name} {event.state}", event.idempotency_key)

    @found.on("PRE_PROCESSING")
    def count(event: Event) -> Json:
        noted("count", event)
        before = event.context.get("count")
        return {"count": (before if isinstance(before, int) else 0) + 1}

    @found.on("CONTEXT_UPDATE")
    async def charge(event: Event) -> Json:
        noted("charge", event)
        return {"receipt": event.idempotency_key}

    @found.on("START_CONVERSATION", "POST_PROCESSING", "PRE_TRANSITION", "POST_TRANSITION", "END_CONVERSATION")
    def write_down(event: Event) -> None:
        noted(event.moment, event)

    return found


def tools(ledger: Ledger) -> list[BaseTool]:
    """Make the tool, which notes each of its runs."""

    @tool
    def book_courier(day: str, key: ToolIdempotencyKey) -> str:
        """Book a courier for a day."""
        ledger.note("ran", f"book_courier {day}", key)
        return f"Booked for {day}."

    return [book_courier]

"""The order desk's actions in the world: prices and stock from the database, payments, orders, and where they are."""

from __future__ import annotations

from typing import Annotated, Any

from langchain_core.messages import ToolMessage
from langchain_core.tools import InjectedToolCallId, tool
from langgraph.types import Command

from fsm_langgraph import Event, Handlers, RejectValue

from .shop import Shop

shop = Shop()
handlers = Handlers()


@handlers.on("CONTEXT_UPDATE", keys="product", has="product", priority=10)
def refuse_what_is_sold_out(event: Event) -> None:
    """Refuse a lamp that there is none of."""
    if shop.lamp(str(event.context["product"])).stock == 0:
        raise RejectValue("is sold out")


@handlers.on("CONTEXT_UPDATE", keys=["product", "quantity"], has=["product", "quantity"])
def price(event: Event) -> dict[str, Any]:
    """Look up what the order costs, and whether there is enough of it."""
    lamp, quantity = shop.lamp(str(event.context["product"])), int(str(event.context["quantity"]))
    if quantity > lamp.stock:
        raise RejectValue(f"is more than the {lamp.stock} that we have", "quantity")
    return {"total": round(lamp.price * quantity, 2)}


@handlers.on("POST_TRANSITION", state="payment/charge")
def charge(event: Event) -> dict[str, Any]:
    """Charge the amount; the card number that ends in 0000 is the one that is always declined."""
    if str(event.context.get("card_number", "")).endswith("0000"):
        return {"declined": "there is not enough money on it"}
    amount = float(str(event.context["amount"]))
    return {"receipt": shop.charge(amount, key=event.idempotency_key), "declined": None}


@handlers.on("POST_TRANSITION", state="placed")
def place(event: Event) -> dict[str, Any]:
    """Write the order down."""
    known = event.context
    lamp, quantity, email = str(known["product"]), int(str(known["quantity"])), str(known["email"])
    return {"order_number": shop.place(lamp, quantity, email, key=event.idempotency_key)}


@tool
def catalogue() -> str:
    """Show the catalogue: all that can be ordered now, with prices."""
    return "; ".join(f"{lamp.name}: {lamp.price:g} euros" for lamp in shop.lamps())


@tool
def order_status(order_number: str, tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
    """Look up where the order of this number is."""
    order = shop.order(order_number)
    found = f"The order {order_number} {order.status}." if order is not None else "There is no order of this number."
    context = {"status": order.status} if order is not None else {}
    return Command(update={"context": context, "messages": [ToolMessage(found, tool_call_id=tool_call_id)]})


tools = [catalogue, order_status]

"""The assistant's actions in the world: a new seat and a claim, written where the next prompt reads them."""

from __future__ import annotations

from langgraph.store.base import BaseStore

from fsm_langgraph import Event, Handlers

handlers = Handlers()
SEATS = {"window": "32 (window)", "aisle": "31 (aisle)"}


@handlers.on("POST_TRANSITION", state="seated")
def change_seat(event: Event) -> dict[str, None]:
    """Give the traveller another seat; the wish for it is fulfilled, and no longer known."""
    if (store := _store(event)) is not None:
        store.put(("trips",), str(event.context["customer_id"]), {"seat": SEATS[str(event.context["place"])]})
    return {"place": None}


@handlers.on("POST_TRANSITION", state="claimed")
def file_claim(event: Event) -> dict[str, None]:
    """Note the claim; filed again, it is the same one. The next one has a reason of its own."""
    if (store := _store(event)) is not None:
        customer = str(event.context["customer_id"])
        claim = {"number": f"R-{customer}", "reason": event.context["reason"], "progress": "being looked into"}
        store.put(("claims",), customer, claim)
    return {"reason": None}


def _store(event: Event) -> BaseStore | None:
    """Return the store, where the graph has one and the caller has said who the traveller is."""
    return event.runtime.store if event.runtime is not None and event.context.get("customer_id") else None

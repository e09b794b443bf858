"""The name that clients get, and conversations that stop on the way."""

from __future__ import annotations

import pytest
from langgraph.types import Command, interrupt
from machines import FORM, reply
from mcp_client import client_of, machine_of, noted, said

from fsm_langgraph import Handlers
from fsm_langgraph.conversation.stored_conversations import thread_config
from fsm_langgraph.mcp.served_machine import PausedError, ServedMachine


@pytest.mark.parametrize(("name", "expected"), [("Order a coffee!", "Order_a_coffee"), ("咖啡", "machine")])
def test_a_name_is_one_that_clients_and_providers_take(name: str, expected: str) -> None:
    assert ServedMachine(machine_of({**FORM, "name": name})).name == expected


async def test_a_turn_that_asks_a_person_says_so_until_it_is_brought_the_decision() -> None:
    handlers = Handlers()
    handlers.on("PRE_TRANSITION")(lambda _: {"approved_by": interrupt({"may": "Ann"})})
    replies = ("Your name?", reply("ask_email", "Your e-mail?", name="Ann"), "Your e-mail, please?")
    fsm = machine_of(FORM, *replies, handlers=handlers)
    async with client_of(fsm) as client:
        first = await client.call_tool("test", {})
        going_on = {"conversation_id": first.structured_content["conversation_id"]}
        paused = [
            await client.call_tool("test", {**going_on, "message": "Ann"}),
            await client.call_tool("test", going_on),
        ]
        await fsm.graph.ainvoke(Command(resume="Bob"), thread_config(going_on["conversation_id"]))
        decided = await client.call_tool("test", going_on)

    assert paused[0] == paused[1]
    assert paused[0].is_error
    assert said(paused[0]) == str(PausedError(going_on["conversation_id"], '{"may": "Ann"}'))
    assert noted(paused[0]) == f"conversation_id {going_on['conversation_id']}"
    assert said(decided) == "Your e-mail, please?"
    assert decided.structured_content["data"] == {"name": "Ann", "approved_by": "Bob"}

"""A machine in a swarm of `langgraph-swarm`: it answers what brought it, and gives the user to other agents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.tools import tool
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END
from langgraph.types import Command
from langgraph_swarm import SwarmState, create_handoff_tool, create_swarm
from machines import CONFIG, DRIVERS, Drive, Json, given, machine, reply, state, to
from orders import calling

from fsm_langgraph import Graph, ScriptedModel, compile_fsm

by_each = pytest.mark.parametrize("drive", DRIVERS)

KIOSK = machine(
    state("order", to("taken", handoff="cashier"), required_context_keys=["coffee"], tools=["transfer_to_desk"]),
    state("taken", to("order"), to("bye", handoff="desk"), optional_context_keys=["coffee"]),
    state("bye"),
    name="kiosk",
)
TO_KIOSK = calling("transfer_to_kiosk")


class Shop(SwarmState):
    """A swarm that sees the machine's data."""

    context: dict[str, Any]
    current_state: str


def agent(name: str, *replies: Any) -> Any:
    return create_agent(ScriptedModel(replies=[*replies]), [create_handoff_tool(agent_name="kiosk")], name=name)


def kiosk(*replies: Any, name: str = "kiosk") -> Graph:
    """Make the machine, which has the swarm's own handoff tool as it is."""
    tools = [create_handoff_tool(agent_name="desk")]
    return compile_fsm(KIOSK, ScriptedModel(replies=[*replies]), checkpointer=True, tools=tools, name=name)


def swarm(*agents: Any, saver: BaseCheckpointSaver[Any] | None = None) -> Any:
    return create_swarm([*agents], default_active_agent=agents[0].name, state_schema=Shop).compile(
        saver or InMemorySaver()
    )


def spoken(values: Json) -> list[str]:
    """Return who has said what, without the calls."""
    return [
        f"{message.name}: {message.text}" for message in values["messages"] if message.type == "ai" and message.text
    ]


LATTE = reply("order", "A latte. Anything else?", coffee="latte")
BILL = reply("taken", "One moment.")
MOCHA = reply("taken", "A mocha, then.", coffee="mocha")


@by_each
def test_a_conversation_with_two_handoffs_and_a_correction(drive: Drive) -> None:
    shop = swarm(agent("desk", TO_KIOSK), kiosk(LATTE, BILL, MOCHA), agent("cashier", "4 euros.", TO_KIOSK))
    for text in ("a latte", "the bill", "I meant a mocha"):
        values = drive(shop, given(text), CONFIG)
    assert spoken(values) == [
        "kiosk: A latte. Anything else?",
        "kiosk: One moment.",
        "cashier: 4 euros.",
        "kiosk: A mocha, then.",
    ]
    assert (values["context"], values["current_state"]) == ({"coffee": "mocha"}, "taken")
    assert values["active_agent"] == "kiosk"


@by_each
def test_the_agent_that_gets_the_user_is_the_active_one(drive: Drive) -> None:
    shop = swarm(kiosk(LATTE, BILL), agent("cashier", "4 euros.", "Cash only."))
    for text in ("a latte", "the bill", "by card?"):
        values = drive(shop, given(text), CONFIG)
    assert values["active_agent"] == "cashier"
    assert spoken(values)[-2:] == ["cashier: 4 euros.", "cashier: Cash only."]


@by_each
def test_every_call_in_the_messages_has_its_answer(drive: Drive) -> None:
    model = ScriptedModel(replies=["4 euros."])
    cashier: Any = create_agent(model, [create_handoff_tool(agent_name="kiosk")], name="cashier")
    shop = swarm(kiosk(LATTE, BILL), cashier)
    for text in ("a latte", "the bill"):
        drive(shop, given(text), CONFIG)
    seen: list[Any] = model.calls[0].messages
    assert [message.type for message in seen] == ["human", "ai", "human", "ai", "tool"]
    assert [message.name for message in seen if isinstance(message, AIMessage)] == ["kiosk", "kiosk"]
    assert [call["id"] for message in seen for call in getattr(message, "tool_calls", [])] == [seen[-1].tool_call_id]


@by_each
def test_the_swarms_own_tool_works_in_a_state_as_it_is(drive: Drive) -> None:
    replies = [LATTE, calling("transfer_to_desk"), reply("order", "A mocha, then.", coffee="mocha")]
    shop = swarm(kiosk(*replies), agent("desk", "It rains.", TO_KIOSK))
    for text in ("a latte", "the weather?", "I meant a mocha"):
        values = drive(shop, given(text), CONFIG)
    assert [message.type for message in values["messages"]] == [
        *("human", "ai", "human", "ai", "tool", "ai", "human", "ai", "tool", "ai"),
    ]
    assert spoken(values) == ["kiosk: A latte. Anything else?", "desk: It rains.", "kiosk: A mocha, then."]


@by_each
def test_a_tool_that_ends_the_swarms_turn_leaves_it_with_its_agent(drive: Drive) -> None:
    @tool("transfer_to_desk")
    def stop() -> Command[Any]:
        """Stop here."""
        return Command(graph=Command.PARENT, goto=END)

    model = ScriptedModel(replies=[calling("transfer_to_desk"), LATTE])
    shop = swarm(compile_fsm(KIOSK, model, checkpointer=True, tools=[stop]), agent("cashier"), agent("desk"))
    drive(shop, given("stop"), CONFIG)
    assert spoken(drive(shop, given("a latte"), CONFIG)) == ["kiosk: A latte. Anything else?"]


@by_each
def test_a_machine_that_ends_gives_the_user_back_and_answers_from_its_end(drive: Drive) -> None:
    machine_of_the_kiosk = kiosk(LATTE, BILL, reply("bye", "Goodbye!"), "We are closed.")
    shop = swarm(machine_of_the_kiosk, agent("cashier", "4 euros.", TO_KIOSK), agent("desk", "Welcome.", TO_KIOSK))
    for text in ("a latte", "the bill", "that is all", "one more"):
        values = drive(shop, given(text), CONFIG)
    assert spoken(values)[-3:] == ["kiosk: Goodbye!", "desk: Welcome.", "kiosk: We are closed."]
    assert values["current_state"] == "bye"


@by_each
def test_two_machines_hand_the_user_to_each_other(drive: Drive) -> None:
    till = machine(
        state("pay", to("paid", handoff="kiosk"), required_context_keys=["sum"]),
        state("paid", to("pay")),
        name="cashier",
    )
    cashier = compile_fsm(
        till, ScriptedModel(replies=[reply("pay", "4 euros."), reply("paid", None)]), checkpointer=True
    )
    shop = swarm(kiosk(LATTE, BILL, MOCHA), cashier)
    for text in ("a latte", "the bill", "I meant a mocha"):
        values = drive(shop, given(text), CONFIG)
    assert spoken(values)[-3:] == ["kiosk: One moment.", "cashier: 4 euros.", "kiosk: A mocha, then."]


def test_the_swarm_is_kept_in_a_file(tmp_path: Path) -> None:
    model = ScriptedModel(replies=[LATTE, BILL, MOCHA])
    cashier = ScriptedModel(replies=["4 euros.", TO_KIOSK])
    for text in ("a latte", "the bill", "I meant a mocha"):
        with SqliteSaver.from_conn_string(str(tmp_path / "shop.db")) as saver:
            tools = [create_handoff_tool(agent_name="desk")]
            shop = swarm(
                compile_fsm(KIOSK, model, checkpointer=True, tools=tools),
                create_agent(cashier, [create_handoff_tool(agent_name="kiosk")], name="cashier"),
                saver=saver,
            )
            values = shop.invoke(given(text), CONFIG)
    assert spoken(values)[-2:] == ["cashier: 4 euros.", "kiosk: A mocha, then."]
    assert values["context"] == {"coffee": "mocha"}


async def test_events_of_a_handoff_show_both_agents_and_no_transfer() -> None:
    shop = swarm(kiosk(BILL), agent("cashier", "4 euros."))
    events = [event async for event in shop.astream_events(given("the bill"), CONFIG, version="v2")]
    pieces = [event["data"]["chunk"] for event in events if event["event"] == "on_chat_model_stream"]
    assert "".join(chunk.text for chunk in pieces if isinstance(chunk, AIMessageChunk)) == "One moment.4 euros."


@pytest.mark.filterwarnings("ignore:The v3 streaming protocol")
def test_the_third_protocol_hands_over_too() -> None:
    run = swarm(kiosk(BILL), agent("cashier", "4 euros.")).stream_events(given("the bill"), CONFIG, version="v3")
    assert spoken([*run.values][-1]) == ["kiosk: One moment.", "cashier: 4 euros."]


def test_a_swarm_with_a_machine_draws_itself() -> None:
    drawn = swarm(agent("desk"), kiosk()).get_graph()
    assert {"desk", "kiosk"} <= drawn.nodes.keys()
    assert ("desk", "kiosk") in {(edge.source, edge.target) for edge in drawn.edges}

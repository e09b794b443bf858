"""Names of speakers, made fit for the providers that refuse some; and how prompts tell who has spoken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from machines import CONFIG, DRIVERS, FORM, Drive, Talk, given, machine, reply, state, sync, to

from fsm_langgraph import LLM_FSM, Graph, Handlers, ScriptedModel, build_graph, compile_fsm
from fsm_langgraph.prompts.recent_messages import recent_messages
from fsm_langgraph.prompts.speakers import speaker_of

NAMES = {
    "coffee": "coffee",
    "Café Müller": "Café_Müller",
    " the\tshop\n": "the_shop",
    "a<b|c\\d/e>f": "a_b_c_d_e_f",
    "<|>": None,
    "": None,
    "x" * 80: "x" * 64,
}


@pytest.mark.parametrize(("name", "fit"), NAMES.items())
def test_a_name_is_made_fit(name: str, fit: str | None) -> None:
    assert speaker_of(name) == fit


@pytest.mark.parametrize("drive", DRIVERS)
def test_every_message_of_the_machine_carries_its_name(drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("ERROR")(lambda _: "Sorry.")
    handlers.on("POST_TRANSITION")(lambda _: None)
    definition = machine(
        state("hello", to("ask"), silent=True, say="Welcome!"),
        state("ask", to("more", "x"), required_context_keys=["x"]),
        state("more", to("ask", "y"), required_context_keys=["y"]),
        name="The shop",
    )
    talk = Talk(definition, ["X?", reply("more", "Y?", x="1"), "no JSON", "no JSON"], drive, handlers=handlers)
    for text in ("", "1", "2"):
        talk.say(text)
    named = [(message.name, message.text) for message in talk.values["messages"] if isinstance(message, AIMessage)]
    assert named == [("The_shop", text) for text in ("Welcome!", "X?", "Y?", "Sorry.")]


def test_its_pieces_carry_it_too() -> None:
    graph = compile_fsm(FORM, ScriptedModel(replies=["Your name?"]), name="the form")
    parts: list[Any] = [*graph.stream(given(), CONFIG, stream_mode="messages")]
    assert {chunk.name for chunk, _ in parts} == {"the_form"}
    assert graph.name == "the form"


@pytest.mark.parametrize(
    "make",
    [
        lambda model: build_graph(FORM, model, name="form").compile(),
        lambda model: compile_fsm(FORM, model, name="form"),
        lambda model: LLM_FSM(FORM, model, name="form").graph,
    ],
    ids=["build_graph", "compile_fsm", "LLM_FSM"],
)
def test_a_graph_and_its_messages_have_one_name(make: Callable[[ScriptedModel], Graph]) -> None:
    graph = make(ScriptedModel(replies=["Your name?"]))
    assert (graph.name, sync(graph, given(), CONFIG)["messages"][-1].name) == ("form", "form")


def test_a_graph_may_be_compiled_under_another_name() -> None:
    assert build_graph(FORM, ScriptedModel(replies=[]), name="form").compile(name="other").name == "other"


OTHERS: list[AnyMessage] = [
    HumanMessage("Hi", id="1", name="Ann Lee"),
    AIMessage("Hello!", id="2", name="shop"),
    AIMessage("It rains.", id="3", name="weather <man>"),
    AIMessage("To the shop.", id="4", name="desk", tool_calls=[{"name": "transfer_to_shop", "args": {}, "id": "c"}]),
    ToolMessage("Successfully transferred to shop", tool_call_id="c"),
    AIMessage("Transferring back to desk", id="5", response_metadata={"__is_handoff_back": True}),
    HumanMessage("A latte", id="6"),
]


def test_a_prompt_tells_the_names_of_others_alone() -> None:
    told = recent_messages(OTHERS, 10, said=[AIMessage("Welcome!", name="shop")], speaker="shop")
    assert [(message.name, message.text) for message in told[:-1]] == [
        ("Ann_Lee", "Hi"),
        (None, "Hello!"),
        ("weather_man", "It rains."),
        ("desk", "To the shop."),
        (None, "A latte"),
        (None, "Welcome!"),
    ]
    assert not any(getattr(message, "tool_calls", None) for message in told)
    assert [message.name for message in OTHERS[:2]] == ["Ann Lee", "shop"]

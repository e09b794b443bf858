"""`get_graph()` tells every transition on its edges, and states as data on its nodes, at no cost to a turn."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.runnables.graph import Graph as DrawnGraph
from langgraph.graph import END, START
from machines import CONFIG, FORM, SHOP, Talk, machine, reply, state, to

from fsm_langgraph import Graph, ScriptedModel, build_graph, compile_fsm
from fsm_langgraph.graph.drawn_graph import EdgeLabel

SILENT_MODEL = ScriptedModel(replies=[])
GUARD: Any = {
    "description": "Old enough",
    "requires_context_keys": ["age"],
    "logic": {">=": [{"var": "age"}, 18]},
}
DESK = machine(
    state(
        "ask",
        to("desk", description="The user complains.", priority=7),
        to("end", description="All is known", conditions=[GUARD]),
        to("desk", description="The user\nwants a  person", fires=False),
        to("desk", description="The user complains."),
        to("ask", description="Once more"),
        required_context_keys=["age"],
        instructions="Be kind",
    ),
    state("desk", to("end", description="Done")),
    state("end"),
    global_transitions=[to("help", description="The user is lost", priority=50, **{"return": True})],
)
DESK["states"]["help"] = state("help")

Draw = Callable[[Graph], DrawnGraph]
BY_EACH = pytest.mark.parametrize(
    "draw", [lambda graph: graph.get_graph(), lambda graph: asyncio.run(graph.aget_graph())], ids=["sync", "async"]
)


def labels(drawn: DrawnGraph) -> dict[tuple[str, str], Any]:
    return {(edge.source, edge.target): edge.data for edge in drawn.edges}


@BY_EACH
def test_an_edge_tells_all_transitions_that_join_two_states(draw: Draw) -> None:
    assert labels(draw(compile_fsm(DESK, SILENT_MODEL))) == {
        (START, "ask"): None,
        ("ask", "ask"): "Once more",
        ("ask", "desk"): "The user complains / The user wants a person",
        ("ask", "end"): "All is known",
        ("ask", "help"): "The user is lost",
        ("desk", "end"): "Done",
        ("desk", "help"): "The user is lost",
        ("end", END): None,
        ("help", END): None,
    }


def test_a_label_carries_its_transitions_as_data() -> None:
    drawn = labels(compile_fsm(DESK, SILENT_MODEL).get_graph())
    assert drawn["ask", "desk"].transitions == (
        {"target_state": "desk", "description": "The user complains.", "priority": 7},
        {"target_state": "desk", "description": "The user\nwants a  person", "priority": 100, "fires": False},
        {"target_state": "desk", "description": "The user complains.", "priority": 100},
    )
    assert drawn["ask", "help"].transitions == (
        {"target_state": "help", "description": "The user is lost", "priority": 50, "return": True, "global": True},
    )


def test_a_node_tells_its_state_and_its_transitions_as_data() -> None:
    told: Any = compile_fsm(DESK, SILENT_MODEL).get_graph().nodes["ask"].metadata
    assert told["state"] == {
        "id": "ask",
        "description": "The state ask",
        "purpose": DESK["states"]["ask"]["purpose"],
        "required_context_keys": ["age"],
        "is_final": False,
    }
    assert [(each["target_state"], each["priority"]) for each in told["transitions"]] == [
        ("desk", 7),
        ("help", 50),
        ("end", 100),
        ("desk", 100),
        ("desk", 100),
        ("ask", 100),
    ]
    assert told["transitions"][2]["conditions"] == [GUARD]


def test_a_final_state_is_told_as_final() -> None:
    told: Any = compile_fsm(DESK, SILENT_MODEL).get_graph().nodes["end"].metadata
    assert told["state"]["is_final"]
    assert "transitions" not in told


@pytest.mark.parametrize("xray", [False, True])
def test_the_drawing_survives_json_and_pickle(xray: bool) -> None:
    drawn = compile_fsm(SHOP, SILENT_MODEL).get_graph(xray=xray)
    assert json.loads(json.dumps(drawn.to_json())) == drawn.to_json()
    label = next(edge.data for edge in drawn.edges if isinstance(edge.data, EdgeLabel))
    copied = pickle.loads(pickle.dumps(label))  # noqa: S301 - it was saved in the same line
    assert (copied, copied.transitions) == (label, label.transitions)


def test_inside_and_around_a_sub_machine_all_edges_are_told() -> None:
    drawn = labels(compile_fsm(SHOP, SILENT_MODEL).get_graph(xray=True))
    assert drawn["payment:card", "payment:code"] == "Go to code"
    assert drawn["cart", "payment:card"] == "Go to payment"
    assert drawn["payment:paid", "cancelled"] == "The user wants to stop"


def test_a_sub_machine_that_is_run_again_is_told_on_the_edge_back_to_it() -> None:
    inner = machine(state("in", to("out", description="Inside")), state("out"))
    outer = machine(
        state("sub", to("sub", description="Once more"), to("end"), subflow="s"), state("end"), subflows={"s": inner}
    )
    drawn = labels(compile_fsm(outer, SILENT_MODEL).get_graph(xray=True))
    assert (drawn["sub:in", "sub:out"], drawn["sub:out", "sub:in"]) == ("Inside", "Once more")


def test_the_states_of_a_sub_machine_are_told_as_data_too() -> None:
    told: Any = compile_fsm(SHOP, SILENT_MODEL).get_graph(xray=True).nodes["payment:card"].metadata
    assert (told["fsm_state"], told["state"]["id"]) == ("payment/card", "card")


def test_states_that_no_transition_leads_to_are_drawn_with_their_own() -> None:
    island = machine(state("a", to("b")), state("b"), state("island", to("far")), state("far"))
    drawn = labels(compile_fsm(island, SILENT_MODEL).get_graph())
    assert drawn["island", "far"] == "Go to far"
    assert ("far", END) in drawn


def test_a_chain_that_is_longer_than_langgraphs_trial_run_is_drawn_to_its_end() -> None:
    chain = machine(*(state(f"s{n}", to(f"s{n + 1}")) for n in range(260)), state("s260"))
    drawn = labels(compile_fsm(chain, SILENT_MODEL).get_graph())
    assert drawn["s259", "s260"] == "Go to s260"
    assert ("s260", END) in drawn


def test_nodes_of_ones_own_stay_as_they_are() -> None:
    builder = build_graph(FORM, SILENT_MODEL)
    builder.add_node("audit", lambda _: {}, metadata={"mine": 1})
    builder.add_edge("ask_name", "audit")
    drawn = builder.compile().get_graph()
    assert drawn.nodes["audit"].metadata == {"mine": 1}
    assert labels(drawn)["ask_name", "audit"] is None


def test_what_is_drawn_is_not_in_the_metadata_of_a_stream() -> None:
    talk = Talk(FORM, ["?", reply("ask_email", "And your e-mail?", name="Ann")])
    talk.graph.get_graph()
    talk.say()
    streamed: Any = talk.graph.stream({"messages": [("user", "Ann")]}, CONFIG, stream_mode="messages")
    seen = {key for _, metadata in streamed for key in metadata}
    assert {"fsm_state", "description"} <= seen
    assert seen.isdisjoint({"state", "transitions"})

"""What the graph's schemas tell of a machine, to people and to the forms that tools make of them."""

from __future__ import annotations

from typing import Any, TypedDict

import pytest
from langgraph.graph import START, MessagesState, StateGraph
from machines import DECLARED, DRIVERS, FORM, Drive, machine, state, to

from fsm_langgraph import ArgumentError, build_graph, compile_fsm


def test_one_can_chat_with_it_as_with_any_of_langgraph_s_graphs() -> None:
    chat = StateGraph(MessagesState)
    chat.add_node("chat", lambda _: {})
    chat.add_edge(START, "chat")

    expected = chat.compile().get_input_jsonschema()["properties"]["messages"]
    found = compile_fsm(FORM, "offline").get_input_jsonschema()["properties"]["messages"]
    assert {**found, "description": ""} == {**expected, "description": ""}


def test_the_context_that_goes_in_is_described_key_by_key() -> None:
    context = {
        "age": {"type": "integer", "minimum": 18, "description": "In years", "metadata": {"column": 7}},
        "size": {"enum": ["S", "L"], "default": "S", "written_by": "caller"},
        "tags": {"type": "array", "items": {"type": "string", "pattern": "^#"}},
        "token": {"secret": True},
        "anything": {},
    }
    schema: dict[str, Any] = compile_fsm(machine(state("a"), context=context), "offline").get_input_jsonschema()

    described = schema["properties"]["context"]
    assert described["type"] == "object"
    assert described["properties"] == {
        "age": {"type": "integer", "minimum": 18, "description": "In years"},
        "size": {"enum": ["S", "L"], "default": "S"},
        "tags": {"type": "array", "items": {"type": "string", "pattern": "^#"}},
        "token": {"writeOnly": True},
        "anything": {},
    }


def test_without_declarations_the_context_is_any_object() -> None:
    described = compile_fsm(FORM, "offline").get_input_jsonschema()["properties"]["context"]
    assert (described["type"], described["properties"]) == ("object", {})


def test_everything_that_is_seen_is_described() -> None:
    nested = machine(state("a", to("b"), subflow="inner"), state("b"), subflows={"inner": FORM})
    for graph in (compile_fsm(DECLARED, "offline"), compile_fsm(nested, "offline")):
        seen = {**graph.get_output_jsonschema()["properties"], **graph.get_input_jsonschema()["properties"]}
        assert [name for name, field in seen.items() if name != "messages" and not field.get("description")] == []


def test_the_turn_record_is_described_field_by_field() -> None:
    record = compile_fsm(FORM, "offline").get_output_jsonschema()["$defs"]["TurnRecord"]["properties"]
    assert record["landing"]["description"] == "The state that it is in now."


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(("name", "meant"), [("message", "messages"), ("contxt", "context"), ("tabel", "table")])
def test_an_input_that_misspells_a_channel_is_refused(drive: Drive, name: str, meant: str) -> None:
    class Shop(TypedDict):
        table: str

    graph = build_graph(FORM, "offline", state_schema=Shop).compile()
    with pytest.raises(
        ArgumentError, match=rf"input\['{name}'\]: there is no such channel\.\n  Did you mean '{meant}'\?"
    ):
        drive(graph, {name: "Ann"}, {})


def test_other_names_of_an_input_are_passed_over_as_langgraph_does() -> None:
    given: Any = {"messages": [("user", "I'm Ann")], "message": "I'm Ann", "session": 7}
    assert compile_fsm(FORM, "offline").invoke(given)["context"] == {"name": "Ann"}


def test_the_graph_around_may_have_channels_of_like_names() -> None:
    class Shop(TypedDict):
        message: str
        context: dict[str, Any]

    shop = StateGraph(Shop)
    shop.add_node("form", compile_fsm(FORM, "offline"))
    shop.add_edge(START, "form")
    assert shop.compile().invoke({"message": "Hello", "context": {"name": "Ann"}})["context"] == {"name": "Ann"}

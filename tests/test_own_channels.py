"""A schema of one's own adds channels to a machine's graph, and changes nothing of the machine's."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import MessagesState
from langgraph.managed import RemainingSteps
from machines import CONFIG, DRIVERS, FORM, Drive, given, machine, reply, state, to
from pydantic import BaseModel
from typing_extensions import TypedDict

from fsm_langgraph import FSMState, GraphSetupError, ScriptedModel, build_graph, compile_fsm

BY_EACH = pytest.mark.parametrize("drive", DRIVERS)


class Shop(MessagesState):
    """The channels of a shop."""

    customer: str
    visits: Annotated[int, operator.add]
    remaining_steps: RemainingSteps


class Conversation(FSMState):
    """A conversation with a customer."""

    customer: str


class Plain(TypedDict):
    """The machine's channels in plain types, as those around a subgraph are written."""

    messages: list[Any]
    context: dict[str, Any]
    current_state: str
    customer: str


def shop(**options: Any) -> Any:
    """Build a machine with a node that reads and writes the channels of the shop."""
    model = ScriptedModel(replies=["Name?", reply("ask_email", "E-mail?", name="Ann")])
    builder = build_graph(FORM, model, state_schema=Shop, **options)
    builder.add_node("crm", lambda values: {"customer": f"{values.get('customer', 'new')}!", "visits": 1})
    builder.add_edge("ask_name", "crm")
    builder.add_edge("ask_email", "crm")
    return builder


@BY_EACH
def test_nodes_of_one_s_own_read_and_write_them_from_turn_to_turn(drive: Drive) -> None:
    graph = shop().compile(InMemorySaver())
    first = drive(graph, {**given(), "customer": "c1"}, CONFIG)
    second = drive(graph, given("Ann"), CONFIG)

    assert (first["customer"], first["visits"]) == ("c1!", 1)
    assert (second["customer"], second["visits"], second["current_state"]) == ("c1!!", 2, "ask_email")


def test_they_are_in_the_input_and_the_output_and_need_not_be_given() -> None:
    graph = shop().compile()
    for schema in (graph.get_input_jsonschema(), graph.get_output_jsonschema()):
        assert {"messages", "context", "customer", "visits"} <= schema["properties"].keys()
        assert not {"customer", "visits", "remaining_steps", "turn"} & {*schema.get("required", ())}
    assert "remaining_steps" not in graph.get_output_jsonschema()["properties"]


def test_the_states_see_what_they_saw_before() -> None:
    graph, plain = shop().compile(), compile_fsm(FORM, "offline")
    assert graph.nodes["ask_name"].channels == plain.nodes["ask_name"].channels
    assert "customer" in graph.nodes["crm"].channels


def test_a_machine_with_sub_machines_takes_them_too() -> None:
    nested = machine(state("a", to("b"), subflow="inner"), state("b"), subflows={"inner": FORM})
    graph = compile_fsm(nested, "offline", state_schema=Shop)
    assert {"customer", "sub_machine"} <= graph.get_output_jsonschema()["properties"].keys()


@pytest.mark.parametrize("schema", [FSMState, Conversation, Plain, MessagesState])
def test_the_machine_s_own_channels_may_be_named(schema: Any) -> None:
    graph = compile_fsm(FORM, ScriptedModel(replies=["Name?"]), state_schema=schema)
    plain = compile_fsm(FORM, "offline").get_output_jsonschema()["properties"]
    assert {
        name: field for name, field in graph.get_output_jsonschema()["properties"].items() if name in plain
    } == plain
    assert graph.invoke(given())["messages"][-1].text == "Name?"


@pytest.mark.parametrize(
    ("name", "hint", "advice"),
    [
        ("context", int, "Give it another name, or leave it out"),
        ("messages", str, "Give it another name, or leave it out"),
        ("current_state", int, "Give it another name, or leave it out"),
        ("last_turn", str, "Give it another name, or leave it out"),
        ("turn", dict[str, Any], r"Give it another name\."),
        ("older_messages", int, r"Give it another name\."),
        ("sub_machine", int, r"Give it another name\."),
        ("fsm_journal", str, r"Give it another name\."),
    ],
)
def test_a_name_of_the_machine_s_with_another_meaning_is_refused(name: str, hint: Any, advice: str) -> None:
    make: Any = TypedDict
    with pytest.raises(GraphSetupError, match=rf"(?s)'{name}' is a channel of the machine's.*{advice}"):
        build_graph(FORM, "offline", state_schema=make("Own", {name: hint}))


class Model(BaseModel):
    """No TypedDict."""

    customer: str = ""


@dataclass
class Data:
    """No TypedDict either."""

    customer: str = ""


@pytest.mark.parametrize("schema", [Model, Data, dict, "Shop"], ids=str)
def test_a_schema_of_another_kind_is_refused(schema: Any) -> None:
    with pytest.raises(GraphSetupError, match=r"(?s)it is not a TypedDict.*the type of its argument"):
        build_graph(FORM, "offline", state_schema=schema)


@BY_EACH
def test_a_node_may_take_its_state_as_a_model_of_its_own(drive: Drive) -> None:
    def crm(state: Model) -> Any:
        return {"customer": state.customer + "!"}

    builder = build_graph(FORM, ScriptedModel(replies=["Name?"]), state_schema=Shop)
    builder.add_node("crm", crm)
    builder.add_edge("ask_name", "crm")
    assert drive(builder.compile(), {**given(), "customer": "c1"}, {})["customer"] == "c1!"

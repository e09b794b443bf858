"""A definition knows the facts that follow from it alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from fsm_langgraph.definition import EVERYTHING, Condition, ContextKey, FSMDefinition, State, Transition


def state(**fields: Any) -> State:
    return State.model_validate(
        {"id": "ask", "description": "d", "purpose": "p", "transitions": [to("next")], **fields}
    )


def to(target: str, *conditions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"target_state": target, "description": target, "conditions": conditions, **fields}


def definition(**fields: Any) -> FSMDefinition:
    return FSMDefinition.model_validate(
        {"name": "n", "description": "d", "initial_state": "ask", "states": {"ask": state()}, **fields}
    )


def test_a_state_without_transitions_is_final() -> None:
    assert state(transitions=[]).is_final
    assert State(id="end", description="d", purpose="p").is_final
    assert not state().is_final


@pytest.mark.parametrize(
    ("fields", "instructions"),
    [
        pytest.param({"response_instructions": "Ask."}, "Ask.", id="LLM-FSM's name"),
        pytest.param({"instructions": None, "response_instructions": "Ask."}, "Ask.", id="LLM-FSM's name beside null"),
        pytest.param({"instructions": "Ask.", "response_instructions": None}, "Ask.", id="LLM-FSM's name, null"),
        pytest.param({"instructions": "Greet.", "response_instructions": "Ask."}, "Greet.\nAsk.", id="both names"),
    ],
)
def test_what_goes_by_llm_fsm_s_name_is_added_to_the_instructions(fields: dict[str, Any], instructions: str) -> None:
    told = state(**fields)

    assert told.instructions == instructions
    assert "response_instructions" not in told.model_dump(exclude_defaults=True)


def test_transitions_are_tried_by_priority_and_then_in_document_order() -> None:
    transitions = [to("last", priority=200), to("default"), to("first", priority=0), to("also", priority=100.0)]

    assert [t.target_state for t in state(transitions=transitions).by_priority] == [
        "first",
        "default",
        "also",
        "last",
    ]


def test_a_states_own_keys_are_the_required_ones_and_then_the_optional_ones() -> None:
    assert state(required_context_keys=["b", "a"], optional_context_keys=["c"]).own_keys == ("b", "a", "c")


@pytest.mark.parametrize(
    ("fields", "leads_on"),
    [
        pytest.param({}, True, id="one transition that asks nothing"),
        pytest.param({"transitions": []}, False, id="final"),
        pytest.param({"transitions": [to("a"), to("b")]}, False, id="two transitions"),
        pytest.param({"transitions": [to("a", {"description": "c"})]}, False, id="a condition"),
        pytest.param({"transitions": [to("ask")]}, False, id="a transition to itself"),
        pytest.param({"optional_context_keys": ["name"]}, False, id="a key to collect"),
    ],
)
def test_a_state_leads_on_if_it_collects_nothing_and_has_one_transition_that_asks_nothing(
    fields: dict[str, Any], leads_on: bool
) -> None:
    assert state(**fields).leads_on is leads_on


@pytest.mark.parametrize(
    ("fields", "reads"),
    [
        pytest.param({}, set(), id="nothing"),
        pytest.param({"requires_context_keys": ["a", "b"]}, {"a", "b"}, id="required keys"),
        pytest.param(
            {"logic": {"==": [{"var": "customer.tier"}, "gold"]}}, {"customer"}, id="the first step of a path"
        ),
        pytest.param({"logic": {"var": ""}}, {EVERYTHING}, id="the whole context"),
        pytest.param({"logic": True}, set(), id="a constant"),
    ],
)
def test_a_condition_knows_the_keys_that_it_reads(fields: dict[str, Any], reads: set[str]) -> None:
    assert Condition.model_validate({"description": "c", **fields}).reads == reads


def test_a_transition_reads_what_its_conditions_read() -> None:
    conditions = [{"description": "c", "requires_context_keys": [key]} for key in "ab"]

    assert Transition.model_validate(to("next", *conditions)).reads == {"a", "b"}


def test_defaults_and_secrets_come_from_the_declarations() -> None:
    declared = {"a": {"default": 0}, "b": {"secret": True}, "c": {}}

    found = definition(context=declared)

    assert found.defaults == {"a": 0}
    assert found.secret_keys == {"b"}
    assert found.declared("c") == ContextKey()
    assert found.declared("d") is None


def test_without_a_context_section_nothing_is_declared() -> None:
    assert definition().declared("a") is None
    assert definition().defaults == {}


def test_a_definition_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        definition().name = "other"  # type: ignore[misc]  # frozen: that is what is tested


def test_the_schema_address_keeps_its_name_in_the_file() -> None:
    assert definition(**{"$schema": "x"}).model_dump(exclude_defaults=True)["$schema"] == "x"


@pytest.mark.parametrize(
    ("module", "kinds"),
    [
        pytest.param("fsm_langgraph", ["image/png", "image/svg+xml", "text/plain"], id="the package's own name"),
        pytest.param("fsm_langgraph.definition", ["text/plain"], id="the models alone"),
    ],
)
def test_a_definition_shows_its_picture_only_where_drawing_is_imported(module: str, kinds: list[str]) -> None:
    data = definition(states={"ask": state(transitions=[])}).model_dump(exclude_defaults=True)
    code = f"from {module} import FSMDefinition; print(sorted(FSMDefinition(**{data!r})._repr_mimebundle_()))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  # our own words

    assert ast.literal_eval(done.stdout) == kinds

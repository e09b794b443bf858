"""The published JSON Schema, judged by another implementation of JSON Schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from definitions import BAD, VALID, Row, changed, read_yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from fsm_langgraph.loading import definition_schema, find_problems
from fsm_langgraph.logic import check_logic
from fsm_langgraph.logic.operators import OPERATORS

SCHEMA = definition_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
LOGIC = Draft202012Validator({**SCHEMA["$defs"]["Logic"], "$defs": {"Logic": SCHEMA["$defs"]["Logic"]}})

SHAPES = {
    *("unknown-field", "missing-field", "wrong-type", "unknown-value", "too-small"),
    *("newer-field", "unsupported-version", "no-states", "duplicate-tool"),
}
"""The codes of what a schema can tell as well, beside reserved names and bad expressions."""

EXPRESSIONS = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "a.b"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*OPERATORS, "a", "b", "equals"]), inner, max_size=2)
    ),
)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_has_a_title_and_a_description_for_every_field() -> None:
    parts = [SCHEMA, *(part for part in SCHEMA["$defs"].values() if "properties" in part)]

    assert SCHEMA["title"] == "Conversation"
    assert [name for part in parts for name, field in part["properties"].items() if not field.get("description")] == []


def test_the_schema_is_plain_json() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_the_schema_lists_every_operator_with_its_meaning() -> None:
    operations = SCHEMA["$defs"]["Logic"]["anyOf"][2]["properties"]

    assert operations.keys() == OPERATORS.keys()
    assert all(operation["description"] for operation in operations.values())


@pytest.mark.parametrize("path", VALID, ids=lambda path: str(path.name))
def test_what_loads_is_valid(path: Any) -> None:
    VALIDATOR.validate(read_yaml(path))


@pytest.mark.parametrize("row", [row for row in BAD if row.codes & SHAPES], ids=str)
def test_a_bad_shape_is_refused(row: Row) -> None:
    assert not VALIDATOR.is_valid(changed(row.change))


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param({"equals": [1, 2]}, id="an unknown operator"),
        pytest.param({"==": [1]}, id="too few arguments"),
        pytest.param({"==": 1}, id="too few arguments, without a list"),
        pytest.param({"!": [1, 2]}, id="too many arguments"),
        pytest.param({"and": [True], "or": [True]}, id="two operators"),
        pytest.param({"and": [{"or": [{"xor": [1, 2]}]}]}, id="an unknown operator deep inside"),
    ],
)
def test_a_bad_expression_is_refused(expression: Any) -> None:
    assert not LOGIC.is_valid(expression)


@given(EXPRESSIONS)
def test_schema_and_loading_agree_on_expressions(expression: Any) -> None:
    assert LOGIC.is_valid(expression) is (check_logic(expression) == [])


@given(st.sampled_from(["messages", "turn", "__end__", "a|b", "a:b", "", "end", "_a", "a b", "configurable"]))
def test_schema_and_loading_agree_on_state_ids(name: str) -> None:
    state = {"id": name, "description": "d", "purpose": "p", "transitions": []}
    data = {"name": "n", "description": "d", "initial_state": name, "states": {name: state}}

    assert VALIDATOR.is_valid(data) is (find_problems(data) == [])

"""A key's value is asked for in a schema that strict modes take."""

from __future__ import annotations

from typing import Any

import pytest

from fsm_langgraph.context.key_schema import JsonSchema, count_unions, key_schema
from fsm_langgraph.definition import ContextKey

SCALARS = [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]
ANY = {"anyOf": [*SCALARS, {"type": "array", "items": {"anyOf": SCALARS}}]}
STRING = {"type": "string"}


@pytest.mark.parametrize(
    ("declaration", "schema"),
    [
        pytest.param({}, ANY, id="any value"),
        pytest.param({"type": "string", "format": "email", "pattern": "a"}, STRING, id="a string"),
        pytest.param({"type": "number", "minimum": 1}, {"type": "number"}, id="a number"),
        pytest.param({"type": "integer"}, {"type": "integer"}, id="an integer"),
        pytest.param({"type": "boolean"}, {"type": "boolean"}, id="a boolean"),
        pytest.param({"type": "object"}, STRING, id="an object as text"),
        pytest.param({"type": "array"}, {"type": "array", "items": STRING}, id="a list of strings"),
        pytest.param(
            {"type": "array", "items": {"type": "array", "items": {"enum": [1, 2]}}},
            {"type": "array", "items": {"type": "array", "items": {"type": "number", "enum": [1, 2]}}},
            id="a list of lists of choices",
        ),
        pytest.param(
            {"type": "array", "items": {"type": "object"}},
            {"type": "array", "items": STRING},
            id="a list of objects as text",
        ),
        pytest.param({"enum": ["s", "l"]}, {"type": "string", "enum": ["s", "l"]}, id="choices of text"),
        pytest.param({"enum": [True]}, {"type": "boolean", "enum": [True]}, id="choices of booleans"),
        pytest.param({"enum": [1, 1.0, 2.5]}, {"type": "number", "enum": [1, 2.5]}, id="choices of numbers"),
        pytest.param({"enum": [1, "1", None]}, {"type": "string", "enum": ["1", "null"]}, id="choices of many types"),
        pytest.param({"enum": [["a"], {}]}, {"type": "string", "enum": ['["a"]', "{}"]}, id="choices that are lists"),
    ],
)
def test_a_declaration_is_asked_for_in_one_strict_type(declaration: dict[str, Any], schema: JsonSchema) -> None:
    assert key_schema(ContextKey(**declaration)) == schema


def test_an_undeclared_key_is_asked_for_as_any_value() -> None:
    assert key_schema(None) == ANY


@pytest.mark.parametrize(
    ("declaration", "unions"),
    [
        pytest.param({"type": "string"}, 0, id="one type"),
        pytest.param({"type": "array"}, 0, id="a list of one type"),
        pytest.param({}, 2, id="any value, or a list of any"),
        pytest.param({"type": "array", "items": {}}, 2, id="a list of any value"),
    ],
)
def test_unions_are_counted_in_lists_too(declaration: dict[str, Any], unions: int) -> None:
    assert count_unions(key_schema(ContextKey(**declaration))) == unions

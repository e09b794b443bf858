"""A key is present if its value says something: `false` and what is empty do not, `0` does."""

from __future__ import annotations

from typing import Any

import pytest

from fsm_langgraph.context.presence import has_key, is_there, missing_keys, value_at
from fsm_langgraph.context.writes import Context


@pytest.mark.parametrize("value", [0, 0.0, "No", " ", "no sugar", True, [None], {"a": None}])
def test_a_key_with_a_value_is_present(value: Any) -> None:
    assert has_key({"key": value}, "key")


@pytest.mark.parametrize("value", [None, "", [], {}, False, "no", "false"])
def test_a_key_without_one_is_not(value: Any) -> None:
    assert not has_key({"key": value}, "key")
    assert not has_key({}, "key")


def test_missing_keys_are_told_once_and_in_order() -> None:
    assert missing_keys({"b": 1, "c": False}, ["d", "b", "c", "d"]) == ["d", "c"]


NESTED: Context = {
    "address": {"city": "Bonn", "zip": None},
    "pizzas": [{"size": "L"}],
    "a.b": 1,
    "a": {"b": 2},
    "text": "ab",
}


@pytest.mark.parametrize(
    ("path", "value", "there"),
    [
        ("address.city", "Bonn", True),
        ("address.zip", None, True),
        ("address.street", None, False),
        ("pizzas.0.size", "L", True),
        ("pizzas.1.size", None, False),
        ("pizzas.length", 1, True),
        ("a.b", 1, True),
        ("text.1", "b", True),
        ("nothing", None, False),
        ("nothing.at.all", None, False),
    ],
)
def test_a_path_leads_into_objects_and_lists_and_a_key_of_its_very_name_goes_first(
    path: str, value: Any, there: bool
) -> None:
    assert value_at(NESTED, path) == value
    assert is_there(NESTED, path) is there


def test_a_guard_misses_what_its_path_does_not_lead_to() -> None:
    assert missing_keys(NESTED, ["address.city", "address.zip", "pizzas.0.size"]) == ["address.zip"]


@pytest.mark.parametrize("declared", [["a"], ["a.b"]], ids=["its key", "a key of its very name"])
def test_a_no_is_a_value_where_it_is_declared(declared: list[str]) -> None:
    assert has_key({"a.b": "no"}, "a.b", declared)
    assert not has_key({"a.b": "no"}, "a.b", ["b"])

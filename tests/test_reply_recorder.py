"""A reply is written as a scenario writes it, or stays the text that it was where that says more."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue
from ruamel.yaml import YAML

from fsm_langgraph.scenarios.reply_recorder import as_written, flow

SCHEMA: dict[str, Any] = {"properties": {"target_state": {"enum": ["served", "order"]}, "updates": {}, "message": {}}}

REPLIES: dict[str, tuple[str, JsonValue]] = {
    "a transition": (
        '{"target_state": "served", "updates": [], "message": "Hi"}',
        {"target": "served", "message": "Hi"},
    ),
    "to stay": ('{"target_state": "order", "updates": [], "message": "Hm"}', {"message": "Hm"}),
    "nothing but to stay": ('{"target_state": "order"}', {}),
    "entries": (
        '{"target_state": "order", "updates": [{"a": 1}, {"key": "b", "value": null}]}',
        {"updates": {"a": 1, "b": None}},
    ),
    "cut off within the message": ('{"target_state": "order", "updates": [], "message": "Hm', {"message": "Hm"}),
    "a key twice": ('{"target_state": "order", "updates": [{"a": 1}, {"a": 2}]}', None),
    "another member": ('{"target_state": "order", "reasoning": "why"}', None),
    "thoughts before it": ('<think>hm</think>{"target_state": "order"}', None),
    "another form": ('{"transition": {"target_state": "order"}}', None),
    "no object": ("Hello!", None),
}


@pytest.mark.parametrize(("text", "expected"), REPLIES.values(), ids=REPLIES)
def test_a_decision_becomes_a_mapping_where_that_says_as_much(text: str, expected: JsonValue) -> None:
    assert as_written(text, SCHEMA) == (text if expected is None else expected)


def test_words_stay_words() -> None:
    assert as_written('{"target_state": "order"}', None) == '{"target_state": "order"}'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(JSON)
def test_a_value_on_one_line_is_read_as_itself(value: JsonValue) -> None:
    written = flow(value)
    assert "\n" not in written
    assert YAML(typ="safe", pure=True).load(f"a: {written}") == {"a": value}


@pytest.mark.parametrize("text", ["served", "no", "Null", "12", "a b", "", "~", "é"])
def test_only_plain_names_go_without_quotes(text: str) -> None:
    assert flow(text) == (text if text == "served" else f'"{text}"')

"""The answers of tools are told in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm_langgraph.offline.prompt_content import ToolAnswer
from fsm_langgraph.offline.tool_results import tell

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(["string", "order", "object"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["properties", "required", "type", "enum", "order", "anyOf", "name", "function"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        ("Order A-7 is on its way.", "Order A-7 is on its way."),
        ("it is sunny", "It is sunny."),
        ('{"status": "shipped", "eta": "2031-05-03"}', "Status: shipped, eta: 3 May 2031."),
        ('{"status": "shipped", "note": null}', "Status: shipped."),
        ('["red", "blue"]', "I found red and blue."),
        ('[{"name": "Latte", "price": 3}]', "I found this:\n- name: Latte, price: 3"),
        ("42", "It is 42."),
        ("true", "That is done."),
        ("null", "I found nothing on that."),
        ("[]", "I found nothing on that."),
        ("{}", "I found nothing on that."),
        ("", "I found nothing on that."),
        ("Error: KeyError('gone')", "I am sorry, I could not find that out just now."),
        ("Long. " * 200, ("Long. " * 100).strip()),
    ],
)
def test_what_a_tool_has_answered_is_told_in_words(answered: str, told: str) -> None:
    assert tell([ToolAnswer("find", answered)]) == told


@given(JSON)
def test_any_answer_is_told_in_some_words(value: Any) -> None:
    assert tell([ToolAnswer("find", json.dumps(value))])

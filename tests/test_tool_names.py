"""A definition's name becomes one that every provider takes for a tool."""

from __future__ import annotations

import pytest

from fsm_langgraph.graph.as_tool.tool_names import is_tool_name, tool_name_of


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("coffee", "coffee"),
        ("Order a coffee!", "Order_a_coffee"),
        ("sign-up_2", "sign-up_2"),
        ("  Café: crème  ", "Cafe_creme"),
        ("x" * 80, "x" * 64),
    ],
)
def test_a_name_is_made_fit(name: str, expected: str) -> None:
    assert tool_name_of(name) == expected
    assert is_tool_name(expected)


def test_of_a_name_without_a_latin_letter_nothing_stays() -> None:
    assert tool_name_of("咖啡") == ""
    assert not is_tool_name("")

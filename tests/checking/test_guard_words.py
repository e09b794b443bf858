"""Expressions and witnesses are told as people write them."""

from __future__ import annotations

from typing import Any

import pytest
from guarded import var

from fsm_langgraph.checking.guards.guard_words import in_words, quoted


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ({">": [var("nights"), 5]}, "nights > 5"),
        ({"<": [1, var("nights"), 5]}, "1 < nights < 5"),
        ({"==": [var("size"), "suite"]}, "size == 'suite'"),
        ({"in": [var("size"), ["single", 2]]}, 'size in ["single", 2]'),
        ({"!": {"==": [var("free"), True]}}, "not (free == true)"),
        ({"!!": var("free")}, "free"),
        ({"and": [{">": [var("a"), 1]}, {"or": [var("b"), var("c")]}]}, "a > 1 and (b or c)"),
        ({">": [{"+": [var("a"), 1]}, 2]}, "(a + 1) > 2"),
        ({"-": [1]}, '{"-": [1]}'),
        ({"var": ["size", "none"]}, "size (else 'none')"),
        ({"has_context": "size"}, "size is present"),
        ({"missing": ["a", "b"]}, '{"missing": ["a", "b"]}'),
        (None, "null"),
    ],
)
def test_an_expression_in_words(expression: Any, words: str) -> None:
    assert in_words(expression) == words


def test_a_long_expression_is_cut() -> None:
    assert len(in_words({"in": [var("size"), ["a long name"] * 50]})) == 80


@pytest.mark.parametrize(("expression", "words"), [(False, "false"), ({"==": [1, 2]}, "'1 == 2'"), ("a", "'a'")])
def test_an_expression_is_quoted_and_a_value_is_not(expression: Any, words: str) -> None:
    assert quoted(expression) == words

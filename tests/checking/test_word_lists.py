"""Sentences list a few names and count the others."""

from __future__ import annotations

import pytest

from fsm_langgraph.checking.word_lists import listed, listed_names


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        ([*"abcdefghij"], "a, b, c, d, e, f, g, h and 2 more"),
    ],
)
def test_what_is_listed(words: list[str], text: str) -> None:
    assert listed(words) == text


def test_names_are_quoted_and_joined_by_another_word() -> None:
    assert listed_names(["ask", "pay"], "or") == "'ask' or 'pay'"

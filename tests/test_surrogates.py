"""Halves of characters are joined where they belong together, and replaced where they do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm_langgraph.data.surrogates import ends_open, mended, mended_json

HALVES = st.text(st.sampled_from("a€\ud83d\ude00\U0001f600"), max_size=6)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        pytest.param("plain", "plain", id="ASCII"),
        pytest.param("déjà 😀", "déjà 😀", id="whole characters"),
        pytest.param("\ud83d\ude00!", "😀!", id="a pair of halves"),
        pytest.param("a\ud83d", "a\ufffd", id="a first half alone"),
        pytest.param("\ude00a", "\ufffda", id="a second half alone"),
    ],
)
def test_a_text_is_mended(text: str, whole: str) -> None:
    assert mended(text) == whole


@given(HALVES)
def test_a_mended_text_can_be_written_and_stays_as_it_is(text: str) -> None:
    mended(text).encode()

    assert mended(mended(text)) == mended(text)


def test_names_and_items_of_json_are_mended_too() -> None:
    assert mended_json({"\ud83d": ["\ud83d\ude00", 1, None]}) == {"\ufffd": ["😀", 1, None]}
    assert mended_json({1: "\ud83d"}) == {1: "\ufffd"}


@pytest.mark.parametrize(("text", "is_open"), [("", False), ("a", False), ("\ud83d", True), ("\ude00", False)])
def test_only_a_first_half_leaves_a_text_open(text: str, is_open: bool) -> None:
    assert ends_open(text) is is_open

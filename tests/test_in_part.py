"""A text that is too long is told by its beginning and its end, with how much is missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm_langgraph.data.in_part import in_part


@pytest.mark.parametrize(
    ("text", "most", "told"),
    [
        ("short", 5, "short"),
        ("short", None, "short"),
        ("abcdefghij", 4, "ab\n[… 6 characters left out …]\nij"),
        ("ééééé", 4, "é\n[… 3 characters left out …]\né"),
        ("😀😀😀", 6, "\n[… 3 characters left out …]\n"),
        ("é" * 5, 10, "é" * 5),
    ],
)
def test_a_long_text_is_told_in_part(text: str, most: int | None, told: str) -> None:
    assert in_part(text, most) == told


@given(st.text(st.characters(exclude_categories=[])), st.integers(1, 40))
def test_what_is_told_has_room(text: str, most: int) -> None:
    assert len(in_part(text, most).encode("utf-8", "surrogatepass")) <= max(most, 0) + 60

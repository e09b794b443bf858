"""Signs that no name may have, and names that look the same."""

from __future__ import annotations

import pytest

from fsm_langgraph.data.name_signs import looks, sign_fault


@pytest.mark.parametrize(
    "name", ["ask", "Ask again", "get_name-2", "naïve", "名前", "имя", "שם", "नाम", "a.b", "☕ order", "x" * 200, "a/b"]
)
def test_a_name_in_any_script_is_fine(name: str) -> None:
    assert sign_fault(name) == ""


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param("a\u200bb", "has a sign that nobody sees in it: U+200B (zero width space)", id="no width"),
        pytest.param("a\u00adb", "has a sign that nobody sees in it: U+00AD (soft hyphen)", id="a soft hyphen"),
        pytest.param("a\ufeff", "has a sign that nobody sees in it: U+FEFF (zero width no-break space)", id="BOM"),
        pytest.param("a\u3164", "has a sign that nobody sees in it: U+3164 (hangul filler)", id="an empty letter"),
        pytest.param("a\ufe0f", "has a sign that nobody sees in it: U+FE0F (variation selector-16)", id="a selector"),
        pytest.param("a\u2028b", "has a sign that nobody sees in it: U+2028 (line separator)", id="a line separator"),
        pytest.param(
            "a\u202eb",
            "has a sign that turns the direction of the text in it: U+202E (right-to-left override)",
            id="an override",
        ),
        pytest.param(
            "a\u2066b",
            "has a sign that turns the direction of the text in it: U+2066 (left-to-right isolate)",
            id="an isolate",
        ),
        pytest.param("a\nb", "has a control character in it: U+000A", id="a new line"),
        pytest.param("a\x1b[2J", "has a control character in it: U+001B", id="an escape"),
        pytest.param("a\x85b", "has a control character in it: U+0085", id="a control character beyond ASCII"),
        pytest.param("a\u00a0b", "has a blank that is no space in it: U+00A0 (no-break space)", id="a hard space"),
        pytest.param("a\ud800", "has half of a character in it: U+D800", id="a lone surrogate"),
        pytest.param("a\ue000", "has a code point that stands for no character in it: U+E000", id="private use"),
        pytest.param(" a", "begins or ends with a blank", id="a blank before"),
        pytest.param("é ", "begins or ends with a blank", id="a blank behind"),
        pytest.param("x" * 201, "is longer than 200 characters", id="long"),
    ],
)
def test_what_people_cannot_see_or_type_is_told_by_its_code_point(name: str, fault: str) -> None:
    assert sign_fault(name) == fault


@pytest.mark.parametrize(
    ("one", "other", "same"), [("\uff21sk", "Ask", True), ("ﬁn", "fin", True), ("Ask", "ask", False)]
)
def test_compatible_forms_look_the_same_and_cases_do_not(one: str, other: str, same: bool) -> None:
    assert (looks(one) == looks(other)) is same

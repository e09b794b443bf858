"""An expected text is a part of what is found, in any case, or a regular expression."""

from __future__ import annotations

import pytest

from fsm_langgraph.scenarios.text_pattern import matches, pattern_fault


@pytest.mark.parametrize(
    ("expected", "found", "holds"),
    [
        ("", "", True),
        ("STRASSE", "die Straße", True),
        ("/Hi/", "hi", False),
        ("/Hi/i", "hi", True),
        (r"/^a.b$/", "a\nb", False),
        (r"/^b$/", "a\nb", False),
        ("/", "a/b", True),
        ("//", "a//b", True),
        ("/etc/hosts", "in /etc/hosts", True),
        ("a(b", "A(B)", True),
    ],
)
def test_a_text_is_found_or_not(expected: str, found: str, holds: bool) -> None:
    assert matches(expected, found) is holds


@pytest.mark.parametrize(("expected", "is_one"), [("/(/", False), ("/a/", True), ("(", True), ("/*/i", False)])
def test_an_expression_that_is_none_is_found_before_anything_runs(expected: str, is_one: bool) -> None:
    assert (pattern_fault(expected) == "") is is_one

"""The figures of coverage, and the least that is wanted of them."""

from __future__ import annotations

import pytest
from machines import FORM

from fsm_langgraph import load_definition
from fsm_langgraph.testing.coverage.coverable import Kind
from fsm_langgraph.testing.coverage.coverage_error import CoverageError
from fsm_langgraph.testing.coverage.figures import Figure, below, figures, read_limits
from fsm_langgraph.testing.coverage.measured import measured


@pytest.mark.parametrize(
    ("seen", "total", "told"),
    [(2, 4, "2/4 50%"), (2, 3, "2/3 66.6%"), (1999, 2000, "1999/2000 99.9%"), (3, 3, "100%"), (0, 0, "-")],
)
def test_a_share_is_told_and_is_all_only_where_all_was_seen(seen: int, total: int, told: str) -> None:
    assert str(Figure(seen, total)) == told


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("90", {"state": 90, "transition": 90, "condition": 90, "comparison": 90}),
        ("states=100,conditions=90.5", {"state": 100, "condition": 90.5}),
        ("90, states=100", {"state": 100, "transition": 90, "condition": 90, "comparison": 90}),
        ("handlers=50", {"handler": 50}),
    ],
)
def test_the_least_that_is_wanted_is_read(text: str, limits: dict[Kind, float]) -> None:
    assert read_limits(text) == limits


@pytest.mark.parametrize("text", ["", "many", "101", "-1", "nan", "states=", "=90", "states=x", "90,"])
def test_what_is_no_percentage_is_told(text: str) -> None:
    with pytest.raises(CoverageError, match="states=100,transitions=100,conditions=90"):
        read_limits(text)


def test_a_kind_that_there_is_not_is_told_with_the_near_miss() -> None:
    with pytest.raises(CoverageError, match=r"(?s)'staets'.*'states'"):
        read_limits("staets=90")


def test_what_is_below_its_limit_is_told_and_what_a_machine_has_none_of_is_enough() -> None:
    found = measured("m.json", load_definition(FORM))
    found.note("state", "ask_name", "entered")
    found.note("state", "ask_email", "entered")

    told = below({"state": 66, "transition": 1, "words": 100}, figures([found, found]))

    assert told == ["transitions: 0/4 0%, and 1% are wanted"]


def test_no_limit_is_met_where_nothing_was_measured() -> None:
    """The data may be of another text of the definition."""
    assert below({"state": 0}, figures([])) == ["nothing was measured of any definition as it is now"]
    assert below({}, figures([])) == []

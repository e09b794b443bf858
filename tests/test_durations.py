"""Lengths of time are read in the unit that is asked for."""

from __future__ import annotations

import pytest

from fsm_langgraph.offline.durations import in_unit


@pytest.mark.parametrize(
    ("text", "unit", "written"),
    [
        ("two hours", "minute", "120 minutes"),
        ("half an hour", "minute", "30 minutes"),
        ("an hour and a half", "minute", "90 minutes"),
        ("90 minutes", "hour", "1.5 hours"),
        ("a week", "day", "7 days"),
        ("twenty", "minute", "twenty"),
    ],
)
def test_lengths_of_time_are_written_in_the_unit_asked_for(text: str, unit: str, written: str) -> None:
    assert in_unit(text, unit) == written

"""Dates and times are read however people write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fsm_langgraph.offline.dates import find_dates, find_times


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1990-05-31", ["1990-05-31"]),
        ("3 May 1990", ["1990-05-03"]),
        ("May 3rd, 1990", ["1990-05-03"]),
        ("may 3 1990", ["1990-05-03"]),
        ("the 3rd of May 1990", ["1990-05-03"]),
        ("born 3. May 1990.", ["1990-05-03"]),
        ("05/31/1990", ["1990-05-31"]),
        ("31/05/1990", ["1990-05-31"]),
        ("05/06/1990", ["1990-05-06"]),
        ("05.06.1990", ["1990-06-05"]),
        ("31.5.1990", ["1990-05-31"]),
        ("5-31-1990", ["1990-05-31"]),
        ("1990/5/31", ["1990-05-31"]),
        ("05/31/90", ["1990-05-31"]),
        ("12 Sept 2001", ["2001-09-12"]),
        ("February 29, 2000", ["2000-02-29"]),
        ("February 29, 2001", []),
        ("May 40th 1990", []),
        ("31 February 1990", []),
        ("13/13/1990", []),
        ("from 3 May 2026 to 5 May 2026", ["2026-05-03", "2026-05-05"]),
        ("I may come", []),
        ("3 May", []),
        ("tomorrow", []),
        ("in 1990", []),
        ("", []),
    ],
)
def test_a_birthday_is_found_however_it_is_written(text: str, found: list[str]) -> None:
    assert [item.value for item in find_dates(text, past=True)] == found


@pytest.mark.parametrize(
    ("text", "days"), [("today", 0), ("tomorrow please", 1), ("the day after tomorrow", 2), ("yesterday", -1)]
)
def test_days_close_by_follow_the_calendar(text: str, days: int) -> None:
    before, found, after = date.today(), find_dates(text), date.today()  # it may be midnight
    assert [item.value for item in found] in [[(day + timedelta(days=days)).isoformat()] for day in (before, after)]


def test_a_date_without_a_year_is_the_next_one_to_come() -> None:
    today = date.today()
    (found,) = find_dates("on 3 May")

    assert date.fromisoformat(found.value) >= today
    assert found.value.endswith("-05-03")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("7pm", ["19:00"]),
        ("7:30 pm", ["19:30"]),
        ("at 7 p.m.", ["19:00"]),
        ("19:30", ["19:30"]),
        ("12 am", ["00:00"]),
        ("noon", ["12:00"]),
        ("half past seven", ["07:30"]),
        ("quarter to eight", ["07:45"]),
        ("seven o'clock", ["07:00"]),
        ("19.30", ["19:30"]),
        ("25:00", []),
        ("for 4 people", []),
        ("19.35 euros", []),
        ("$12.50", []),
        ("8.20 kg", []),
    ],
)
def test_a_time_of_day_is_found(text: str, found: list[str]) -> None:
    assert [item.value for item in find_times(text)] == found

"""A date or a time is the user's if all its numbers stand in what the user wrote."""

from __future__ import annotations

import pytest

from fsm_langgraph.context.written_times import is_written_time


@pytest.mark.parametrize(
    "said",
    [
        *("12 May 2027", "May 12th, 2027", "on the 12th of may, 2027", "12/5/27", "12.05.2027", "2027-05-12"),
        *(
            "5/12/2027",
            "12. Mai 2027",
            "mayo 12, 2027",
            "12 de mayo de 2027",
            "2027年5月12日",
            "no, in 2027: may the 12th",
        ),
    ],
)
def test_a_date_is_recognised_however_it_is_written(said: str) -> None:
    assert is_written_time("2027-05-12", [said])


@pytest.mark.parametrize(
    "said",
    [
        *("", "Hello!", "next Tuesday", "12 May", "in May 2027", "12 June 2027", "12.06.2027", "13 May 2027"),
        *("12 2027", "12.06.2027, please", "27 12 June"),
    ],
)
def test_a_date_of_which_a_part_was_not_written_is_made_up(said: str) -> None:
    assert not is_written_time("2027-05-12", [said])


def test_one_numeral_is_one_part_of_a_date() -> None:
    assert is_written_time("2027-05-05", ["05.05.2027"])
    assert not is_written_time("2027-05-05", ["5 June 2027"])
    assert not is_written_time("2027-05-27", ["27 May"])


def test_the_parts_may_stand_in_several_messages() -> None:
    assert is_written_time("2027-05-13", ["12 May 2027", "sorry, the 13th"])


@pytest.mark.parametrize(
    ("iso", "said", "is_said"),
    [
        ("14:30", "at 14:30", True),
        ("14:30", "2.30 pm", True),
        ("17:00", "5pm", True),
        ("09:00", "at nine", True),
        ("00:15", "12:15 am", True),
        ("14:30:00Z", "14:30", True),
        ("14:30", "at 2", False),
        ("14:30", "half past two", False),
        ("10:00", "any time", False),
        ("2027-05-12T14:30", "12 May 2027, 14:30", True),
        ("2027-05-12 14:30+02:00", "12 May 2027, 2:30 pm", True),
        ("2027-05-12T14:30", "12 May 2027", False),
        ("2027-05-12T14:30", "14:30", False),
        ("tomorrow", "tomorrow", False),
        ("", "12 May 2027", False),
    ],
)
def test_a_time_has_its_hour_and_its_minutes(iso: str, said: str, is_said: bool) -> None:
    assert is_written_time(iso, [said]) is is_said

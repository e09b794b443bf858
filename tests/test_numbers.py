"""Numbers are read in digits and in words."""

from __future__ import annotations

import pytest

from fsm_langgraph.offline.numbers import find_numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("42", [42]),
        ("1,200.50", [1200.5]),
        ("$5k", [5000]),
        ("20%", [20]),
        ("-3", [-3]),
        ("twenty five", [25]),
        ("twenty-five", [25]),
        ("two hundred and fifty", [250]),
        ("three thousand", [3000]),
        ("a dozen", [12]),
        ("half a dozen", [6]),
        ("two dozen", [24]),
        ("a couple", [2]),
        ("2 adults and 3 children", [2, 3]),
        ("five or six", [5, 6]),
        ("the red one", []),
        ("no one", []),
        ("one", [1]),
        ("abc123", []),
        ("1990", [1990]),
        ("2x", [2]),
        ("", []),
    ],
)
def test_numbers_are_found_in_digits_and_in_words(text: str, found: list[float]) -> None:
    assert [number.value for number in find_numbers(text)] == found

"""How many examples a property gets: its usual number, or as many times more as the profile asks for.

    pytest --hypothesis-profile thorough tests/test_forecast.py    forty times as many
    pytest --hypothesis-profile planted …                          twenty times, none made smaller, for `make planted`

Without either the examples are the same in every run. The profiles are registered in `conftest.py`.
"""

from __future__ import annotations

from hypothesis import settings

_USUAL = 100
"""How many Hypothesis tries where nobody says otherwise."""


def examples(usual: int) -> int:
    """Return how many examples this profile tries of a property that usually gets so many."""
    return usual * settings().max_examples // _USUAL

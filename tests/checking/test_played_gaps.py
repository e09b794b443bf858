"""What is told of a gap between guards is so when the real graph plays the context that shows it."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest
from played_gaps import end_of, gaps_of, random_sorter

MACHINES = 60
TRUE = {
    ("stuck-state", "StuckError"),
    ("perhaps-stuck", "StuckError"),
    ("uncovered-value", "sort"),
    ("one-way-answer", "StuckError"),
    ("one-way-answer", "sort"),
}
"""The findings, each with how a conversation ends of which it is true."""


@pytest.mark.parametrize("seed", range(MACHINES))
def test_the_context_that_shows_a_gap_leads_nowhere(seed: int) -> None:
    assert _played(seed) <= TRUE


def test_the_machines_have_gaps_of_every_common_kind() -> None:
    assert {code for seed in range(MACHINES) for code, _ in _played(seed)} >= {
        "stuck-state",
        "perhaps-stuck",
        "uncovered-value",
    }


@cache
def _played(seed: int) -> frozenset[tuple[str, str]]:
    sorter = random_sorter(Random(seed))  # noqa: S311  # nothing secret
    return frozenset((finding.code, end_of(sorter, finding)) for finding in gaps_of(sorter))

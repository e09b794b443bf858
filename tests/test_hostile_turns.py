"""No user and no model, however hostile, breaks a law of `hostile_turns.py`; `make soak` holds many more to them."""

from __future__ import annotations

from random import Random

import pytest
from hostile_turns import Outcome, hold, known_target, random_target
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from profiles import examples
from test_hostile import MACHINES

NUMBERS = st.integers(0, 2**64)


@pytest.mark.parametrize("name", MACHINES)
@settings(max_examples=examples(6), deadline=None, suppress_health_check=list(HealthCheck))
@given(number=NUMBERS)
def test_a_hostile_conversation_breaks_no_law_and_can_be_gone_on_with(name: str, number: int) -> None:
    hold(known_target(name), _rng(number), Outcome())


@pytest.mark.parametrize("name", MACHINES)
@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(number=NUMBERS)
def test_nor_does_one_that_is_played_without_a_graph(name: str, number: int) -> None:
    hold(known_target(name), _rng(number), Outcome(), in_graph=False)


@settings(max_examples=examples(10), deadline=None, suppress_health_check=list(HealthCheck))
@given(number=NUMBERS)
def test_nor_does_one_with_a_random_machine(number: int) -> None:
    rng = _rng(number)
    target = random_target(rng)
    for _ in range(5):
        hold(target, rng, Outcome(), in_graph=False)


def _rng(number: int) -> Random:
    return Random(number)  # noqa: S311 - nothing is hidden by it

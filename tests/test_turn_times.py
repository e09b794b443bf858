"""The time of a turn is one for all its states and tries, and is forgotten with it."""

from __future__ import annotations

import pytest

from fsm_langgraph.effects import Deadlines
from fsm_langgraph.graph import turn_times
from fsm_langgraph.graph.turn_times import TurnTimes


def test_a_turn_has_one_time_until_it_is_forgotten() -> None:
    times = TurnTimes(Deadlines(turn=60))
    first = times.of("a")
    assert times.of("a") is first
    assert times.of("b") is not first
    times.forget("a")
    assert times.of("a") is not first
    times.forget("never heard of")


def test_what_was_left_behind_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_times, "_KEPT", 2)
    times = TurnTimes(Deadlines(turn=60))
    left = times.of("a")
    times.of("b")
    times.of("c")
    assert times.of("a") is not left

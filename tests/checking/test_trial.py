"""The limits that the checks take for the usual ones are those of a graph."""

from __future__ import annotations

import inspect

from fsm_langgraph import build_graph
from fsm_langgraph.checking.trial import MAX_STEPS


def test_the_usual_number_of_steps_is_that_of_a_graph() -> None:
    assert inspect.signature(build_graph).parameters["max_steps"].default == MAX_STEPS

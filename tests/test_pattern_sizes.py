"""All patterns of a definition: thousands of large ones are refused before they are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from machines import machine, state, to

from fsm_langgraph import load_definition
from fsm_langgraph.data import patterns
from fsm_langgraph.loading.loader import find_problems
from fsm_langgraph.loading.pattern_sizes import MAX_PROGRAMS

Keys = dict[str, dict[str, Any]]


def large(number: int) -> str:
    return rf"^\p{{L}}{{1,200}}{number}$"


def inside(context: Keys) -> dict[str, Any]:
    inner = machine(state("ask", to("end")), state("end"), context=context)
    return machine(state("ask", to("end"), subflow="inner"), state("end"), subflows={"inner": inner})


def outside(context: Keys) -> dict[str, Any]:
    return machine(state("ask", to("end")), state("end"), context=context)


@pytest.mark.parametrize(
    ("made", "at", "field"),
    [
        pytest.param(outside, "context", "", id="of its own keys"),
        pytest.param(outside, "context", "items", id="of items"),
        pytest.param(inside, "subflows.inner.context", "", id="of a sub-machine"),
    ],
)
def test_large_patterns_are_refused_together(made: Callable[[Keys], dict[str, Any]], at: str, field: str) -> None:
    declared = [{"type": "string", "pattern": large(number)} for number in range(1000)]
    keys = {f"k{n}": {"type": "array", "items": each} if field else each for n, each in enumerate(declared)}

    (problem,) = find_problems(made(keys))

    last = MAX_PROGRAMS // patterns.program_size(large(0))
    assert (problem.path, problem.code) == (f"{at}.k{last}.{field and 'items.'}pattern", "too-large")


def test_patterns_that_are_too_large_each_count_too() -> None:
    keys = {f"k{number}": {"type": "string", "pattern": rf"(\p{{L}}{{100}}){{10}}{number}"} for number in range(1000)}

    (problem,) = find_problems(outside(keys))

    assert problem.path == "context.k16.pattern"


def test_the_same_pattern_counts_once_and_ordinary_ones_have_room() -> None:
    same = {f"s{number}": {"type": "string", "pattern": large(0)} for number in range(100)}
    ordinary = {f"o{number}": {"type": "string", "pattern": f"^[A-Z]{{2,8}}-{number}$"} for number in range(300)}

    assert len(load_definition(outside({**same, **ordinary})).context or {}) == 400

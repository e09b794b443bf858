"""A stored context that is over its limits stands in prompts in part, the state's own keys first."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fsm_langgraph import Limits
from fsm_langgraph.prompts.context_in_part import context_in_part

SMALL = Limits(value=20, context=200)


@pytest.mark.parametrize(
    ("context", "values", "told"),
    [
        pytest.param({"a": 1}, {"a": 1}, None, id="small"),
        pytest.param(
            {"a": "x" * 90, "b": [1] * 90, "c": {"d": 1}},
            {
                "a": f"{'x' * 10}\n[… 70 characters left out …]\n{'x' * 10}",
                "b": "[1,1,1,1,1\n[… 161 characters left out …]\n1,1,1,1,1]",
                "c": {"d": 1},
            },
            None,
            id="long values",
        ),
        pytest.param(
            {**{f"k{n:02}": n for n in range(30)}, "own": 1},
            {**{f"k{n:02}": n for n in range(30)}, "own": 1},
            ["own", *(f"k{n:02}" for n in range(20)), "…"],
            id="many keys",
        ),
        pytest.param({"k" * 900: 1, "b": 2}, {"k" * 900: 1, "b": 2}, ["b", "…"], id="a long name"),
    ],
)
def test_a_context_is_told_in_part(context: Any, values: Any, told: list[str] | None) -> None:
    short, text = context_in_part(context, SMALL, first=["own", "missing"])

    assert short == values
    assert [*json.loads(text)] == (told or [*values])


def test_what_is_left_out_is_counted() -> None:
    _, text = context_in_part({"k" * 900: 1, "b": 2}, SMALL, first=[])

    assert json.loads(text)["…"] == "1 more keys, left out here"


def test_lifted_limits_tell_all() -> None:
    context: Any = {"a": "x" * 900, "b": [1] * 900}

    assert context_in_part(context, Limits(value=None, context=None), first=[])[0] == context

"""A condition whose logic is a text is warned of, and the definition loads."""

from __future__ import annotations

from typing import Any

import pytest
from random_definitions import definition

from fsm_langgraph.loading import find_text_logic


def to(target: str, logic: Any) -> dict[str, Any]:
    condition = {"description": "c", "logic": logic}
    return {"target_state": target, "description": "d", "conditions": [condition]}


@pytest.mark.parametrize(
    ("logic", "told"),
    [
        pytest.param("age >= 18", ["'age >= 18' is a text, not an expression, so that it always holds."], id="a text"),
        pytest.param("", ["'' is a text, not an expression, so that it never holds."], id="an empty text"),
        pytest.param({">=": [{"var": "age"}, 18]}, [], id="an expression"),
        pytest.param(True, [], id="a truth value"),
        pytest.param(None, [], id="none"),
    ],
)
def test_logic_that_is_a_text_is_warned_of(logic: Any, told: list[str]) -> None:
    found = [*find_text_logic(definition({"age": {}}, a={"transitions": [to("b", logic)]}, b={}))]

    assert [problem.message for problem in found] == told
    assert {(problem.code, problem.severity, problem.path) for problem in found} <= {
        ("text-logic", "warning", "states.a.transitions[0].conditions[0].logic")
    }


def test_global_transitions_and_sub_machines_are_looked_at_too() -> None:
    inner = definition({}, a={})
    machine = inner.model_validate({**inner.model_dump(), "global_transitions": [to("a", "age >= 18")]})
    outer = inner.model_copy(update={"subflows": {"seats": machine}})

    paths = [problem.path for problem in find_text_logic(outer)]

    assert paths == ["subflows.seats.global_transitions[0].conditions[0].logic"]

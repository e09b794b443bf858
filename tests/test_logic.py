"""Laws of expressions: they never raise, give JSON, read only their variables and leave their data alone."""

from __future__ import annotations

import copy
import json
from typing import Any

import logic_strategies as some
from hypothesis import assume, given, settings
from logic_strategies import same_json
from profiles import examples

from fsm_langgraph.errors import LogicError
from fsm_langgraph.logic import check_logic, compile_logic, evaluate, variables


@given(some.expressions, some.data | some.json_values)
@settings(deadline=None, max_examples=examples(175))
def test_evaluating_gives_json_and_never_raises(expression: Any, data: Any) -> None:
    value = evaluate(expression, data)

    json.dumps(value, allow_nan=False)


@given(some.expressions, some.data | some.json_values)
@settings(deadline=None, max_examples=examples(150))
def test_evaluating_by_the_second_engine_gives_json_and_never_raises(expression: Any, data: Any) -> None:
    value = evaluate(expression, data, engine="json-logic-qubit")

    json.dumps(value, allow_nan=False)


@given(some.junk, some.data)
@settings(deadline=None, max_examples=examples(125))
def test_anything_is_either_refused_or_evaluated(expression: Any, data: Any) -> None:
    try:
        compiled = compile_logic(expression)
    except LogicError as error:
        assert list(error.problems) == check_logic(expression) != []  # noqa: PT017  # both ways out are right
    else:
        json.dumps(compiled(data), allow_nan=False)


@given(some.expressions, some.data, some.json_values)
@settings(deadline=None, max_examples=examples(125))
def test_a_key_that_is_not_read_changes_nothing(expression: Any, data: dict[str, Any], value: Any) -> None:
    paths = variables(expression)
    assume("" not in paths)
    read = {path.split(".")[0] for path in paths}

    changed = data | dict.fromkeys(set(some.KEYS) - read, value)

    assert same_json(evaluate(expression, changed), evaluate(expression, data))


@given(some.expressions, some.data)
@settings(deadline=None, max_examples=examples(150))
def test_evaluating_twice_gives_the_same_and_changes_no_data(expression: Any, data: dict[str, Any]) -> None:
    before = copy.deepcopy(data)
    compiled = compile_logic(expression)

    assert same_json(compiled(data), compiled(copy.deepcopy(data)))
    assert same_json(data, before)


@given(some.junk)
@settings(deadline=None, max_examples=examples(150))
def test_variables_of_anything_are_paths(expression: Any) -> None:
    assert all(isinstance(path, str) for path in variables(expression))

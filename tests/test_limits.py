"""An expression beyond its limits is refused; an evaluation beyond its own ends soon, with null."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from logic_strategies import same_json

from fsm_langgraph.logic import check_logic, evaluate, variables
from fsm_langgraph.logic.limits import MAX_DEPTH, MAX_ITEMS, MAX_NODES, MAX_TEXT


def nested(inner: Any, times: int, wrap: Callable[[Any], Any]) -> Any:
    for _ in range(times):
        inner = wrap(inner)
    return inner


ITEM: Any = {"var": ""}
TOTAL: Any = {"var": "accumulator"}
DEEP_LIST: Any = nested([], 50_000, lambda inner: [inner])
DEEP_OBJECT: Any = nested({}, 50_000, lambda inner: {"a": inner})

DEEPER_OBJECT: Any = {"a": DEEP_OBJECT}
NINES: Any = {"xs": [1] * 999}
LONG: Any = {"xs": [1] * 60_000}

TOO_MUCH: list[tuple[str, Any, Any]] = [
    ("a text that doubles", {"reduce": [{"var": "xs"}, {"cat": [TOTAL, TOTAL]}, "x"]}, {"xs": [1] * 100}),
    ("a list that doubles", {"reduce": [{"var": "xs"}, {"merge": [TOTAL, TOTAL]}, [1]]}, {"xs": [1] * 100}),
    ("a list in lists", {"reduce": [{"var": "xs"}, [TOTAL, TOTAL], 1]}, {"xs": [1] * 50}),
    ("a scope in scopes", {"reduce": [{"var": "xs"}, ITEM, 1]}, LONG),
    ("lists in loops", nested({"var": "xs"}, 60, lambda e: {"map": [e, [ITEM, ITEM]]}), {"xs": [1]}),
    ("loops in loops", {"map": [{"var": "xs"}, {"map": [[1] * 999, {"map": [[1] * 999, 1]}]}]}, NINES),
    ("a number multiplied", {"reduce": [{"var": "xs"}, {"*": [TOTAL, 10]}, 1]}, LONG),
    ("a number added", {"reduce": [{"var": "xs"}, {"+": [TOTAL, TOTAL]}, 1]}, LONG),
    ("a long text cut", {"substr": [{"var": "x"}, 1]}, {"x": "x" * (MAX_TEXT + 9)}),
    ("a long list merged", {"merge": [{"var": "xs"}]}, {"xs": [1] * (MAX_ITEMS + 1)}),
    ("a long numeral", {"-": [{"var": "x"}, 1]}, {"x": "9" * 1_000_000}),
    ("a large integer", {"+": [{"var": "x"}, 1]}, {"x": 10**5_000}),
    ("the largest integers", {"*": [{"var": "x"}, 1.5, 2]}, {"x": 2**1023 - 1}),
    ("a tiny divisor", {"/": [{"var": "x"}, 5e-324]}, {"x": 2**1023 - 1}),
    ("equality of deep lists", {"==": [{"var": "a"}, {"var": "b"}]}, {"a": DEEP_LIST, "b": [DEEP_LIST]}),
    ("identity of deep ones", {"===": [{"var": "a"}, {"var": "b"}]}, {"a": DEEP_OBJECT, "b": DEEPER_OBJECT}),
    ("text of a deep list", {"cat": [{"var": "a"}]}, {"a": DEEP_LIST}),
    ("order of a deep list", {"<": [{"var": "a"}, 5]}, {"a": DEEP_LIST}),
    ("a deep list in a new one", {"merge": [{"var": "a"}, 1]}, {"a": [DEEP_LIST]}),
    ("a long name", {"var": {"var": "name"}}, {"name": "a." * 1_000_000}),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "data"), [pytest.param(*row[1:], id=row[0]) for row in TOO_MUCH])
def test_what_would_grow_without_end_is_null_soon(expression: Any, data: Any) -> None:
    began = time.process_time()

    value = evaluate(expression, data)

    assert value is None
    assert time.process_time() - began < 5


def test_a_guard_that_goes_beyond_a_limit_does_not_hold_even_when_negated() -> None:
    too_long: Any = {"cat": [{"var": "x"}, {"var": "x"}]}

    assert evaluate({"!": too_long}, {"x": "x" * MAX_TEXT}) is None


ENOUGH: list[tuple[str, Any, Any, Any]] = [
    ("between in between", nested(1, 60, lambda e: {"<": [0, e, 2]}), {}, True),
    ("a large integer compared", {">": [{"var": "x"}, 1.5]}, {"x": 10**5_000}, True),
    ("a large integer as text", {"cat": [{"var": "x"}]}, {"x": 10**5_000}, "NaN"),
    ("a deep value found", {"!!": [{"var": "a"}]}, {"a": DEEP_LIST}, True),
    ("a sum over a long list", {"reduce": [{"var": "xs"}, {"+": [TOTAL, 1]}, 0]}, LONG, 60_000),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "data", "expected"), [pytest.param(*row[1:], id=row[0]) for row in ENOUGH])
def test_what_stays_within_the_limits_is_computed(expression: Any, data: Any, expected: Any) -> None:
    assert same_json(evaluate(expression, data), expected)


REFUSED: list[tuple[str, Any, str]] = [
    ("operators", nested(1, 50_000, lambda inner: {"!": inner}), "too-deep"),
    ("lists", nested(1, 50_000, lambda inner: [inner]), "too-deep"),
    ("data", nested(1, 50_000, lambda inner: {"a": inner, "b": 1}), "too-deep"),
    ("many values", {"and": [True] * (MAX_NODES + 1)}, "too-large"),
    ("a long text", {"cat": ["x" * 1_000_000]}, "too-large"),
]


@pytest.mark.parametrize(("expression", "code"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_an_expression_beyond_its_limits_has_one_problem(expression: Any, code: str) -> None:
    assert [problem.code for problem in check_logic(expression)] == [code]


def test_an_expression_may_be_as_deep_as_the_limit() -> None:
    assert check_logic(nested(1, MAX_DEPTH, lambda inner: {"!": inner})) == []


def test_the_place_where_it_gets_too_deep_is_named() -> None:
    [problem] = check_logic(nested(1, MAX_DEPTH + 1, lambda inner: {"!": [inner]}))

    assert problem.path == ".".join(["![0]"] * (MAX_DEPTH + 1))


def test_variables_of_a_deep_expression_are_found() -> None:
    assert variables(nested({"var": "x"}, 50_000, lambda inner: {"!": inner})) == {"x"}

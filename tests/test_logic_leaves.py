"""The leaves of a condition's logic: where they stand, and which of them an evaluation comes to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from logic_strategies import data, expressions

from fsm_langgraph.logic import check_logic, evaluate, truthy
from fsm_langgraph.testing.coverage.logic_leaves import find_leaves

CARD: dict[str, Any] = {"==": [{"var": "kind"}, "card"]}
DEAR: dict[str, Any] = {">": [{"var": "total"}, 100]}
OLD: dict[str, Any] = {"var": "old"}


@pytest.mark.parametrize(
    ("logic", "leaves"),
    [
        (CARD, {"": 'kind == "card"'}),
        ({"and": [CARD, DEAR]}, {"and[0]": 'kind == "card"', "and[1]": "total > 100"}),
        (
            {"and": [CARD, {"or": [DEAR, {"!": OLD}]}]},
            {"and[0]": None, "and[1].or[0]": None, "and[1].or[1].![0]": "old"},
        ),
        ({"if": [CARD, DEAR, OLD]}, {"if[0]": None, "if[1]": None, "if[2]": None}),
        ({"if": [CARD, True, False]}, {"if[0]": None}),
        ({"!!": [{"and": [OLD]}]}, {"!![0].and[0]": "old"}),
        ({"some": [{"var": "pets"}, {"and": [{"var": "big"}, {"var": "old"}]}]}, {"": None}),
        ({"==": [{"if": [CARD, 1, 2]}, 1]}, {"": None}),
        ({"has_context": ["guests"]}, {"": 'has_context("guests")'}),
        ({"==": [1, 1]}, {}),
        (True, {}),
    ],
    ids=["one", "and", "nested", "if", "then constants", "truth", "loop", "value", "call", "constant", "true"],
)
def test_the_leaves_of_an_expression(logic: Any, leaves: dict[str, str | None]) -> None:
    found = {leaf.place: leaf.text for leaf in find_leaves(logic).leaves}

    assert found.keys() == leaves.keys()
    assert {place: found[place] for place, text in leaves.items() if text} == {k: t for k, t in leaves.items() if t}


@pytest.mark.parametrize(
    ("logic", "context", "seen"),
    [
        ({"and": [CARD, DEAR]}, {"kind": "card", "total": 7}, {"and[0]": True, "and[1]": False}),
        ({"and": [CARD, DEAR]}, {"kind": "cash", "total": 7}, {"and[0]": False}),
        ({"or": [CARD, DEAR]}, {"kind": "card"}, {"or[0]": True}),
        ({"or": [CARD, DEAR]}, {"total": 101}, {"or[0]": False, "or[1]": True}),
        ({"if": [CARD, DEAR, OLD]}, {"kind": "card"}, {"if[0]": True, "if[1]": False}),
        ({"if": [CARD, DEAR, OLD]}, {"old": "yes"}, {"if[0]": False, "if[2]": True}),
        ({"!": CARD}, {"kind": "card"}, {"![0]": True}),
        ({"and": [True, DEAR]}, {}, {"and[1]": False}),
    ],
    ids=["all", "and stops", "or stops", "or goes on", "then", "else", "not", "constants are not seen"],
)
def test_a_leaf_is_seen_where_it_decided_something(logic: Any, context: dict[str, Any], seen: dict[str, bool]) -> None:
    noted: dict[str, bool] = {}

    find_leaves(logic).evaluate(context, noted.__setitem__)

    assert noted == seen


@given(logic=expressions, context=data)
def test_the_leaves_together_come_to_what_the_guard_does(logic: Any, context: Any) -> None:
    assume(not check_logic(logic))

    assert find_leaves(logic).evaluate(context, lambda *_: None) is truthy(evaluate(logic, context))

"""The names that a condition needs are such that it is closed without them, whatever else there is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fsm_langgraph.checking.keys.needed_keys import needed_names, present_names
from fsm_langgraph.context.presence import has_key
from fsm_langgraph.definition import Condition, Transition
from fsm_langgraph.logic import evaluate, truthy

A = {"var": "a"}
B = {"var": "b"}


def condition(logic: Any, *required: str) -> Condition:
    return Condition(description="c", requires_context_keys=required, logic=logic)


def needed(logic: Any, *required: str) -> set[str]:
    transition = Transition(target_state="end", description="d", conditions=(condition(logic, *required),))
    return {*needed_names(transition)}


@pytest.mark.parametrize(
    ("logic", "names"),
    [
        (A, {"a"}),
        ({"var": ["a.b"]}, {"a.b"}),
        ({"!!": A}, {"a"}),
        ({"has_context": "a"}, {"a"}),
        ({"has_context": [{"var": ""}, "a"]}, {"a"}),
        ({"==": [A, "x"]}, {"a"}),
        ({"==": ["x", A]}, {"a"}),
        ({"===": [A, False]}, {"a"}),
        ({"<": [1, A, 3]}, {"a"}),
        ({"in": [A, ["x", "y"]]}, {"a"}),
        ({"<=": [A, B]}, {"a", "b"}),
        ({"in": ["x", A]}, {"a"}),
        ({"in": [A, B]}, {"b"}),
        ({"contains": [A, "x"]}, {"a"}),
        ({"and": [A, {">": [B, 1]}]}, {"a", "b"}),
        ({"or": [{"and": [A, B]}, {"==": [A, 2]}]}, {"a"}),
        ({"or": [A, B]}, set()),
        ({"!": A}, set()),
        ({"!=": [A, "x"]}, set()),
        ({"==": [A, None]}, set()),
        ({"==": [A, B]}, set()),
        ({"==": [{"var": ["a", "x"]}, "x"]}, set()),
        ({"in": [A, ["x", None]]}, set()),
        ({"in": [A, "text"]}, set()),
        ({"var": ""}, set()),
        ({"if": [A, True, False]}, set()),
    ],
)
def test_the_needed_names_of_logic(logic: Any, names: set[str]) -> None:
    assert needed(logic) == names


def test_what_is_required_is_needed_beside_the_logic() -> None:
    assert needed(A, "b.c") == {"a", "b.c"}


VALUES: st.SearchStrategy[Any] = st.sampled_from([None, True, False, 0, 1, "", "x", "no", [], ["x"], {}])
LEAVES = st.sampled_from([A, B, {"var": ["a", 1]}, {"has_context": "b"}]) | VALUES
LOGIC: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            lambda operator, one, other: {operator: [one, other]},
            st.sampled_from(["==", "===", "!=", "<", ">=", "in", "contains", "and", "or"]),
            inner,
            inner | st.lists(VALUES, max_size=2),
        ),
        st.builds(lambda operator, one: {operator: [one]}, st.sampled_from(["!", "!!"]), inner),
    ),
    max_leaves=6,
)
CONTEXTS = st.dictionaries(st.sampled_from(["a", "b"]), VALUES)


@given(LOGIC, CONTEXTS)
@example({"==": [A, ""]}, {})
@example({"==": [A, []]}, {})
@example({"in": [A, ["", 0]]}, {})
def test_without_a_needed_key_no_logic_holds(logic: Any, context: dict[str, Any]) -> None:
    lacking = needed(logic) - context.keys()

    assert not (lacking and truthy(evaluate(logic, context)))


@given(LOGIC, CONTEXTS)
def test_where_a_key_has_to_be_present_false_and_nothing_do_not_do(logic: Any, context: dict[str, Any]) -> None:
    absent = [name for name in present_names(condition(logic)) if not has_key(context, name, ["a", "b"])]

    assert not (absent and truthy(evaluate(logic, context)))

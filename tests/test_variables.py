"""An expression reads the paths that it names."""

from __future__ import annotations

from typing import Any

import pytest

from fsm_langgraph.logic import (
    variables,
)

READ: list[tuple[str, Any, set[str]]] = [
    ("a path", {"==": [{"var": "customer.status"}, "vip"]}, {"customer.status"}),
    ("with its default", {"var": ["a", {"var": "b"}]}, {"a", "b"}),
    ("a position", {"var": 1}, {"1"}),
    ("all of it", {"var": ""}, {""}),
    ("all of it by null", {"var": None}, {""}),
    ("all of it by nothing", {"var": []}, {""}),
    ("a computed name", {"var": {"if": [{"var": "a"}, "b", "c"]}}, {"", "a"}),
    ("missing", {"missing": ["a", "b.c"]}, {"a", "b.c"}),
    ("missing from a list", {"missing": [["a", "b"]]}, {"a", "b"}),
    ("missing, computed", {"missing": {"merge": ["a", {"var": "b"}]}}, {"", "b"}),
    ("missing some", {"missing_some": [{"var": "n"}, ["a", "b"]]}, {"a", "b", "n"}),
    ("LLM-FSM's", {"or": [{"has_context": "a"}, {">": [{"context_length": ["b"]}, 1]}]}, {"a", "b"}),
    ("LLM-FSM's, of the context", {"has_context": [{"var": ""}, "guests"]}, {"guests"}),
    ("LLM-FSM's, of null", {"context_length": [{"var": None}, "guests"]}, {"guests"}),
    ("LLM-FSM's, of nothing", {"context_length": [{"var": []}, "guests"]}, {"guests"}),
    ("LLM-FSM's, of a value", {"context_length": [{"var": "party"}, "guests"]}, {"party.guests"}),
    ("LLM-FSM's, computed", {"has_context": [{"var": "party"}, {"var": "k"}]}, {"party", "k"}),
    ("LLM-FSM's, of a default", {"has_context": [{"var": ["a", {"var": "b"}]}, "k"]}, {"a", "b"}),
    ("LLM-FSM's, of a text", {"has_context": ["party", "k"]}, set()),
    ("a loop's list only", {"some": [{"var": "xs"}, {"==": [{"var": "id"}, 1]}]}, {"xs"}),
    ("a loop's start", {"reduce": [{"var": "xs"}, {"var": "current"}, {"var": "s"}]}, {"xs", "s"}),
    ("a list", [{"var": "a"}, [{"var": "b"}]], {"a", "b"}),
    ("data", {"a": {"var": "x"}, "b": 1}, set()),
    ("nothing", {"==": [1, 2]}, set()),
    ("an unknown operator's", {"oops": [{"var": "a"}]}, {"a"}),
]


@pytest.mark.parametrize(("expression", "paths"), [pytest.param(*row[1:], id=row[0]) for row in READ])
def test_an_expression_reads_its_variables(expression: Any, paths: set[str]) -> None:
    assert variables(expression) == paths

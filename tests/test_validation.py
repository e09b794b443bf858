"""An expression that cannot be compiled is refused, with the path of each fault."""

from __future__ import annotations

from typing import Any

import pytest

from fsm_langgraph.logic import (
    check_logic,
)

REFUSED: list[tuple[str, Any, list[tuple[str, str]]]] = [
    ("operator", {"vra": "x"}, [("vra", "unknown-operator")]),
    ("deep inside", {"and": [True, {">": [{"vra": "x"}, 1]}]}, [("and[1].>[0].vra", "unknown-operator")]),
    ("as only argument", {"!": {"vra": "x"}}, [("!.vra", "unknown-operator")]),
    ("in a list", [1, {"vra": "x"}], [("[1].vra", "unknown-operator")]),
    ("in a body", {"map": [[1], {"vra": ""}]}, [("map[1].vra", "unknown-operator")]),
    ("operator with a dot", {"!": {"a.b": 1}}, [('!["a.b"]', "unknown-operator")]),
    ("log", {"log": "x"}, [("log", "unknown-operator")]),
    ("method", {"method": ["x", "upper"]}, [("method", "unknown-operator")]),
    ("too few", {"==": {"var": "x"}}, [("==", "wrong-arity")]),
    ("too many", {">": [3, 2, 1]}, [(">", "wrong-arity")]),
    ("none", {"and": []}, [("and", "wrong-arity")]),
    ("not between", {"!": [{"<": [1, 2, 3, 4]}]}, [("![0].<", "wrong-arity")]),
    ("two operators", {"==": [1, 1], ">": [2, 1]}, [("", "several-operators")]),
    ("an operator beside a key", {"or": [{"var": "x", "default": 1}]}, [("or[0]", "several-operators")]),
    ("not a number", {"+": [float("nan")]}, [("+[0]", "not-json")]),
    ("a tuple", {"in": [1, (1, 2)]}, [("in[1]", "not-json")]),
    ("a key that is no text", {"in": [1, {2: 3}]}, [("in[1]", "not-json")]),
    ("in data", {"in": [1, {"a": {1, 2}, "b": 1}]}, [("in[1].a", "not-json")]),
    (
        "every problem, in order",
        {"or": [{"vra": [{"!": []}]}, {"==": [1]}, {"lod": 1}]},
        [
            ("or[0].vra", "unknown-operator"),
            ("or[0].vra[0].!", "wrong-arity"),
            ("or[1].==", "wrong-arity"),
            ("or[2].lod", "unknown-operator"),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "problems"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_what_is_refused_is_told_with_its_path(expression: Any, problems: list[tuple[str, str]]) -> None:
    assert [(problem.path, problem.code) for problem in check_logic(expression)] == problems


def test_a_problem_suggests_the_nearest_operator() -> None:
    [problem] = check_logic({"and": [True, {">": [{"vra": "x"}, 1]}]})

    assert str(problem).startswith("and[1].>[0].vra: there is no operator 'vra'.\n  Did you mean 'var'?")


def test_a_problem_says_how_many_arguments_there_are() -> None:
    [problem] = check_logic({"substr": ["x"]})

    assert problem.message == "'substr' takes 2 to 3 arguments; 1 found."


def test_a_sound_expression_has_no_problems() -> None:
    assert check_logic({"and": [{"==": [{"var": "a"}, 1]}, {"in": [{"var": "b"}, ["x", {"c": 1, "d": 2}]]}]}) == []

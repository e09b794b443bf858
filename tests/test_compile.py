"""Expressions mean what the shared suite and tables of our own say."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from logic_strategies import same_json

from fsm_langgraph.errors import LogicError
from fsm_langgraph.logic import (
    Engine,
    check_logic,
    compile_logic,
    evaluate,
)

SUITE = [
    row
    for row in json.loads((Path(__file__).parent / "data" / "jsonlogic-tests.json").read_text("utf-8"))
    if isinstance(row, list)
]


@pytest.mark.parametrize("engine", ["closures", "json-logic-qubit"])
@pytest.mark.parametrize(("rule", "data", "expected"), SUITE, ids=[json.dumps(row[0]) for row in SUITE])
def test_every_case_of_the_shared_suite_holds(rule: Any, data: Any, expected: Any, engine: Engine) -> None:
    assert same_json(evaluate(rule, data, engine=engine), expected)


MEANINGS: list[tuple[str, Any, Any, Any]] = [
    # equality
    ("a number equals its text", {"==": [1, "1.0"]}, {}, True),
    ("true equals 1", {"==": [True, 1]}, {}, True),
    ("true is not 1", {"===": [True, 1]}, {}, False),
    ("true does not equal its name", {"==": [True, "true"]}, {}, False),
    ("1 is 1.0", {"===": [1, 1.0]}, {}, True),
    ("null equals no zero", {"==": [None, 0]}, {}, False),
    ("null equals no empty text", {"==": [None, ""]}, {}, False),
    ("a missing key equals null", {"==": [{"var": "x"}, None]}, {}, True),
    ("a missing key is not false", {"==": [{"var": "x"}, False]}, {}, False),
    ("a missing key has no name", {"==": [{"var": "x"}, "None"]}, {}, False),
    ("empty text equals zero", {"==": ["", 0]}, {}, True),
    ("a list equals its text", {"==": [{"var": "x"}, "1,2"]}, {"x": [1, 2]}, True),
    ("lists are equal by members", {"==": [{"var": "x"}, [1, "a"]]}, {"x": [1.0, "a"]}, True),
    ("lists keep types apart", {"==": [{"var": "x"}, [1]]}, {"x": [True]}, False),
    ("a list in a list is no text", {"==": [{"var": "x"}, ["1"]]}, {"x": [[1]]}, False),
    ("objects too", {"===": [{"var": "x"}, {"var": "y"}]}, {"x": {"a": 1}, "y": {"a": 1.0}}, True),
    ("an object is no list", {"==": [{"var": "x"}, []]}, {"x": {}}, False),
    ("no number equals itself", {"==": [{"+": "x"}, {"+": "x"}]}, {}, False),
    ("no number differs from itself", {"!=": [{"+": "x"}, {"+": "x"}]}, {}, True),
    # order
    ("null is not less", {"<": [None, 5]}, {}, False),
    ("null is not at most null", {"<=": [None, None]}, {}, False),
    ("a missing number is not at least 0", {">=": [{"var": "age"}, 0]}, {}, False),
    ("a missing number is not between", {"<": [0, {"var": "age"}, 9]}, {}, False),
    ("a word is not more than a number", {">": ["abc", 5]}, {}, False),
    ("a word is not less than a number", {"<": ["abc", 5]}, {}, False),
    ("texts order by characters", {"<": ["10", "9"]}, {}, True),
    ("a text of digits orders as number", {"<": ["10", 9]}, {}, False),
    ("false is less than true", {"<": [False, True]}, {}, True),
    ("true is at most 1", {"<=": [True, 1]}, {}, True),
    ("between takes both ends", {"<=": [1, {"var": "x"}, 3]}, {"x": 3}, True),
    ("strictly between does not", {"<": [1, {"var": "x"}, 3]}, {"x": 3}, False),
    ("a float orders with an integer", {">": [{"var": "x"}, 5000]}, {"x": 5000.5}, True),
    # arithmetic
    ("a remainder has the sign of the left", {"%": [-7, 3]}, {}, -1),
    ("a remainder of fractions", {"%": [5.5, 2]}, {}, 1.5),
    ("nothing divides by zero", {"/": [1, 0]}, {}, None),
    ("a quotient by zero is not large", {">": [{"/": [1, 0]}, 5]}, {}, False),
    ("no remainder by zero", {"%": [1, 0]}, {}, None),
    ("a missing number makes no sum", {"+": [{"var": "x"}, 1]}, {}, None),
    ("a missing number makes no difference", {"-": [10, {"var": "x"}]}, {}, None),
    ("a missing number is not the least", {"min": [{"var": "x"}, 1]}, {}, None),
    ("a sum reads the number in front", {"+": ["3 apples", 1]}, {}, 4),
    ("a difference needs a number", {"-": ["3 apples", 1]}, {}, None),
    ("a hexadecimal text is a number", {"-": ["0x10", 1]}, {}, 15),
    ("an underscore is no digit", {"-": ["1_000", 1]}, {}, None),
    ("a word for infinity is no number", {"-": ["Infinity", 1]}, {}, None),
    ("a failure in a list is null", {"map": [[1], {"/": [1, 0]}]}, {}, [None]),
    # text and lists
    ("a whole float has no point", {"cat": [1.0, "/", 0.0, "/", 1e21, "/", 1e-7]}, {}, "1/0/1e+21/1e-7"),
    ("a small float", {"cat": [0.000001]}, {}, "0.000001"),
    ("a large float", {"cat": [123456789012345680000.0]}, {}, "123456789012345680000"),
    ("text of other values", {"cat": [None, True, [1, [None, "a"]], {}]}, {}, "true1,,a[object Object]"),
    ("null is part of no text", {"in": [None, "null"]}, {}, False),
    ("null is an item of a list", {"in": [None, [1, None]]}, {}, True),
    ("a number is part of a text", {"in": [5, "a5"]}, {}, True),
    ("true is no item 1", {"in": [True, [1]]}, {}, False),
    ("a list is an item by members", {"in": [[1], [[1]]]}, {}, True),
    ("in does not look at keys", {"in": ["a", {"var": ""}]}, {"a": 1}, False),
    ("contains a key", {"contains": [{"var": ""}, "a"]}, {"a": 1}, True),
    ("contains an item", {"contains": [{"var": "xs"}, 2]}, {"xs": [1, 2]}, True),
    ("contains a part", {"contains": ["team", "ea"]}, {}, True),
    ("nothing contains nothing", {"contains": [{"var": "xs"}, {"var": "x"}]}, {}, False),
    ("a part from far before the start", {"substr": ["abc", -9, 2]}, {}, "ab"),
    ("a part of null", {"substr": [None, 0, 2]}, {}, ""),
    # data
    ("a name with dots", {"var": "a.b.1"}, {"a": {"b": [1, 2]}}, 2),
    ("a position beyond the end", {"var": ["xs.5", 9]}, {"xs": [1]}, 9),
    ("a position before the start", {"var": "xs.-1"}, {"xs": [1]}, None),
    ("a default does not replace null", {"var": ["a", 9]}, {"a": None}, None),
    ("a default does not replace 0", {"var": ["a", 9]}, {"a": 0}, 0),
    ("a length", {"var": "xs.length"}, {"xs": [1, 2]}, 2),
    ("a key named length", {"var": "xs.length"}, {"xs": {"length": "long"}}, "long"),
    ("has a zero", {"has_context": ["a"]}, {"a": 0}, True),
    ("has no false", {"has_context": "a"}, {"a": False}, False),
    ("has no empty object", {"has_context": "a.b"}, {"a": {"b": {}}}, False),
    ("has nothing", {"has_context": "a.b"}, {}, False),
    ("has a key of the context", {"has_context": [{"var": ""}, "a"]}, {"a": "x"}, True),
    ("has a key of a value", {"has_context": [{"var": "guest"}, "name"]}, {"guest": {"name": "Ann"}, "name": ""}, True),
    ("has no key of a value", {"has_context": [{"var": "guest"}, "name"]}, {"guest": {}, "name": "Ann"}, False),
    ("has nothing in a text", {"has_context": ["guest", "name"]}, {"guest": {"name": "Ann"}}, False),
    ("has a computed key", {"has_context": [{"var": "p"}, {"var": "k"}]}, {"p": {"name": "Ann"}, "k": "name"}, True),
    ("has a no", {"has_context": [{"var": ""}, "a"]}, {"a": "no"}, False),
    ("has a no in a value", {"has_context": [{"if": [1, {"var": "p"}]}, "a"]}, {"p": {"a": "no"}}, False),
    ("length in the context", {"context_length": [{"var": ""}, "guests"]}, {"guests": ["Ann", "Bo"]}, 2),
    ("length in a value", {"context_length": [{"var": "party"}, "guests"]}, {"party": {"guests": ["Ann"]}}, 1),
    ("length in nothing", {"context_length": [{"var": "party"}, "guests"]}, {"guests": ["Ann"]}, 0),
    ("length of a list", {"context_length": "a"}, {"a": [1, 2]}, 2),
    ("length of a text", {"context_length": ["a"]}, {"a": "abc"}, 3),
    ("length of an object", {"context_length": ["a"]}, {"a": {"b": 1}}, 1),
    ("length of a number", {"context_length": ["a"]}, {"a": 12}, 0),
    ("length of nothing", {"context_length": ["a"]}, {}, 0),
    ("missing counts empty text, not false", {"missing": ["a", "b"]}, {"a": "", "b": False}, ["a"]),
    # deciding
    ("an empty object holds", {"if": [{}, "yes", "no"]}, {}, "yes"),
    ("the text 0 holds", {"!!": ["0"]}, {}, True),
    ("no number does not hold", {"!!": [{"/": [1, 0]}]}, {}, False),
    ("or gives what holds", {"or": [0, "", [], "x"]}, {}, "x"),
    ("and gives what does not", {"and": [1, [], 2]}, {}, []),
    ("several keys are data", {"a": {"var": "x"}, "b": 1}, {"x": 2}, {"a": {"var": "x"}, "b": 1}),
    # loops
    ("filter keeps falsy items", {"filter": [[0, "", None, 1], {"!": {"var": ""}}]}, {}, [0, "", None]),
    ("a body does not see outside", {"map": [{"var": "xs"}, {"var": "x"}]}, {"x": 1, "xs": [{}]}, [None]),
    ("the start of reduce is evaluated", {"reduce": [[], 1, {"var": "x"}]}, {"x": 7}, 7),
    ("a loop over no list", {"some": ["abc", True]}, {}, False),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "data", "expected"), [pytest.param(*row[1:], id=row[0]) for row in MEANINGS])
def test_an_expression_means_what_the_table_says(expression: Any, data: Any, expected: Any) -> None:
    assert same_json(evaluate(expression, data), expected)


@pytest.mark.parametrize("engine", ["closures", "json-logic-qubit"])
def test_compiling_raises_with_every_problem(engine: Engine) -> None:
    expression: Any = {"and": [{"vra": "x"}, {"!": []}]}

    with pytest.raises(LogicError) as caught:
        compile_logic(expression, engine=engine)

    assert caught.value.problems == tuple(check_logic(expression))


def test_a_compiled_expression_does_not_follow_its_document() -> None:
    expression: Any = {"in": [{"var": "x"}, ["a"]]}
    holds = compile_logic(expression)

    expression["in"][1].append("b")

    assert holds({"x": "b"}) is False


def test_the_data_may_be_any_mapping_of_lists_or_tuples() -> None:
    assert evaluate({"in": [2, {"var": "a.b"}]}, MappingProxyType({"a": MappingProxyType({"b": (1, 2)})})) is True

"""The closures against json-logic-qubit: equal everywhere, but for the causes named here.

A cause claims the operations in which the library is known to differ from the JavaScript reference, or from
what we promise beyond it. Where no cause claims an operation, the two must agree; and each cause shows an
operation in which they do differ, so that none outlives its reason.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import json_logic
import logic_strategies as some
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logic_strategies import same_json

from fsm_langgraph.logic import evaluate
from fsm_langgraph.logic.operators import OPERATORS
from fsm_langgraph.logic.qubit import as_function


class Cause(NamedTuple):
    """A reason for which the two engines differ."""

    name: str
    why: str
    claims: Callable[[str, list[Any]], bool]
    example: tuple[str, list[Any]]


EQUALITY = {"==", "!="}
ORDER = {"<", "<=", ">", ">="}
ARITHMETIC = {"+", "-", "*", "/", "%", "min", "max"}
TRUTH = {"!", "!!", "and", "or", "if", "?:"}


def kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__


def is_plain_number(value: Any) -> bool:
    return kind(value) == "number" or (isinstance(value, str) and bool(re.fullmatch(r"-?[1-9]\d{0,9}|0", value)))


def holds_boolean(value: Any) -> bool:
    if isinstance(value, list | dict):
        return any(map(holds_boolean, value.values() if isinstance(value, dict) else value))
    return isinstance(value, bool)


def holds_large_integer(value: Any) -> bool:
    if isinstance(value, list | dict):
        return any(map(holds_large_integer, value.values() if isinstance(value, dict) else value))
    return isinstance(value, int) and abs(value) >= 10**21


def are_ordered_alike(a: Any, b: Any) -> bool:
    """Say whether both are texts, or both are read as the same numbers by both engines."""
    if isinstance(a, str) and isinstance(b, str):
        return True
    if isinstance(a, str) or isinstance(b, str):
        return is_plain_number(a) and is_plain_number(b) and not isinstance(a, float) and not isinstance(b, float)
    return {kind(a), kind(b)} <= {"number", "boolean"}


def finds_by_python(needle: Any, haystack: Any) -> bool:
    if isinstance(haystack, str):
        return haystack == "" or not isinstance(needle, str)
    return isinstance(haystack, dict)


CAUSES = [
    Cause(
        "equality by text",
        "`==` compares Python's texts if one side is a string, and Python's truth if one is a boolean.",
        lambda op, args: (
            op in EQUALITY
            and kind(args[0]) != kind(args[1])
            and not (is_plain_number(args[0]) and is_plain_number(args[1]) and float not in map(type, args))
        ),
        ("==", [1.0, "1"]),
    ),
    Cause(
        "members by Python",
        "Members of lists and objects are compared by Python, where `True` is 1.",
        lambda op, args: op in EQUALITY | {"===", "!==", "in", "contains"} and any(map(holds_boolean, args)),
        ("==", [[True], [1]]),
    ),
    Cause(
        "order of mixed types",
        "What is not a plain number raises beside a number, and lists order by their items.",
        lambda op, args: op in ORDER and not all(map(are_ordered_alike, args, args[1:])),
        ("<", ["", 5]),
    ),
    Cause(
        "at most, by equality",
        "`<=` is `<` or `==`, where null equals null and every number but 0 equals true.",
        lambda op, args: op in {"<=", ">="} and any(kind(a) in {"boolean", "NoneType"} for a in args),
        ("<=", [None, None]),
    ),
    Cause(
        "empty objects",
        "An empty object is falsy in Python.",
        lambda op, args: op in TRUTH and {} in args,
        ("!", [{}]),
    ),
    Cause(
        "arithmetic on what is not a number",
        "Only plain numbers are converted; a boolean is added as a number, and a text is read to its end.",
        lambda op, args: op in ARITHMETIC and not all(map(is_plain_number, args)),
        ("+", ["12abc", 1]),
    ),
    Cause(
        "integers without end",
        "Whole floats become integers that keep every digit, or overflow where they meet a float.",
        lambda op, args: op in ARITHMETIC and any(kind(a) == "number" and abs(a) > 2**31 for a in args),
        ("+", [1e21, 1]),
    ),
    Cause(
        "sign of the remainder",
        "`%` has the sign of the right side in Python, of the left side in JavaScript.",
        lambda op, args: op == "%" and any(str(a).lstrip().startswith("-") for a in args),
        ("%", [-7, 3]),
    ),
    Cause(
        "text by Python",
        "`cat` writes values as Python does: `None`, `True`, `1.0`.",
        lambda op, args: op == "cat" and not all(isinstance(a, str) or type(a) is int for a in args),
        ("cat", [None, 1.0, True]),
    ),
    Cause(
        "parts of what is not a text",
        "`substr` slices its argument, and takes a null length for none.",
        lambda op, args: op == "substr"
        and not (isinstance(args[0], str) and all(isinstance(a, int) and abs(a) < 2**31 for a in args[1:])),
        ("substr", [12345, 1]),
    ),
    Cause(
        "parts and keys by Python",
        "`in` raises for what is no text beside a text, finds keys of objects, and the empty text in itself.",
        lambda op, args: op in {"in", "contains"} and finds_by_python(*(args if op == "in" else args[::-1])),
        ("in", [5, "a5"]),
    ),
    Cause(
        "falsy data",
        "Data, and items of a loop, that are falsy become an empty object.",
        lambda op, args: op in {"map", "filter", "all", "some", "none"} and not all(args[0]),
        ("map", [[0, 1]]),
    ),
    Cause(
        "large integers as text",
        "An integer too large for a float has no text here, and is null as a result there.",
        lambda _, args: holds_large_integer(args),
        ("cat", [10**400]),
    ),
]  # fmt: skip

BODY: dict[str, Any] = {op: {"var": ""} for op in ("map", "filter", "all", "some", "none")} | {
    "reduce": {"var": "current"}
}


def expression_of(op: str, count: int) -> Any:
    """Apply the operator to arguments that are read from the data, so that none is taken for an operation."""
    arguments: list[Any] = [{"var": f"args.{index}"} for index in range(count)]
    return {op: [*arguments, BODY[op]] if op in BODY else arguments}


def outcomes(op: str, args: list[Any]) -> tuple[Any, Any]:
    expression, data = expression_of(op, len(args)), {"args": args}
    return evaluate(expression, data), evaluate(expression, data, engine="json-logic-qubit")


two, three = st.tuples(some.json_values, some.json_values), st.lists(some.json_values, min_size=1, max_size=3)
operations: st.SearchStrategy[tuple[str, list[Any]]] = st.one_of(
    st.tuples(
        st.sampled_from(["==", "!=", "===", "!==", ">", ">=", "<", "<=", "in", "contains", "/", "%"]),
        two.map(list),
    ),
    st.tuples(st.sampled_from(["and", "or", "if", "cat", "merge", "+", "*", "min", "max"]), three),
    st.tuples(st.sampled_from(["<", "<=", "?:", "substr"]), st.lists(some.json_values, min_size=3, max_size=3)),
    st.tuples(st.just("substr"), st.tuples(st.text(max_size=9), st.integers(-9, 9), st.integers(-9, 9)).map(list)),
    st.tuples(st.sampled_from(["!", "!!", "-"]), st.tuples(some.json_values).map(list)),
    st.tuples(st.sampled_from(sorted(BODY)), st.tuples(st.lists(some.json_values, max_size=3)).map(list)),
)


@given(operations)
@settings(deadline=None, max_examples=600)
def test_the_engines_agree_on_an_operation_or_a_cause_claims_it(operation: tuple[str, list[Any]]) -> None:
    op, args = operation
    ours, theirs = outcomes(op, args)

    assert same_json(ours, theirs) or any(cause.claims(op, args) for cause in CAUSES), (ours, theirs)


@pytest.mark.parametrize("cause", CAUSES, ids=[cause.name for cause in CAUSES])
def test_every_cause_claims_a_difference_that_exists(cause: Cause) -> None:
    op, args = cause.example
    ours, theirs = outcomes(op, args)

    assert cause.claims(op, args)
    assert not same_json(ours, theirs)


# Guards as people write them: every part has the type that its operator expects, and none is null.

_numbers: st.SearchStrategy[Any] = st.integers(1, 99) | st.sampled_from([{"var": "age"}, {"var": "cart.total"}])
_texts: st.SearchStrategy[Any] = st.sampled_from(["", "vip", "a", {"var": "status"}, {"var": ["nick", "none"]}])
_lists: st.SearchStrategy[Any] = st.sampled_from([["vip", "a"], {"var": "tags"}, {"merge": [{"var": "tags"}, "z"]}])

_calculations = st.recursive(
    _numbers,
    lambda n: st.one_of(
        st.tuples(st.sampled_from(["+", "*", "-", "min", "max"]), n, n).map(lambda t: {t[0]: [t[1], t[2]]}),
        st.tuples(n, st.integers(1, 9)).map(lambda t: {"/": list(t)}),
        st.tuples(_lists).map(lambda t: {"reduce": [t[0], {"+": [{"var": "accumulator"}, 1]}, 0]}),
        st.just({"context_length": "tags"}),
    ),
    max_leaves=3,
)
_tests: st.SearchStrategy[Any] = st.one_of(
    st.tuples(st.sampled_from(["==", "!=", "===", "<", "<=", ">", ">="]), _calculations, _calculations).map(
        lambda t: {t[0]: [t[1], t[2]]}
    ),
    st.tuples(st.sampled_from(["==", "!=", "===", "<", ">"]), _texts, _texts).map(lambda t: {t[0]: [t[1], t[2]]}),
    st.tuples(_calculations, _calculations, _calculations).map(lambda t: {"<=": list(t)}),
    st.tuples(_texts, _lists).map(lambda t: {"in": list(t)}),
    st.tuples(_lists, _texts).map(lambda t: {"contains": list(t)}),
    st.sampled_from(
        [
            {"var": "confirmed"},
            {"has_context": "nick"},
            {"!": {"missing": ["age", "nick"]}},
            {"missing_some": [1, ["nick", "cart.total"]]},
            {"some": [{"var": "tags"}, {"==": [{"var": ""}, "vip"]}]},
        ]
    ),
)
_guards: st.SearchStrategy[Any] = st.recursive(
    _tests,
    lambda g: st.one_of(
        st.lists(g, min_size=1, max_size=3).map(lambda several: {"and": several}),
        st.lists(g, min_size=1, max_size=3).map(lambda several: {"or": several}),
        g.map(lambda one: {"!": one}),
        st.tuples(g, g, g).map(lambda t: {"if": list(t)}),
    ),
    max_leaves=5,
)
_contexts: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "age": st.integers(0, 99),
        "cart": st.fixed_dictionaries({"total": st.floats(0, 1e4).map(lambda price: round(price, 2))}),
        "status": st.sampled_from(["vip", "a", "new"]),
        "tags": st.lists(st.sampled_from(["vip", "a", "b"]), max_size=3),
        "confirmed": st.booleans(),
    },
    optional={"nick": st.sampled_from(["", "vip", "x"])},
)


@given(_guards, _contexts)
@settings(deadline=None, max_examples=300)
def test_the_engines_agree_on_every_well_typed_guard(guard: Any, context: dict[str, Any]) -> None:
    assert same_json(evaluate(guard, context), evaluate(guard, context, engine="json-logic-qubit"))


QUBIT: list[tuple[str, Any, Any, Any]] = [
    ("contains a part", {"contains": ["team", "ea"]}, {}, True),
    ("contains a key", {"contains": [{"var": "a"}, "k"]}, {"a": {"k": 1}}, True),
    ("contains in a number", {"contains": [5, 5]}, {}, False),
    ("has a zero", {"has_context": ["a"]}, {"a": 0}, True),
    ("has no false", {"has_context": "a.b"}, {"a": {"b": False}}, False),
    ("length", {"context_length": "a"}, {"a": "abc"}, 3),
    ("has a key of a value", {"has_context": [{"var": "guest"}, "name"]}, {"guest": {"name": "Ann"}}, True),
    ("length in the context", {"context_length": [{"var": ""}, "guests"]}, {"guests": ["Ann", "Bo"]}, 2),
    ("length of an item's key", {"map": [{"var": "xs"}, {"context_length": "a"}]}, {"xs": [{"a": "x"}]}, [1]),
    ("a computed name", {"has_context": {"cat": ["a", "b"]}}, {"ab": 1}, True),
    ("what it raises on", {">": ["abc", 5]}, {}, None),
    ("what is too large", {"*": [1e308, 10]}, {}, None),
    ("too large in a list", {"map": [[1e308], {"*": [{"var": ""}, 10]}]}, {}, [None]),
]


@pytest.mark.parametrize(("expression", "data", "expected"), [pytest.param(*row[1:], id=row[0]) for row in QUBIT])
def test_the_second_engine_knows_every_operator_and_raises_on_nothing(
    expression: Any, data: Any, expected: Any
) -> None:
    assert same_json(evaluate(expression, data, engine="json-logic-qubit"), expected)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("cat", ["a", 1], "a1"),
        ("contains", ["abc", "b"], True),
        ("+", ["1", 2], 3),
        ("substr", ["jsonlogic", -5], "logic"),
    ],
)
def test_an_operator_that_the_library_lacks_would_be_the_first_engines(name: str, values: Any, expected: Any) -> None:
    assert as_function(OPERATORS[name])(*values) == expected == evaluate({name: values}, {})


def test_the_second_engine_leaves_the_library_as_it_is() -> None:
    before = dict(json_logic.operations)

    evaluate({"has_context": "a"}, {}, engine="json-logic-qubit")

    assert json_logic.operations == before
    assert "method" in before
    assert "has_context" not in before


def test_importing_and_compiling_does_not_load_the_second_engine() -> None:
    code = (
        "import sys; from fsm_langgraph.logic import evaluate; evaluate({'!': [1]}, {});"
        "sys.exit('json_logic' in sys.modules)"
    )

    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603  # our own line of code

"""JSON values, data and JsonLogic expressions for property tests, with a taste for what goes wrong."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fsm_langgraph.logic.operators import OPERATORS

_TEXTS = [
    "",
    "0",
    "1",
    "5",
    "10",
    "-3",
    " 7 ",
    ".5",
    "1e3",
    "0x10",
    "12abc",
    "abc",
    "b",
    "true",
    "null",
    "NaN",
]
_NUMBERS = [0, 1, -1, 2, 5, 18, -7, 2.5, -0.5, 0.1, 1e21, 1e-7, 1e308, 2**53 + 1, -(10**400)]

atoms: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, True, False]),
    st.sampled_from(_NUMBERS),
    st.sampled_from(_TEXTS),
    st.integers(-100, 100),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
)

KEYS = ["a", "b", "xs", "0"]

json_values: st.SearchStrategy[Any] = st.recursive(
    atoms,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)

data: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {}, optional={"a": json_values, "b": json_values, "xs": st.lists(json_values, max_size=4), "0": atoms}
)

names = st.sampled_from(
    ["a", "b", "xs", "a.b", "a.0", "xs.0", "xs.1.a", "xs.length", "", "current", "accumulator", "nowhere"]
)


def _operation(arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def with_arguments(name: str) -> st.SearchStrategy[Any]:
        operator = OPERATORS[name]
        most = operator.fewest + 2 if operator.most is None else operator.most
        return st.lists(arguments, min_size=operator.fewest, max_size=most).map(lambda values: {name: values})

    return st.sampled_from(sorted(OPERATORS)).flatmap(with_arguments)


_reads: st.SearchStrategy[Any] = st.one_of(
    names.map(lambda name: {"var": name}),
    st.tuples(names, atoms).map(lambda pair: {"var": list(pair)}),
    st.lists(names, max_size=3).map(lambda several: {"missing": several}),
    st.lists(names, max_size=3).map(lambda several: {"missing_some": [1, several]}),
    names.map(lambda name: {"has_context": [name]}),
    st.tuples(names, names).map(lambda pair: {"has_context": [{"var": pair[0]}, pair[1]]}),
    names.map(lambda name: {"context_length": [{"var": ""}, name]}),
    names.map(lambda name: {"context_length": name}),
)

expressions: st.SearchStrategy[Any] = st.recursive(
    _reads | atoms | st.lists(atoms, max_size=3),
    lambda inner: _operation(inner) | st.lists(inner, max_size=3),
    max_leaves=8,
)
"""Expressions that can be compiled, whose operators take whatever they are given."""

junk: st.SearchStrategy[Any] = st.recursive(
    json_values | st.sampled_from([float("nan"), float("inf"), (), object(), b"x", {1: 2}]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*OPERATORS, "method", "log", "a.b", ""]), inner, max_size=2),
    ),
    max_leaves=8,
)
"""What somebody may hand over as an expression."""


def same_json(a: Any, b: Any) -> bool:
    """Say whether two values are the same JSON: `1` is `1.0`, and no number is a boolean."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same_json, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_json(a[key], b[key]) for key in a)
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return bool(a == b)

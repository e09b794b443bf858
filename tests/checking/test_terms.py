"""Terms: simplified while they are made, and evaluated where the variables are known."""

from __future__ import annotations

from fractions import Fraction

import pytest

from fsm_langgraph.checking.proving.terms import (
    FALSE,
    TRUE,
    Linear,
    Term,
    all_of,
    any_of,
    is_negative,
    is_zero,
    negated,
    parts_first,
    truth_in,
)

P, Q = Term("variable", name="p"), Term("variable", name="q")
X = Linear((("x", 1),))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (all_of([]), TRUE),
        (any_of([]), FALSE),
        (all_of([P, FALSE]), FALSE),
        (any_of([P, TRUE]), TRUE),
        (all_of([P, TRUE, P]), P),
        (any_of([P, negated(P)]), TRUE),
        (all_of([P, negated(P)]), FALSE),
        (all_of([negated(P), P]), FALSE),
        (negated(negated(P)), P),
        (is_negative(X.plus(X, -1)), FALSE),
        (is_zero(Linear((), 0)), TRUE),
    ],
)
def test_what_is_constant_is_gone(made: Term, expected: Term) -> None:
    assert made is expected


@pytest.mark.parametrize(
    ("p", "q", "expected"),
    [(True, True, True), (True, False, False), (False, None, False), (None, True, None)],
)
def test_what_is_missing_leaves_open_only_what_depends_on_it(
    *, p: bool | None, q: bool | None, expected: bool | None
) -> None:
    known = {name: value for name, value in (("p", p), ("q", q)) if value is not None}

    assert truth_in(all_of([P, Q]), known, {}) is expected


def test_sums_are_exact() -> None:
    twice = X.times(2).plus(Linear((), Fraction(-1, 5)))

    assert truth_in(is_zero(twice), {}, {"x": Fraction(1, 10)}) is True
    assert truth_in(is_negative(twice), {}, {"x": 0}) is True
    assert truth_in(is_negative(twice), {}, {}) is None


def test_parts_come_first_and_once() -> None:
    both = all_of([P, Q])
    whole = any_of([negated(both), P])

    assert [each.kind for each in parts_first([whole])] == ["variable", "variable", "and", "not", "or"]

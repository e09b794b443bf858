"""Limits are read from what people give, and sizes are those of what is sent and stored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm_langgraph import Limits
from fsm_langgraph.data.size_limits import (
    UNLIMITED,
    USUAL,
    are_limits,
    are_short,
    json_size,
    may_exceed,
    read_limits,
    text_size,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (Limits(), USUAL),
        ({}, USUAL),
        ({"value": None, "context": 10}, Limits(value=None, context=10)),
        ({"undeclared_keys": 0}, Limits(undeclared_keys=0)),
        (UNLIMITED, UNLIMITED),
    ],
    ids=str,
)
def test_limits_are_read(given: Any, meant: Limits) -> None:
    assert are_limits(given)
    assert read_limits(given) == meant


@pytest.mark.parametrize(
    "given",
    [None, 8000, {"valu": 1}, {"value": 0}, {"value": -1}, {"value": True}, {"value": 1.5}, {"value": "1"}, [1],
     Limits(context=0)],
    ids=str,
)  # fmt: skip
def test_what_makes_no_sense_is_none(given: Any) -> None:
    assert not are_limits(given)


@given(JSON)
def test_the_size_of_a_value_is_that_of_its_json(value: Any) -> None:
    assert json_size(value) == len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


@given(JSON, st.integers(0, 400))
def test_what_cannot_exceed_a_limit_does_not(value: Any, limit: int) -> None:
    assert may_exceed(value, limit) or json_size(value) <= limit


@given(st.text(st.characters(exclude_categories=[])))
def test_the_size_of_a_text_is_that_of_its_utf_8(text: str) -> None:
    assert text_size(text) == len(text.encode("utf-8", "surrogatepass"))


@given(st.lists(st.text(st.characters(exclude_categories=[]))), st.integers(0, 400))
def test_texts_that_are_short_are_within_the_limit(texts: list[str], limit: int) -> None:
    assert not are_short(texts, limit) or sum(map(text_size, texts)) <= limit
    assert not are_short([*texts, {"type": "image"}], limit)

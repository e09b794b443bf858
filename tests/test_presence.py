"""A key is present if its value says something: `false` and what is empty do not, `0` does."""

from __future__ import annotations

from typing import Any

import pytest

from fsm_langgraph.context.presence import has_key, missing_keys


@pytest.mark.parametrize("value", [0, 0.0, "no", " ", True, [None], {"a": None}])
def test_a_key_with_a_value_is_present(value: Any) -> None:
    assert has_key({"key": value}, "key")


@pytest.mark.parametrize("value", [None, "", [], {}, False])
def test_a_key_without_one_is_not(value: Any) -> None:
    assert not has_key({"key": value}, "key")
    assert not has_key({}, "key")


def test_missing_keys_are_told_once_and_in_order() -> None:
    assert missing_keys({"b": 1, "c": False}, ["d", "b", "c", "d"]) == ["d", "c"]

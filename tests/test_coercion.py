"""Values are truthy as in JavaScript, and present if they say something."""

from __future__ import annotations

from typing import Any

import pytest

from fsm_langgraph.logic import (
    is_present,
    truthy,
)


@pytest.mark.parametrize("value", ["0", "false", 1, -1, 0.1, True, {}, [0], {"a": 0}], ids=repr)
def test_truthy(value: Any) -> None:
    assert truthy(value) is True


@pytest.mark.parametrize("value", ["", 0, 0.0, False, None, [], float("nan")], ids=repr)
def test_not_truthy(value: Any) -> None:
    assert truthy(value) is False


@pytest.mark.parametrize("value", [0, 0.0, True, "0", " ", [0], {"a": None}], ids=repr)
def test_present(value: Any) -> None:
    assert is_present(value) is True


@pytest.mark.parametrize("value", [None, "", [], {}, False], ids=repr)
def test_not_present(value: Any) -> None:
    assert is_present(value) is False

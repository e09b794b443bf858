"""Who may write a key, and what a write changes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm_langgraph.context.writes import (
    Context,
    Rejection,
    Writer,
    answered_none,
    apply,
    changed_keys,
    check_writes,
    difference,
    is_writable,
)
from fsm_langgraph.definition import FSMDefinition

LAW = settings(deadline=None)


def definition(context: dict[str, Any] | None) -> FSMDefinition:
    start = {"id": "start", "description": "d", "purpose": "p", "transitions": []}
    return FSMDefinition.model_validate(
        {
            "name": "n",
            "description": "d",
            "initial_state": "start",
            "version": "3.0",
            "states": {"start": start},
            "context": context,
        }
    )


OPEN = definition(None)
CLOSED = definition(
    {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "pin": {"type": "string", "secret": True},
        "score": {"type": "number", "written_by": "handler"},
        "source": {"written_by": "caller"},
    }
)

MACHINE = "is under a key of the machine's"
UNDECLARED = "is under a key that is not declared"
HANDLERS = "is under a key that only the handler writes"
CALLERS = "is under a key that only the caller writes"


@pytest.mark.parametrize(
    ("machine", "writer", "key", "reason"),
    [
        pytest.param(CLOSED, "model", "name", None, id="the model writes its own key"),
        pytest.param(CLOSED, "model", "pin", None, id="the model writes a secret it has collected"),
        pytest.param(CLOSED, "model", "is_admin", UNDECLARED, id="the model invents no key"),
        pytest.param(CLOSED, "model", "score", HANDLERS, id="not a handler's"),
        pytest.param(CLOSED, "model", "source", CALLERS, id="not the caller's"),
        pytest.param(CLOSED, "model", "_turn", MACHINE, id="nor the machine's"),
        pytest.param(CLOSED, "handler", "name", None, id="a handler writes the model's key"),
        pytest.param(CLOSED, "handler", "anything", None, id="and any other"),
        pytest.param(CLOSED, "handler", "_turn", MACHINE, id="but the machine's"),
        pytest.param(CLOSED, "caller", "name", None, id="the caller writes the model's key"),
        pytest.param(CLOSED, "caller", "anything", None, id="and any other key"),
        pytest.param(CLOSED, "caller", "_turn", MACHINE, id="but not the machine's"),
        pytest.param(OPEN, "model", "is_admin", None, id="an open definition takes any key"),
        pytest.param(OPEN, "model", "_turn", MACHINE, id="an open definition has keys of the machine too"),
        pytest.param(OPEN, "model", "", MACHINE, id="a key without a name"),
        pytest.param(OPEN, "model", "\ud83d", "is under a key that is not text", id="half a character"),
        pytest.param(OPEN, "handler", 7, "is under a key that is not text", id="a number as a key"),
    ],
)  # fmt: skip
def test_a_key_has_its_writers(machine: FSMDefinition, writer: Writer, key: Any, reason: str | None) -> None:
    writes = check_writes(machine, [(key, "30")], writer)

    assert [rejection.reason for rejection in writes.rejected] == ([] if reason is None else [reason])
    assert is_writable(machine, key, writer) is (reason is None)


def test_a_value_that_does_not_fit_takes_nothing_else_with_it() -> None:
    writes = check_writes(CLOSED, [("age", "old"), ("name", "Ann"), ("is_admin", True)], "model")

    assert writes.accepted == {"name": "Ann"}
    assert writes.rejected == (
        Rejection("age", "is not a number", "value"),
        Rejection("is_admin", UNDECLARED, "key"),
    )


def test_the_last_value_of_a_key_that_fits_counts() -> None:
    writes = check_writes(CLOSED, [("age", "30"), ("age", 31), ("age", "old")], "model")

    assert writes.accepted == {"age": 31}


def test_a_handler_s_value_is_coerced_as_well() -> None:
    assert check_writes(CLOSED, [("score", "0.5")], "handler").accepted == {"score": 0.5}


@pytest.mark.parametrize(
    ("before", "writes", "after"),
    [
        pytest.param({"a": 1}, {"b": 2}, {"a": 1, "b": 2}, id="a new key is added"),
        pytest.param({"city": "Hawaii"}, {"city": "Bali"}, {"city": "Bali"}, id="a later value replaces"),
        pytest.param({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"c": 2}}, id="and replaces all of it"),
        pytest.param({"a": 1, "b": 2}, {"a": None}, {"b": 2}, id="null removes"),
        pytest.param({"a": 1}, {"b": None}, {"a": 1}, id="null for nothing is nothing"),
    ],
)
def test_writes_are_applied(before: Context, writes: Context, after: Context) -> None:
    assert apply(before, writes) == after


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        pytest.param({"a": 1}, {"a": True}, {"a"}, id="1 is not true"),
        pytest.param({"a": 1}, {"a": 1.0}, set(), id="1 is 1.0"),
        pytest.param({"a": [1, 0]}, {"a": [1, False]}, {"a"}, id="nor inside a list"),
        pytest.param({"a": 1}, {}, {"a"}, id="a removed key has changed"),
        pytest.param({}, {"a": ""}, {"a"}, id="an empty value is a value"),
        pytest.param({"a": None}, {}, {"a"}, id="null is an answer, and not nothing"),
        pytest.param({"a": None}, {"a": None}, set(), id="null is null"),
        pytest.param({"a": {"x": 1, "y": 2}}, {"a": {"y": 2, "x": 1}}, set(), id="order is no change"),
    ],
)
def test_changes_are_those_of_json(before: Context, after: Context, changed: set[str]) -> None:
    assert changed_keys(before, after) == changed


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2),
)
CONTEXTS = st.dictionaries(st.sampled_from("abcdefg"), VALUES)


@LAW
@given(CONTEXTS, CONTEXTS)
def test_a_difference_turns_one_context_into_the_other(before: Context, after: Context) -> None:
    writes = difference(before, after)

    assert changed_keys(apply(before, writes, answered_none(after, writes)), after) == frozenset()


@LAW
@given(CONTEXTS, CONTEXTS)
def test_a_difference_keeps_the_order_of_the_contexts(before: Context, after: Context) -> None:
    """The order of the context is the order in the prompt, which is to be the same each time."""
    order = list({**before, **after})

    writes = difference(before, after)

    assert list(writes) == [key for key in order if key in writes]

"""What a key can hold: the values that writing leaves as they are."""

from __future__ import annotations

from typing import Any

import pytest
from random_guards import machine_with

from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.proving.domains import Domain, Domains, inside
from fsm_langgraph.definition import ContextKey, FSMDefinition


def _domain(declared: dict[str, Any] | None, *, collected: bool = False) -> Domain:
    context = {"key": declared} if declared is not None else None
    definition = machine_with([], context, ["key"] if collected else [])
    return Domains(MachineView(definition)).of_key("key")


@pytest.mark.parametrize(
    ("declared", "held", "not_held"),
    [
        (None, ["", "no", 0, 2.5, [], {}, ["true"], True], ["true", " FALSE ", 2**64, None]),
        ({"type": "string"}, ["a", "true", "3"], ["", " ", " a ", 3, None, True]),
        ({"type": "integer", "minimum": 1}, [1, 2**63], [0, 2.5, "1", True, 2**64]),
        ({"type": "number", "maximum": 2}, [2, -0.5], [2.5, "2"]),
        ({"type": "boolean"}, [True, False], [0, 1, "true"]),
        ({"enum": ["a", 1]}, ["a", 1], ["A", "1", True]),
        ({"type": "string", "format": "date"}, ["2026-03-01"], ["2026-02-30", "tomorrow"]),
        ({"type": "array", "items": {"type": "integer"}}, [[], [1]], [["1"], [None], 1]),
        ({"type": "object"}, [{}, {"a": "true"}], ["{}", []]),
    ],
)
def test_a_key_holds_what_coercing_leaves_alone(
    declared: dict[str, Any] | None, held: list[Any], not_held: list[Any]
) -> None:
    domain = _domain(declared)

    assert [value for value in held if not domain.holds(value)] == []
    assert [value for value in not_held if domain.holds(value)] == []


def test_inside_a_value_words_for_truth_are_texts() -> None:
    assert inside(None).holds("true")
    assert not inside(ContextKey(description="anything")).holds("true")


@pytest.mark.parametrize(
    ("declared", "collected", "absent", "null"),
    [
        pytest.param(None, False, True, False, id="undeclared"),
        pytest.param(None, True, True, True, id="undeclared, collected"),
        pytest.param({"type": "string"}, False, True, False, id="declared"),
        pytest.param({"type": "string"}, True, True, True, id="declared, collected"),
        pytest.param({"default": "x"}, False, True, False, id="a default that a model can take away"),
        pytest.param({"default": "x"}, True, False, True, id="a default that no state lets go"),
        pytest.param({"default": "x", "written_by": "handler"}, True, True, True, id="a handler can take away its own"),
    ],
)
def test_a_key_may_be_absent_or_null(
    declared: dict[str, Any] | None, *, collected: bool, absent: bool, null: bool
) -> None:
    domain = _domain(declared, collected=collected)

    assert (domain.may_be_absent, domain.may_be_null) == (absent, null)


def test_a_default_that_a_state_forgets_may_be_absent() -> None:
    definition = machine_with([], {"key": {"default": "x"}}, ["key"])
    first = definition.states["a"].model_copy(update={"forget": ("key",)})
    states = {**definition.states, "a": first}

    changed: FSMDefinition = definition.model_copy(update={"states": states})
    assert Domains(MachineView(changed)).of_key("key").may_be_absent

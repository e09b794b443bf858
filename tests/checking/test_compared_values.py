"""Comparisons with a value that a declared key never has are told, with the declaration that says so."""

from __future__ import annotations

from typing import Any

import pytest
from guarded import HOTEL, guarded, machine, to, told, var

from fsm_langgraph.checking.guards.guard_check import check_guards
from fsm_langgraph.checking.machine_view import MachineView

CLOSED = "so that the transition to 'a' is never open"


@pytest.mark.parametrize(
    ("logic", "sentence"),
    [
        (
            {"==": [var("size"), "twin"]},
            f"never holds, {CLOSED}: 'size' can be 'single', 'double' or 'suite', never 'twin'.",
        ),
        (
            {"==": ["twin", var("size")]},
            f"never holds, {CLOSED}: 'size' can be 'single', 'double' or 'suite', never 'twin'.",
        ),
        ({"===": [var("size"), "Suite"]}, "never 'Suite'."),
        ({"!=": [var("size"), "twin"]}, "always holds: 'size' can be 'single', 'double' or 'suite', never 'twin'."),
        ({"!": {"==": [var("size"), "twin"]}}, "never holds: 'size' can be"),
        ({"in": [var("size"), ["single", "twin"]]}, "never finds 'twin': 'size' can be"),
        ({"in": [var("size"), ["twin", "triple"]]}, f"never holds, {CLOSED}: 'size' can be"),
        ({"==": [var("nights"), "two"]}, "'nights' is an integer, never 'two'."),
        ({"===": [var("nights"), "2"]}, "'nights' is an integer, never '2'."),
        ({"==": [var("nights"), 2.5]}, "'nights' is an integer, never 2.5."),
        ({">": [var("nights"), 14]}, "'nights' is from 1 to 14."),
        ({"<": [20, var("nights")]}, "'nights' is from 1 to 14."),
        ({"<=": [20, var("nights"), 30]}, "'nights' is from 1 to 14."),
        ({"==": [var("nights"), 0]}, "'nights' is from 1 to 14."),
        ({">": [var("price"), "cheap"]}, "'price' is a number, never 'cheap'."),
        ({"==": [var("breakfast"), "yes"]}, "'breakfast' is true or false, never 'yes'."),
        ({"==": [var("breakfast"), "true"]}, "'breakfast' is true or false, never 'true'."),
        ({"===": [var("breakfast"), 1]}, "'breakfast' is true or false, never 1."),
        ({"==": [var("name"), True]}, "holds only where 'name' is a text such as '1': 'name' is a text, never true."),
        ({"!=": [var("name"), False]}, "holds unless 'name' is a text such as '0': 'name' is a text, never false."),
        ({"==": [var("day"), True]}, f"never holds, {CLOSED}: 'day' is a text, never true."),
        ({"===": [var("name"), 5]}, "'name' is a text, never 5."),
        ({"==": [var("day"), "tomorrow"]}, "'day' has the format 'date', and 'tomorrow' does not."),
        ({"in": ["pool", var("extras")]}, "'extras' holds 'sauna' or 'boat', never 'pool'."),
        ({"contains": [var("extras"), "pool"]}, "'extras' holds 'sauna' or 'boat', never 'pool'."),
        ({"in": [var("notes"), ["late", "early"]]}, "'notes' is a list, never 'late' or 'early'."),
        ({"==": [var("address"), "here"]}, "'address' is an object, never 'here'."),
        ({"or": [{"==": [var("size"), "twin"]}, var("breakfast")]}, "never holds: 'size' can be"),
        ({"if": [{"==": [var("size"), "twin"]}, True, var("breakfast")]}, "never holds: 'size' can be"),
    ],
)
def test_an_impossible_value_is_told(logic: Any, sentence: str) -> None:
    [finding] = told(guarded(logic))

    assert finding.startswith("impossible-value [0].conditions[0].logic")
    assert sentence in finding


@pytest.mark.parametrize(
    "logic",
    [
        {"==": [var("size"), "suite"]},
        {"in": [var("size"), ["single", "suite"]]},
        {"==": [var("size"), None]},
        {"!=": [var("nights"), ""]},
        {"==": [var("nights"), "2"]},
        {"==": [var("nights"), 14]},
        {">": [var("nights"), 0]},
        {"<": [var("nights"), 20]},
        {">": [var("price"), 1e20]},
        {"<": [var("price"), "0x10"]},
        {"==": [var("price"), 2.5]},
        {"==": [var("breakfast"), 1]},
        {"==": [var("name"), "5"]},
        {"==": [var("name"), 5]},
        {"==": [var("name"), ["ann"]]},
        {"==": [var("size"), [var("notes")]]},
        {"===": [[var("notes")], var("notes")]},
        {">": [var("name"), 18]},
        {"in": ["an", var("name")]},
        {"==": [var("day"), "2026-01-31"]},
        {"<": [var("day"), "2026"]},
        {"in": ["boat", var("extras")]},
        {"in": ["late", var("notes")]},
        {"==": [var("notes"), "late"]},
        {"==": [{"var": ["size", "none"]}, "none"]},
        {"==": [{"var": "address.city"}, "Rome"]},
        {"==": [{"cat": [var("size"), "!"]}, "suite!"]},
        {"some": [var("notes"), {"==": [var("size"), "twin"]}]},
    ],
    ids=str,
)
def test_a_value_that_can_be_is_not_told(logic: Any) -> None:
    assert [each for each in told(guarded(logic)) if each.startswith("impossible-value")] == []


def test_an_only_choice_that_is_not_there_is_not_that_choice() -> None:
    definition = machine(to("a", {"!=": [var("size"), "single"]}), context={"size": {"enum": ["single"]}})

    assert [each for each in told(definition) if each.startswith("impossible-value")] == []


@pytest.mark.parametrize(
    "logic", [{"==": [var("age"), "18"]}, {"===": [var("age"), 18]}, {"==": [var("size"), "twin"]}]
)
def test_an_undeclared_key_may_have_any_value(logic: Any) -> None:
    assert told(guarded(logic).model_copy(update={"context": None})) == []


@pytest.mark.parametrize(
    ("logic", "advice"),
    [
        ({"==": [var("size"), "singel"]}, "Did you mean 'single'?  Compare with one of its values"),
        ({"==": [var("size"), "twin"]}, "Compare with one of its values, or add 'twin' to its enum."),
        ({"==": [var("breakfast"), "yes"]}, "Compare with true or false, without quotes."),
        ({">": [var("nights"), 14]}, "Compare within its limits, or widen them."),
        ({"==": [var("nights"), "two"]}, "Compare with such a number, unquoted."),
        ({"in": [var("notes"), ["late"]]}, 'Look in the list for a value: {"in": ["late", {"var": "notes"}]}.'),
        ({"==": [var("day"), "tomorrow"]}, "Compare with a value that fits, or declare it otherwise."),
    ],
)
def test_the_advice_says_what_to_write(logic: Any, advice: str) -> None:
    [finding] = check_guards(MachineView(guarded(logic)))

    assert finding.advice.startswith(advice)


def test_every_type_is_tried() -> None:
    assert {each.get("type") for each in HOTEL.values()} >= {
        "string",
        "number",
        "integer",
        "boolean",
        "array",
        "object",
    }

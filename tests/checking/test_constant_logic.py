"""Logic that reads nothing is told; sound defaults and values of other kinds are not."""

from __future__ import annotations

from typing import Any

import pytest
from guarded import guarded, machine, to, told, var

LOGIC = "[0].conditions[0].logic"


@pytest.mark.parametrize(
    ("logic", "finding"),
    [
        ("nights > 2", f"text-logic {LOGIC}: 'nights > 2' is a text, not an expression, so that it always holds."),
        ("", f"text-logic {LOGIC}: '' is a text, not an expression, so that it never holds."),
        (
            {"and": [{">": [var("nights"), 2]}, "breakfast"]},
            f"text-logic {LOGIC}.and[1]: 'breakfast' is a text, not an expression, so that it always holds.",
        ),
        (
            {"==": ["size", "suite"]},
            f"text-logic {LOGIC}: \"'size' == 'suite'\" never holds: 'size' is a text here, not the key 'size'.",
        ),
        (
            {"or": [{"!=": ["size", "suite"]}, var("breakfast")]},
            f"text-logic {LOGIC}.or[0]: \"'size' != 'suite'\" always holds: 'size' is a text here, not the key 'size'.",
        ),
        (False, f"never-true {LOGIC}: false never holds, so that the transition to 'a' is never open."),
        (0, f"never-true {LOGIC}: 0 never holds, so that the transition to 'a' is never open."),
        ([], f"never-true {LOGIC}: [] never holds, so that the transition to 'a' is never open."),
        ({"==": [1, 2]}, f"never-true {LOGIC}: '1 == 2' never holds, so that the transition to 'a' is never open."),
        (
            {"and": [{">": [var("nights"), 2]}, False]},
            f"never-true {LOGIC}.and[1]: false never holds, so that the transition to 'a' is never open.",
        ),
        ([1, 2], f"always-true {LOGIC}: [1, 2] is data, not an expression, so that it always holds."),
        (
            {"size": "suite", "nights": 2},
            f"always-true {LOGIC}: "
            + '{"size": "suite", "nights": 2} is data, not an expression, so that it always holds.',
        ),
        ({}, f"idle-condition {LOGIC}: {{}} is data, not an expression, so that it always holds."),
        (True, f"idle-condition {LOGIC}: true always holds, so that it keeps the transition to 'a' from nothing."),
        (
            {"==": [1, 1]},
            f"always-true {LOGIC}: '1 == 1' always holds, so that it keeps the transition to 'a' from nothing.",
        ),
    ],
)
def test_logic_that_reads_nothing_is_told(logic: Any, finding: str) -> None:
    assert told(guarded(logic)) == [finding]


@pytest.mark.parametrize(
    "logic",
    [
        None,
        {"==": [var("size"), "suite"]},
        {"if": [{"==": [var("size"), "suite"]}, True, False]},
        {"or": [{"==": [var("size"), "suite"]}, False]},
        {"in": [var("name"), ["size", "nights"]]},
        {"==": [{"or": [var("name"), "nobody"]}, "nobody"]},
        {"some": [var("notes"), {"==": [var(""), "late"]}]},
    ],
)
def test_an_expression_is_not_told(logic: Any) -> None:
    assert told(guarded(logic)) == []


@pytest.mark.parametrize("kind", [{"silent": True}, {"decision": "logic"}, {"listens": False}], ids=str)
def test_a_default_that_is_spelled_out_is_sound(kind: dict[str, Any]) -> None:
    assert told(machine(to("a", {"==": [var("size"), "suite"]}), to("b", True), **kind)) == []


def test_global_transitions_are_looked_at_too() -> None:
    found = machine(to("a")).model_dump() | {"global_transitions": [to("b", "help")]}

    assert [finding.split(":")[0] for finding in told(type(machine()).model_validate(found))] == [
        "text-logic global_transitions[0].conditions[0].logic"
    ]

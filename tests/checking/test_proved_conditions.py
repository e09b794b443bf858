"""Guards that never hold, that always hold, and parts of them that never do are proved, and nothing else is told."""

from __future__ import annotations

from typing import Any

import pytest
from guarded import guarded, machine, to, told, var

LOGIC = "[0].conditions[0].logic"
CLOSED = "so that the transition to 'a' is never open."


@pytest.mark.parametrize(
    ("logic", "requires", "finding"),
    [
        (
            {"and": [{">": [var("nights"), 5]}, {"<": [var("nights"), 3]}]},
            (),
            f"never-true {LOGIC}.and: 'nights > 5' and 'nights < 3' exclude each other, {CLOSED}",
        ),
        (
            {"and": [var("breakfast"), {"and": [{"==": [var("size"), "suite"]}, {"==": [var("size"), "single"]}]}]},
            (),
            f"never-true {LOGIC}.and[1].and: \"size == 'suite'\" and \"size == 'single'\" exclude each other, {CLOSED}",
        ),
        (
            {"==": [var("breakfast"), False]},
            ("breakfast",),
            "never-true [0].conditions[0]: 'breakfast is present' and 'breakfast == false' exclude each other, "
            f"{CLOSED}",
        ),
        (
            {"!": var("size")},
            ("size",),
            f"never-true [0].conditions[0]: 'size is present' and 'not size' exclude each other, {CLOSED}",
        ),
        (
            {"==": [var("nights"), {"+": [var("nights"), 1]}]},
            (),
            f"never-true {LOGIC}: 'nights == (nights + 1)' never holds, {CLOSED}",
        ),
        (
            {"or": [{"!=": [var("size"), "single"]}, {"!=": [var("size"), "double"]}]},
            (),
            f"always-true {LOGIC}: \"size != 'single' or size != 'double'\" always holds, "
            "so that it keeps the transition to 'a' from nothing.",
        ),
        (
            {">=": [var("nights"), 1]},
            ("nights",),
            f"idle-condition {LOGIC}: 'nights >= 1' holds whenever the rest of the conditions of "
            "the transition to 'a' does.",
        ),
        (
            {"or": [{"and": [{">": [var("nights"), 5]}, {"<": [var("nights"), 3]}]}, var("breakfast")]},
            (),
            f"dead-part {LOGIC}.or[0]: the part 'nights > 5 and nights < 3' of a condition of "
            "the transition to 'a' never holds.",
        ),
        (
            {"and": [{">": [var("nights"), 5]}, {"or": [{"<": [var("nights"), 3]}, var("breakfast")]}]},
            (),
            f"dead-part {LOGIC}.and[1].or[0]: the part 'nights < 3' of a condition of "
            "the transition to 'a' never holds.",
        ),
    ],
)  # fmt: skip
def test_a_fault_of_one_guard_is_proved(logic: Any, requires: tuple[str, ...], finding: str) -> None:
    assert told(guarded(logic, *requires)) == [finding]


def test_conditions_that_exclude_each_other_are_told_of_their_transition() -> None:
    first, second = to("a", {">": [var("nights"), 5]}), to("a", {"<": [var("nights"), 3]})
    both = first | {"conditions": [*first["conditions"], *second["conditions"]]}

    assert told(machine(both)) == [
        f"never-true [0].conditions: 'nights > 5' and 'nights < 3' exclude each other, {CLOSED}"
    ]


@pytest.mark.parametrize(
    ("logic", "requires"),
    [
        ({"and": [{">": [var("nights"), 3]}, {"<": [var("nights"), 5]}]}, ()),
        ({"==": [var("breakfast"), False]}, ()),
        ({"==": [var("free"), True]}, ("size", "nights")),
        ({"!": var("breakfast")}, ()),
        ({"has_context": "size"}, ("size",)),
        ({"and": [{"has_context": "size"}, {"has_context": "nights"}]}, ("size", "nights")),
        ({"or": [{"!": var("name")}, {"==": [var("name"), ""]}]}, ()),
        ({">=": [var("nights"), 1]}, ()),
        ({"or": [{">=": [var("nights"), 7]}, {"==": [var("size"), "suite"]}]}, ("nights",)),
        ({"if": [var("breakfast"), {">": [var("nights"), 2]}, {">": [var("nights"), 5]}]}, ()),
        ({"<": [var("_stays"), 3]}, ()),
        ({"<=": [1, var("nights"), 7]}, ("nights",)),
        ({"in": ["boat", var("extras")]}, ("extras",)),
    ],
)
def test_a_sound_guard_is_not_told(logic: Any, requires: tuple[str, ...]) -> None:
    assert told(guarded(logic, *requires)) == []


@pytest.mark.parametrize(
    "logic",
    [
        {"==": [var("age"), "18"]},
        {"and": [{"==": [var("plan"), "free"]}, {"!=": [var("plan"), "paid"]}]},
        {"and": [{">": [var("age"), 5]}, {"<": [var("age"), 30]}]},
        {"!=": [var("name"), ""]},
    ],
)
def test_a_sound_guard_of_undeclared_keys_is_not_told(logic: Any) -> None:
    assert [each for each in told(guarded(logic).model_copy(update={"context": None})) if "idle" not in each] == []


def test_a_contradiction_of_undeclared_keys_is_told() -> None:
    logic = {"and": [{"===": [var("plan"), "free"]}, {"===": [var("plan"), "paid"]}]}

    [finding] = told(guarded(logic).model_copy(update={"context": None}))

    assert finding.startswith("never-true [0].conditions[0].logic.and: \"plan === 'free'\" and \"plan === 'paid'\"")

"""Where the first open transition is taken, hidden ones are told; those open together are a note."""

from __future__ import annotations

from typing import Any

import pytest
from guarded import machine, shown, to, told, var

LONG, SHORT = {">": [var("nights"), 7]}, {"<": [var("nights"), 3]}
FIRST = [{"silent": True}, {"decision": "logic"}, {"decision": "logic", "listens": False}]


def test_a_transition_below_a_wider_one_is_hidden() -> None:
    made = machine(to("a", requires=("nights",)), to("b", LONG, requires=("nights",)), decision="logic")

    assert told(made) == [
        "shadowed-transition [1]: the transition to 'b' is never taken: whenever it is open, an earlier one is open "
        "too: the transition to 'a' (states.start.transitions[0])."
    ]


def test_a_transition_may_be_hidden_by_several_together() -> None:
    few, many = {"<": [var("nights"), 5]}, {">": [var("nights"), 3]}
    made = machine(to("a", few), to("b", many), to("c", {"<": [2, var("nights"), 9]}), silent=True)

    hidden = [each for each in told(made) if each.startswith("shadowed")]

    assert len(hidden) == 1
    assert "transitions[0]) or the transition to 'b' (states.start.transitions[1])" in hidden[0]


def test_a_default_that_is_spelled_out_hides_what_is_below() -> None:
    assert [each.split(":")[0] for each in told(machine(to("a", True), to("b", LONG), silent=True))] == [
        "shadowed-transition [1]"
    ]


@pytest.mark.parametrize("kind", FIRST, ids=str)
@pytest.mark.parametrize(
    "transitions",
    [
        (to("b", LONG), to("a", {">": [var("nights"), 2]})),
        (to("a", {">": [var("nights"), 2]}, priority=2), to("b", LONG, priority=1)),
        (to("a", requires=("breakfast",)), to("b", LONG)),
        (to("a"), to("b", LONG)),
        (to("a", {">": [var("nights"), 2]}), to("a", LONG)),
    ],
    ids=["narrow first", "by priority", "another key", "below an unconditional one, told elsewhere", "to one state"],
)
def test_a_transition_that_can_be_the_first_is_not_hidden(kind: dict[str, Any], transitions: Any) -> None:
    assert [each for each in told(machine(*transitions, **kind)) if each.startswith("shadowed")] == []


def test_a_model_may_propose_a_transition_below_a_wider_one() -> None:
    assert told(machine(to("a", requires=("nights",)), to("b", LONG))) == []


def test_two_transitions_that_are_open_together_are_noted() -> None:
    made = machine(to("a", LONG), to("b", {"==": [var("size"), "suite"]}), decision="logic")

    [finding] = told(made)

    assert finding.startswith("overlapping-transitions [1]: the transition to 'b' and the transition to 'a'")
    assert 'size is "suite"' in shown(made)


@pytest.mark.parametrize(
    "transitions",
    [
        (to("a", LONG), to("b", SHORT)),
        (to("a", LONG, priority=1), to("b", {"==": [var("size"), "suite"]})),
        (to("a", LONG), to("a", {"==": [var("size"), "suite"]})),
    ],
    ids=["exclusive", "one is tried first", "one target"],
)
def test_an_order_that_does_not_matter_or_is_said_is_not_noted(transitions: Any) -> None:
    assert told(machine(*transitions, decision="logic")) == []

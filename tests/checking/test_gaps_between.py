"""Values that open no transition: told where nobody can wait, and between conditions that divide what is asked."""

from __future__ import annotations

from typing import Any

import pytest
from guarded import HOTEL, machine, shown, to, told, var
from random_definitions import definition

from fsm_langgraph.checking.guards.guard_check import check_guards
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.definition import FSMDefinition


def size(value: str) -> dict[str, Any]:
    return {"==": [var("size"), value]}


def sorting(*ways: dict[str, Any], before: dict[str, Any], context: Any = HOTEL, **fields: Any) -> FSMDefinition:
    """Make a machine in which a state that asks leads to a silent one."""
    first = {"transitions": [before], "required_context_keys": ["size", "nights"]}
    second = {"transitions": [*ways], "silent": True, **fields}
    return definition(context, first=first, start=second, a={}, b={}, c={})


BOTH = to("start", requires=("size", "nights"))
SINGLE, DOUBLE, SUITE = (to(target, size(value)) for target, value in zip("abc", HOTEL["size"]["enum"], strict=True))


def test_a_silent_state_is_told_with_the_value_that_it_leaves_out() -> None:
    assert told(sorting(SINGLE, DOUBLE, before=BOTH)) == [
        "stuck-state : no transition of the silent state 'start' is open for some values of 'size': "
        "nobody can wait there, and the turn fails."
    ]


def test_the_value_that_a_silent_state_leaves_out_is_shown() -> None:
    assert 'size is "suite"' in shown(sorting(SINGLE, DOUBLE, before=BOTH))


def test_the_finding_has_a_context_that_shows_it() -> None:
    [finding] = check_guards(MachineView(sorting(SINGLE, DOUBLE, before=BOTH)))

    assert finding.witness is not None
    assert finding.witness.context["size"] == "suite"


@pytest.mark.parametrize(
    "made",
    [
        sorting(SINGLE, DOUBLE, SUITE, before=BOTH),
        sorting(SINGLE, to("b"), before=BOTH),
        sorting(SINGLE, to("b", True), before=BOTH),
        sorting(SINGLE, DOUBLE, before=to("start", {"!=": [var("size"), "suite"]}, requires=("size", "nights"))),
        sorting(SINGLE, DOUBLE, before=to("start", {"in": [var("size"), ["single", "double"]]})),
        sorting(to("a", requires=("size",)), before=BOTH),
    ],
    ids=["all", "default", "spelled default", "kept out before", "one of two before", "required before"],
)
def test_a_silent_state_without_a_gap_is_not_told(made: FSMDefinition) -> None:
    assert told(made) == []


@pytest.mark.parametrize(
    "before", [to("start"), to("start", requires=("nights",)), to("start", {"!=": [var("size"), "suite"]})]
)
def test_a_silent_state_that_can_be_entered_without_its_key_is_told(before: dict[str, Any]) -> None:
    assert told(sorting(SINGLE, DOUBLE, SUITE, before=before)) == [
        "stuck-state : no transition of the silent state 'start' is open where 'size' is not given: "
        "a transition leads there without it, and the turn fails."
    ]


@pytest.mark.parametrize(
    ("ways", "codes"),
    [
        ((to("a", {">=": [var("nights"), 3]}), to("b", {"<": [var("nights"), 3]})), ["perhaps-stuck"]),
        ((to("a", {"!!": var("size")}),), ["perhaps-stuck"]),
        ((SINGLE, DOUBLE), ["stuck-state"]),
    ],
    ids=["every number", "any value", "some words"],
)
def test_of_undeclared_keys_what_authors_mean_is_taken(ways: Any, codes: list[str]) -> None:
    assert [each.split(" ")[0] for each in told(sorting(*ways, before=to("start"), context=None))] == codes


def test_a_key_that_an_earlier_state_has_required_is_there() -> None:
    made = definition(
        HOTEL,
        first={"transitions": [to("second", requires=("size",))], "required_context_keys": ["size"]},
        second={"transitions": [to("start", requires=("nights",))], "required_context_keys": ["nights"]},
        start={"silent": True, "transitions": [SINGLE, DOUBLE, SUITE]},
        a={},
        b={},
        c={},
    )

    assert [each.split(" ")[0] for each in told(made)] == ["perhaps-stuck"]


def test_what_another_silent_state_has_sorted_out_is_known() -> None:
    made = definition(
        HOTEL,
        first={"transitions": [BOTH | {"target_state": "sorted"}], "required_context_keys": ["size", "nights"]},
        sorted={"silent": True, "transitions": [SUITE, to("start")]},
        start={"silent": True, "transitions": [SINGLE, DOUBLE]},
        a={},
        b={},
        c={},
    )

    assert told(made) == []


def test_what_the_state_forgets_is_not_known() -> None:
    made = sorting(to("a", requires=("size",)), before=BOTH, forget=("size",))

    assert [each.split(" ")[0] for each in told(made)] == ["perhaps-stuck"]


@pytest.mark.parametrize(
    "ways",
    [
        (to("a", {"==": [var("free"), True]}), to("b", {"==": [var("free"), False]})),
        (to("a", {"==": [var("status"), "ok"]}), to("b", {"==": [var("status"), "failed"]})),
        (to("a", {"==": [{"var": "address.city"}, "Rome"]}), to("b", {"==": [{"var": "address.city"}, "Oslo"]})),
    ],
    ids=["a key of a handler", "a text of a handler", "a path"],
)
def test_what_code_decides_is_a_note(ways: Any) -> None:
    assert [each.split(" ")[0] for each in told(sorting(*ways, before=BOTH))] == ["perhaps-stuck"]


@pytest.mark.parametrize(
    ("ways", "example"),
    [
        ((to("a", {"<": [var("nights"), 3]}), to("b", {">": [var("nights"), 3]})), "nights is 3"),
        ((SINGLE, DOUBLE), 'size is "suite"'),
        ((to("a", {"<": [var("price"), 10]}), to("b", {">": [var("price"), 10]})), "price is 10"),
    ],
)
def test_a_value_between_the_conditions_of_an_asking_state_is_shown(ways: Any, example: str) -> None:
    made = machine(*ways, required_context_keys=["nights", "size", "price"])

    assert [each.split(" ")[0] for each in told(made)] == ["uncovered-value"]
    assert example in shown(made)


OWN = ["size", "nights", "price", "name", "breakfast"]


@pytest.mark.parametrize(
    "ways",
    [
        (to("a", {"<": [var("nights"), 3]}), to("b", {">=": [var("nights"), 3]})),
        (to("a", {"<": [var("nights"), 3]}), to("b", {">": [var("nights"), 3]}), to("c")),
        (to("a", {">=": [var("price"), 18]}),),
        (to("a", {">=": [var("price"), 18]}), to("b", {">=": [var("price"), 65]})),
        (to("a", {"<=": [1, var("price"), 5]}), to("b", {"<": [5, var("price")]})),
        (to("a", {"==": [var("name"), "yes"]}), to("b", {"==": [var("name"), "no"]})),
        (to("a", {"==": [var("price"), 1]}), to("b", {"==": [var("price"), 2]})),
        (to("a", {"==": [var("breakfast"), True]}), to("b", {"==": [var("breakfast"), False]})),
        (to("a", {"==": [var("breakfast"), True]}), to("b", size("suite"))),
        (to("a", {"==": [var("free"), True]}), to("b", {"==": [var("free"), False]})),
        (to("a", {"<": [var("_stays"), 1]}), to("b", {">": [var("_stays"), 2]})),
        (to("a", requires=("nights",)), to("b", {"<": [var("nights"), 3]}), to("c", {">": [var("nights"), 3]})),
    ],
    ids=[
        "no gap",
        "a default",
        "a gate",
        "two gates",
        "open ends",
        "words of one's own",
        "a menu",
        "both answers",
        "two keys",
        "a key of a handler",
        "the machine's own key",
        "one that takes all",
    ],
)
def test_a_state_that_asks_and_may_wait_is_not_told(ways: Any) -> None:
    assert told(machine(*ways, required_context_keys=OWN)) == []


def test_a_choice_that_leaves_it_open_is_asked_again() -> None:
    context = {"sure": {"enum": ["yes", "no", "Unsure"]}}
    ways = (to("a", {"==": [var("sure"), "yes"]}), to("b", {"==": [var("sure"), "no"]}))

    assert told(machine(*ways, required_context_keys=["sure"], context=context)) == []


def test_a_global_transition_without_conditions_fills_a_gap() -> None:
    gap = machine(SINGLE, DOUBLE, required_context_keys=OWN)
    leaving = gap.model_dump() | {"global_transitions": [to("c")]}

    assert told(FSMDefinition.model_validate(leaving)) == []


@pytest.mark.parametrize(
    ("first_of_second", "told_value"), [(7, []), (8, ["'stars' is 7"]), (7.5, ["'stars' is 7"])], ids=str
)
def test_who_declares_nothing_and_compares_with_whole_numbers_counts_in_them(
    first_of_second: float, told_value: list[str]
) -> None:
    ways = (to("a", {"<=": [var("stars"), 6]}), to("b", {">=": [var("stars"), first_of_second]}))

    found = told(machine(*ways, required_context_keys=["stars"], context=None))

    assert [value for finding in found for value in ["'stars' is 7"] if value in finding] == told_value
    assert len(found) == len(told_value)


def test_a_fraction_of_a_declared_number_is_between_whole_ones() -> None:
    ways = (to("a", {"<=": [var("price"), 6]}), to("b", {">=": [var("price"), 7]}))

    [finding] = told(machine(*ways, required_context_keys=["price"]))

    assert "'price' is 6.5" in finding


@pytest.mark.parametrize(("default", "codes"), [(None, ["perhaps-stuck"]), (0, [])], ids=["without", "with a default"])
def test_a_default_makes_sure_that_a_key_of_a_handler_is_there(default: int | None, codes: list[str]) -> None:
    asked = {"type": "integer", "minimum": 0, "written_by": "handler", "default": default}
    ways = (to("a", {">=": [var("asked"), 10]}), to("b", {"<": [var("asked"), 10]}))
    made = sorting(*ways, before=to("start"), context={**HOTEL, "asked": asked})

    assert [each.split(" ")[0] for each in told(made)] == codes

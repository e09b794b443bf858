"""The prover's answers: contexts that the evaluator confirms, parts that exclude each other, what nobody knows."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from pydantic import JsonValue
from random_guards import machine_with

from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.proving import guard_prover, solver
from fsm_langgraph.checking.proving.prover import (
    Absent,
    AllOf,
    Answered,
    AnyOf,
    Formula,
    Holds,
    Impossible,
    Not,
    Possible,
    Present,
    Prover,
    Truthy,
    Undecided,
    Untouched,
    make_prover,
)
from fsm_langgraph.definition import Condition

GUESTS: dict[str, Any] = {"guests": {"type": "integer", "minimum": 1, "maximum": 8}}
PIZZA: dict[str, Any] = {
    "size": {"enum": ["small", "large"]},
    "toppings": {"type": "array", "items": {"enum": ["ham", "olives"]}},
    "is_vip": {"type": "boolean", "default": False},
    "day": {"type": "string", "format": "date"},
    "note": {"type": "string"},
}
GUESTS_ABOVE_6: JsonValue = {">": [{"var": "guests"}, 6]}
GUESTS_BELOW_5: JsonValue = {"<": [{"var": "guests"}, 5]}
NOTHING_TO_SAY: JsonValue = {"==": [{"cat": ["q_!zy", {"var": "toppings"}]}, "q_!zyolives,never"]}


def _prover(context: dict[str, Any] | None, *guards: JsonValue, collected: tuple[str, ...] = ()) -> Prover:
    prover = make_prover(MachineView(machine_with(guards, context, collected)))
    assert prover is not None
    return prover


def _witness(prover: Prover, *formulas: Formula) -> tuple[dict[str, JsonValue], frozenset[str]]:
    answer = prover.find(formulas)
    assert isinstance(answer, Possible), answer
    return dict(answer.witness.context), answer.witness.written


WITNESSES: dict[str, tuple[dict[str, Any] | None, list[JsonValue], dict[str, JsonValue]]] = {
    "the smallest number": (GUESTS, [GUESTS_ABOVE_6], {"guests": 7}),
    "nothing where nothing matters": (GUESTS, [{"!": GUESTS_ABOVE_6}], {}),
    "a member of an enum": (PIZZA, [{"!=": [{"var": "size"}, "small"]}, {"var": "size"}], {"size": "large"}),
    "a list with one item": (PIZZA, [{"in": ["olives", {"var": "toppings"}]}], {"toppings": ["olives"]}),
    "a text of digits": (PIZZA, [{"==": [{"var": "note"}, 42]}], {"note": "42"}),
    "a day between two": (
        PIZZA,
        [{"<": ["2026-03-01", {"var": "day"}, "2026-03-03"]}],
        {"day": "2026-03-02"},
    ),
    "a number that is not declared": (None, [GUESTS_ABOVE_6], {"guests": 7}),
    "a member of an object": (None, [{"==": [{"var": "order.size"}, "large"]}], {"order": {"size": "large"}}),
    "two members of an object": (
        None,
        [{"==": [{"var": "guest.level"}, "gold"]}, {">": [{"var": "guest.nights"}, 10]}],
        {"guest": {"level": "gold", "nights": 11}},
    ),
    "only keys that matter": (
        PIZZA,
        [{"or": [{"==": [{"var": "size"}, "large"]}, {"in": ["ham", {"var": "toppings"}]}]}, {"!": {"var": "size"}}],
        {"toppings": ["ham"]},
    ),
}


@pytest.mark.parametrize("name", WITNESSES)
def test_a_witness_is_as_plain_as_can_be(name: str) -> None:
    context, expressions, expected = WITNESSES[name]

    assert _witness(_prover(context, *expressions), *map(Truthy, expressions)) == (expected, frozenset())


@pytest.mark.parametrize("context", [None, {"order": {"type": "object"}}], ids=["undeclared", "declared"])
def test_a_member_that_equals_a_truth_value_is_made_up(context: dict[str, Any] | None) -> None:
    equal: JsonValue = {"==": [{"var": "order.is_paid"}, True]}

    assert isinstance(_prover(context, equal).find([Truthy(equal)]), Possible)


@pytest.mark.parametrize("pattern", ["^[0-9]{12,19}$", "^L-[0-9]{4}$", "^[A-Z]{3}$", "^[a-z]+$", r"^\+[0-9]{6,}$"])
def test_a_text_of_a_pattern_is_made_up(pattern: str) -> None:
    context, _ = _witness(_prover({"code": {"type": "string", "pattern": pattern}}), Present("code"))

    assert list(context) == ["code"]


def test_of_formulas_that_exclude_each_other_the_fewest_are_named() -> None:
    prover = _prover({**GUESTS, **PIZZA}, GUESTS_ABOVE_6, GUESTS_BELOW_5)

    formulas: list[Formula] = [Present("size"), Truthy(GUESTS_ABOVE_6), Present("note"), Truthy(GUESTS_BELOW_5)]
    assert prover.find(formulas) == Impossible((1, 3))


def test_what_holds_never_is_named_alone() -> None:
    never = Truthy({">": [{"var": "guests"}, 8]})

    assert _prover(GUESTS).find([Present("guests"), never]) == Impossible((1,))


def test_questions_do_not_disturb_each_other() -> None:
    prover = _prover(GUESTS, GUESTS_ABOVE_6, GUESTS_BELOW_5)
    before = prover.find([Truthy(GUESTS_ABOVE_6)])
    prover.find([Truthy(GUESTS_ABOVE_6), Truthy(GUESTS_BELOW_5)])

    assert prover.find([Truthy(GUESTS_ABOVE_6)]) == before


def test_a_condition_holds_with_all_that_it_asks() -> None:
    condition = Condition(
        description="c",
        requires_context_keys=("note",),
        answered_context_keys=("is_vip",),
        logic={"!": {"var": "is_vip"}},
    )
    context, written = _witness(_prover(PIZZA), Holds(condition))

    assert context == {"is_vip": False, "note": "a"}
    assert written == {"is_vip"}


@pytest.mark.parametrize(
    ("formulas", "is_possible"),
    [
        pytest.param([Untouched("is_vip"), Answered("is_vip")], False, id="a default is no answer"),
        pytest.param([Untouched("is_vip"), Present("is_vip")], False, id="false is not present"),
        pytest.param([Untouched("note"), Absent("note")], True, id="without a default it begins absent"),
        pytest.param([Untouched("note"), Present("note")], False, id="and stays so until it is written"),
        pytest.param([Absent("note"), Present("note")], False, id="what is absent is not present"),
        pytest.param([Answered("toppings"), Not(Present("toppings"))], True, id="an empty list is an answer"),
        pytest.param([AnyOf((Present("note"), Present("size")))], True, id="one of two"),
        pytest.param([AllOf((Present("note"), Absent("note")))], False, id="both of two"),
        pytest.param([Not(AnyOf((Absent("note"), Present("note"))))], False, id="a declared text is never empty"),
        pytest.param([Truthy({"==": [{"var": "size"}, None]}), Not(Absent("size"))], False, id="null is not stored"),
        pytest.param([Truthy({">": [{"var": "_stays"}, 2]})], True, id="the machine's own keys"),
        pytest.param([Truthy({"<": [{"var": "_stays"}, 0]})], False, id="which are never negative"),
        pytest.param([Truthy({"!": {"var": "_now"}})], False, id="and always there"),
    ],
)
def test_formulas_of_keys(formulas: list[Formula], *, is_possible: bool) -> None:
    answer = _prover(PIZZA).find(formulas)

    assert isinstance(answer, Possible if is_possible else Impossible)


def test_null_stands_where_a_state_collects_the_key() -> None:
    is_null: list[Formula] = [Truthy({"==": [{"var": "size"}, None]}), Not(Absent("size"))]

    assert _witness(_prover(PIZZA, collected=("size",)), *is_null) == ({"size": None}, frozenset())


def test_null_that_was_told_is_no_beginning() -> None:
    prover = _prover(PIZZA, collected=("size",))

    assert prover.find([Untouched("size"), Not(Absent("size"))]) == Impossible((0, 1))


def test_a_member_of_a_default_is_answered_where_its_key_was_written() -> None:
    prover = _prover({"address": {"type": "object", "default": {"city": "Rome"}}})

    _, written = _witness(prover, Answered("address.city"), Truthy({"==": [{"var": "address.city"}, "Rome"]}))
    assert written == {"address"}
    assert prover.find([Answered("address.city"), Untouched("address")]) == Impossible((0, 1))


def test_a_path_with_dots_may_be_a_key() -> None:
    context, _ = _witness(_prover(None), Present("order.size"), Absent("order"))

    assert list(context) == ["order.size"]


def test_nothing_stands_deeper_than_values_nest() -> None:
    deepest, deeper = (".".join(["a"] * steps) for steps in (33, 34))
    prover = _prover(None)

    assert isinstance(prover.find([Truthy({"var": deepest})]), Possible | Undecided)
    assert isinstance(prover.find([Truthy({"var": deeper})]), Impossible)
    assert isinstance(prover.find([Not(Truthy({"var": ".".join(["a"] * 900)}))]), Possible)


def test_a_guard_over_very_many_keys_has_a_witness() -> None:
    keys = [f"k{number}" for number in range(300)]
    all_of_them: JsonValue = {"and": [{">": [{"var": key}, 1]} for key in keys]}

    context, _ = _witness(_prover({key: {"type": "integer"} for key in keys}, all_of_them), Truthy(all_of_them))
    assert context.keys() == set(keys)


def test_an_operator_that_is_not_encoded_is_named() -> None:
    assert _prover(PIZZA, NOTHING_TO_SAY).find([Truthy(NOTHING_TO_SAY)]) == Undecided("`cat`")


def test_an_operator_that_is_not_encoded_contradicts_its_own_opposite() -> None:
    answer = _prover(PIZZA, NOTHING_TO_SAY).find([Truthy(NOTHING_TO_SAY), Not(Truthy(NOTHING_TO_SAY))])

    assert answer == Impossible((0, 1))


def test_a_guard_that_is_too_large_is_not_decided() -> None:
    keys: list[JsonValue] = [{"var": key} for key in "abcdefgh"]
    large: JsonValue = {"==": [{"cat": keys}, "no text that anybody would try"]}

    assert _prover(None, large).find([Truthy(large)]) == Undecided("its size")


def test_a_question_ends_after_so_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "MAX_STEPS", 1)
    monkeypatch.setattr(guard_prover, "MAX_TRIED", 0)
    circle: list[Formula] = [Truthy({"<": [{"var": one}, {"var": other}]}) for one, other in ("ab", "bc", "ca")]
    numbers: dict[str, Any] = {key: {"type": "number"} for key in "abc"}

    assert _prover(numbers).find(circle) == Undecided("no answer in time")


def test_without_z3_there_is_no_prover(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)

    assert make_prover(MachineView(machine_with([], None, []))) is None

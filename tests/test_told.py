"""A reply's writes: what is told twice is kept or told of, and what is told elsewhere may be refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telling import CLOSED, definition, told

from fsm_langgraph.context.values import same
from fsm_langgraph.context.writes import Context

LAW = settings(deadline=None, max_examples=60)


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        pytest.param(["cheese"], ["ham"], ["cheese", "ham"], id="lists are joined in order"),
        pytest.param(["cheese"], ["cheese"], ["cheese"], id="the same list twice is one"),
        pytest.param(["cheese"], ["cheese", "ham"], ["cheese", "ham"], id="a list told again with more"),
        pytest.param(["ham", "ham"], ["ham"], ["ham", "ham"], id="a list may hold one thing twice"),
        pytest.param("cheese", "ham", ["cheese", "ham"], id="one value each"),
        pytest.param([], ["ham"], ["ham"], id="nothing and something"),
    ],
)
def test_a_list_that_is_told_twice_is_joined(first: Any, second: Any, joined: list[str]) -> None:
    assert told(CLOSED, ("pizzas", first), ("pizzas", second)) == ({"pizzas": joined}, [])


def test_a_list_is_joined_where_nothing_is_declared() -> None:
    assert told(definition(None), ("pizzas", ["ham"]), ("pizzas", ["brie"])) == ({"pizzas": ["ham", "brie"]}, [])


@pytest.mark.parametrize(
    ("values", "kept", "rejected"),
    [
        pytest.param(("Ann", "Bo"), "Bo", [("name", "replaced")], id="the later value holds"),
        pytest.param(("Ann", "Ann"), "Ann", [], id="the same value twice is one"),
        pytest.param(("Ann", None), None, [("name", "replaced")], id="a value that is taken back"),
        pytest.param((None, "Ann"), "Ann", [], id="a key that is cleared and told anew"),
        pytest.param((["x"], "Ann"), "Ann", [("name", "replaced")], id="what did not fit is put right"),
        pytest.param(("Ann", ["x"]), "Ann", [("name", "value")], id="what does not fit replaces nothing"),
    ],
)
def test_of_two_values_the_later_holds_and_the_other_is_told_of(
    values: tuple[Any, ...], kept: Any, rejected: list[Any]
) -> None:
    assert told(CLOSED, *(("name", value) for value in values)) == ({"name": kept}, rejected)


@pytest.mark.parametrize("context", [None, {"name": {}, "city": {}, "ticket": {}}], ids=["open", "closed"])
def test_with_known_keys_only_a_state_corrects_and_asks(context: Any) -> None:
    machine = definition(context, other_keys="known")
    here: dict[str, Any] = {"state": machine.states["start"], "known": {"city": "Ulm"}}

    assert told(machine, ("name", "Ann"), ("ticket", 7), ("city", "Bonn"), **here)[1] == []
    assert told(machine, ("city", "Bonn"), state=machine.states["start"])[1] == [("city", "key")]


def test_a_key_that_is_not_the_models_is_refused_whatever_it_says() -> None:
    assert told(CLOSED, ("desk", "unknown"), ("age", "…")) == ({}, [("desk", "key"), ("age", "key")])


# The laws.


@LAW
@given(st.lists(st.sampled_from("ab")), st.lists(st.sampled_from("ab")))
def test_joined_lists_hold_all_that_either_holds_and_no_more(one: list[str], other: list[str]) -> None:
    accepted, _ = told(CLOSED, ("pizzas", one), ("pizzas", other))

    held: Any = accepted["pizzas"]
    assert {item: held.count(item) for item in "ab"} == {item: max(one.count(item), other.count(item)) for item in "ab"}
    assert same(held[: len(one)], one)


def test_a_time_in_another_zone_is_no_news() -> None:
    machine = definition({"at": {"format": "date-time"}, "name": {}, "ticket": {}})
    known: Context = {"at": "2026-05-03T14:00+02:00", "name": "2026-05-03T14:00+02:00"}
    same_moment, another = "2026-05-03T12:00Z", "2026-05-03T14:00Z"

    assert told(machine, ("at", same_moment), known=known)[0] == {"at": known["at"]}
    assert told(machine, ("at", another), known=known)[0] == {"at": another}
    assert told(machine, ("name", same_moment), known=known)[0] == {"name": same_moment}


def test_text_is_stored_composed_and_so_are_keys() -> None:
    assert told(definition(None), ("cafe\u0301", "Cafe\u0301 Ole\u0301"))[0] == {"café": "Café Olé"}
    assert told(definition({"café": {}}), ("cafe\u0301", ["e\u0301"]))[0] == {"café": ["é"]}


def test_lists_that_nobody_could_have_told_are_not_joined() -> None:
    long = [*map(str, range(1000))]

    assert told(CLOSED, ("pizzas", ["ham"]), ("pizzas", long)) == ({"pizzas": long}, [("pizzas", "replaced")])

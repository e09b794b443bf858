"""Which lookups a prompt makes, and how long what they found holds."""

from __future__ import annotations

from typing import Any

import pytest
from machines import machine, state, to
from stores import BAR

from fsm_langgraph.context.writes import Context
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.loading import load_definition
from fsm_langgraph.prompts.fetching import Fetch
from fsm_langgraph.prompts.lookups import NOTHING, Live, Lookups

ANN: Context = {"guest_id": "7"}


def bring(definition: FSMDefinition, context: Any, found: Any = None) -> tuple[Fetch | None, Live]:
    """Bring what the first state's prompt reads; return what was asked for and what came of it."""
    bringing = Lookups(definition).bring(definition.initial_state, ["served"], context, path="order")
    asked = None
    try:
        asked = bringing.send(None)
        bringing.send(found)
    except StopIteration as stop:
        live: Live = stop.value
        return asked, live
    raise AssertionError("it asks for one thing only")


def test_a_text_that_reads_the_store_as_a_whole_reads_every_lookup() -> None:
    whole = {
        **BAR,
        "persona": "{{#store}}{{guest.name}}{{/store}}",
        "states": {"order": state("order"), "served": state("served")},
    }
    asked, _ = bring(load_definition(whole), ANN, [{"name": "Ann"}, None])
    assert asked == Fetch("order", ((("guests", "7"), "profile"), (("menus",), "today")))


def test_two_lookups_may_find_the_same_item() -> None:
    twice = machine(
        state("a", to("served"), instructions="{{store.one.x}}{{store.two.x}}"),
        state("served"),
        store={"one": {"namespace": ["n"], "key": "k"}, "two": {"namespace": ["n"], "key": "k"}},
    )
    _, live = bring(load_definition(twice), {}, [{"x": 1}, {"x": 1}])
    assert live.values == {"one": {"x": 1}, "two": {"x": 1}}


def test_nothing_is_asked_for_where_no_store_key_is_known() -> None:
    order = {**BAR, "states": {**BAR["states"], "served": state("served")}}
    asked, live = bring(load_definition(order), {})
    assert asked is None
    assert live.values == {}


@pytest.mark.parametrize(
    ("context", "holds"),
    [
        pytest.param({**ANN, "drink": "tea"}, True, id="another key has changed"),
        pytest.param({"guest_id": 7}, True, id="the store key is the same"),
        pytest.param({"guest_id": "8"}, False, id="the store key is another"),
        pytest.param({}, False, id="the store key is not known any more"),
    ],
)
def test_what_was_found_holds_as_long_as_its_store_key_is_the_same(context: Any, holds: bool) -> None:
    _, live = bring(load_definition(BAR), ANN, [{"name": "Ann"}, {"goodbye": "cheers"}])
    assert live.still_holds("order", context) is holds
    assert live.still_holds("served", context)


def test_nothing_holds_for_a_state_that_requires_what_was_not_found() -> None:
    required = {**BAR, "store": {**BAR["store"], "menu": {**BAR["store"]["menu"], "required": True}}}
    _, live = bring(load_definition(required), ANN, [{"name": "Ann"}, None])
    assert live.still_holds("order", ANN)
    assert not live.still_holds("served", ANN)


def test_where_nothing_is_read_everything_holds() -> None:
    assert NOTHING.still_holds("anywhere", {})

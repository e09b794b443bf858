"""Secrets that stand in clear somewhere are told: in a guard, beyond the door of a sub-machine, in the store's keys."""

from __future__ import annotations

from typing import Any

import pytest
from checked import DECLARED, form, found
from machines import Json, machine, state, to

LEAKS = ("half-secret", "secret-in-file", "secret-in-store-key")
SECRET = {"type": "string", "secret": True, "written_by": "handler"}
CLEAR = {"type": "string", "written_by": "handler"}


def paying(outside: Json, inside: Json, **door: Any) -> Json:
    """Write a machine that runs another one, with a key `card` in each."""
    inner = {**machine(state("a"), name="inner"), "context": {"card": inside}}
    outer = machine(state("pay", to("end"), subflow="p", **door), state("end"))
    return {**outer, "context": {"card": outside}, "subflows": {"p": inner}}


@pytest.mark.parametrize(
    ("definition", "path"),
    [
        (paying(CLEAR, SECRET, inputs=["card"]), "states.pay.inputs"),
        (paying(SECRET, CLEAR, outputs=["card"]), "states.pay.outputs"),
    ],
    ids=["comes in from a clear one", "comes back from a clear one"],
)
def test_a_secret_that_comes_from_a_key_that_is_none_is_told(definition: Json, path: str) -> None:
    assert [(each.code, each.path) for each in found(definition, *LEAKS)] == [("half-secret", path)]


@pytest.mark.parametrize(
    "definition",
    [
        paying(SECRET, SECRET, inputs=["card"], outputs=["card"]),
        paying(CLEAR, CLEAR, inputs=["card"], outputs=["card"]),
        paying(SECRET, CLEAR),
    ],
    ids=["secret on both sides", "clear on both sides", "it goes nowhere"],
)
def test_keys_of_one_kind_on_both_sides_are_sound(definition: Json) -> None:
    assert found(definition, *LEAKS) == []


@pytest.mark.parametrize(
    ("logic", "is_told"),
    [
        ({"==": [{"var": "card"}, "4111"]}, True),
        ({"and": [True, {"===": ["4111", {"var": ["card"]}]}]}, True),
        ({"==": [{"var": "card"}, ""]}, False),
        ({"!": [{"var": "card"}]}, False),
        ({"==": [{"var": "card"}, {"var": "guest"}]}, False),
        ({"==": [{"var": "guest"}, "Ann"]}, False),
    ],
)
def test_a_guard_that_has_the_text_of_a_secret_is_noted(logic: Any, is_told: bool) -> None:
    asked = machine(state("a", to("b", logic=logic)), state("b"), context=DECLARED)

    paths = [finding.path for finding in found(asked, "secret-in-file")]

    assert paths == ["states.a.transitions[0].conditions[0].logic"] * is_told


def test_one_of_a_few_is_no_password() -> None:
    tier = {"tier": {"enum": ["gold", "blue"], "secret": True, "written_by": "caller"}}
    asked = machine(state("a", to("b", logic={"==": [{"var": "tier"}, "gold"]})), state("b"), context=tier)

    assert found(asked, "secret-in-file") == []


def test_a_secret_in_a_place_of_the_store_is_noted() -> None:
    kept = form(DECLARED) | {"store": {"bill": {"namespace": ["bills", "{{card}}"], "key": "{{customer}}"}}}

    assert [(each.code, each.path) for each in found(kept, *LEAKS)] == [
        ("secret-in-store-key", "store.bill.namespace[1]")
    ]

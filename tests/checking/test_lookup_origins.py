"""A lookup whose place the model decides is told, and one that keeps every user to what is theirs is not."""

from __future__ import annotations

from typing import Any

import pytest
from checked import DECLARED, form, found
from machines import Json, machine, state, to

LOOKUPS = ("lookup-by-model-key", "lookup-by-choice")
KEYS = {
    **DECLARED,
    "day": {"format": "date"},
    "order": {"type": "string", "pattern": "^L-[0-9]{4}$", "grounded": True},
}


def looking_up(namespace: list[str], key: str, context: Json | None = KEYS) -> Json:
    """Write a machine with one lookup, which it reads."""
    store = {"store": {"item": {"namespace": namespace, "key": key}}}
    return form(context, keys=["guest"], instructions="{{store.item.text}}") | store


@pytest.mark.parametrize(
    ("definition", "path", "names"),
    [
        (
            looking_up(["orders", "{{guest}}"], "last"),
            "store.item.namespace[1]",
            ["item", "guest", "written_by: model"],
        ),
        (looking_up(["orders"], "{{order}}"), "store.item.key", ["order"]),
        (looking_up(["orders"], "{{nights}}"), "store.item.key", ["nights"]),
        (looking_up(["orders"], "{{anything.id}}"), "store.item.key", ["anything"]),
        (looking_up(["{{customer}}"], "x", None), "store.item.namespace[0]", ["customer", "no key is declared"]),
    ],
    ids=["a label", "the key, though it has a pattern", "a number", "a path", "nothing is declared"],
)
def test_a_place_that_the_model_decides_is_told(definition: Json, path: str, names: list[str]) -> None:
    [finding] = found(definition, *LOOKUPS)

    assert (finding.code, finding.path) == ("lookup-by-model-key", path)
    assert [name for name in names if name not in finding.message] == []


@pytest.mark.parametrize(
    "definition",
    [
        looking_up(["customers"], "{{customer}}"),
        looking_up(["bills"], "{{total}}"),
        looking_up(["hotel"], "prices"),
        looking_up(["customers", "{{customer}}"], "{{order}}"),
        looking_up(["orders", "{{order}}"], "{{customer}}"),
        looking_up(["news"], "{{_now}}"),
    ],
    ids=["the caller's", "a handler's", "no tag", "below the caller's", "beside the caller's", "the time"],
)
def test_a_place_that_it_does_not_decide_is_not(definition: Json) -> None:
    assert found(definition, *LOOKUPS) == []


@pytest.mark.parametrize("key", ["size", "paid", "day"])
def test_a_choice_that_names_nobody_is_a_note(key: str) -> None:
    assert [finding.code for finding in found(looking_up(["answers"], f"{{{{{key}}}}}"), *LOOKUPS)] == [
        "lookup-by-choice"
    ]


def nested(outside: Json, inputs: Any, inside: Json) -> Json:
    """Write a machine that runs one which looks something up by its key `number`."""
    inner = {
        **machine(state("a", instructions="{{store.item}}"), name="inner"),
        "context": {"number": inside},
        "store": {"item": {"namespace": ["items"], "key": "{{number}}"}},
    }
    outer = machine(state("look", to("end"), subflow="p", inputs=inputs), state("end"))
    return {**outer, "context": {"given": outside}, "subflows": {"p": inner}}


CALLERS = {"type": "string", "written_by": "caller"}


def test_a_key_that_comes_in_from_one_of_the_models_is_told() -> None:
    [finding] = found(nested({"type": "string"}, {"number": "given"}, CALLERS), *LOOKUPS)

    assert (finding.code, finding.path) == ("lookup-by-model-key", "subflows.p.store.item.key")
    assert "it comes in from 'given' of the machine around" in finding.message
    assert "in the state 'look'" in finding.advice


@pytest.mark.parametrize(
    ("definition", "codes"),
    [
        (nested(CALLERS, {"number": "given"}, CALLERS), []),
        (nested({"type": "string"}, {}, CALLERS), []),
        (nested({"enum": ["a", "b"]}, {"number": "given"}, CALLERS), ["lookup-by-choice"]),
    ],
    ids=["from one of the caller's", "it does not come in", "from a choice"],
)
def test_others_are_sound(definition: Json, codes: list[str]) -> None:
    assert [finding.code for finding in found(definition, *LOOKUPS)] == codes


@pytest.mark.parametrize(
    ("text", "options", "is_told"),
    [
        ("{{nights}}", {}, True),
        ("{{store.item.name}}", {}, False),
        ("{{#store}}{{item.name}}{{/store}}", {}, False),
        ("{{nights}}", {"live_instructions": True}, False),
    ],
    ids=["no text reads it", "a tag", "the whole store", "instructions that are still to come"],
)
def test_a_lookup_that_nothing_reads_is_noted(text: str, options: Json, is_told: bool) -> None:
    store = {"item": {"namespace": ["hotel"], "key": "prices"}}

    told = found(form(KEYS, instructions=text) | {"store": store} | options, "unread-lookup")

    assert [finding.path for finding in told] == ["store.item"] * is_told


def taking_back(*needed: str) -> Json:
    """Write a machine that looks something up by a handler's key, which comes back from where the model is asked."""
    inside = machine(state("a", to("b", *needed), required_context_keys=["number"]), state("b"), name="inner") | {
        "context": {"number": {"type": "string"}, "known": {"type": "boolean", "written_by": "handler"}}
    }
    outside = machine(
        state("a", to("b"), subflow="inner", outputs=["number"]),
        state("b", instructions="{{store.item}}"),
        subflows={"inner": inside},
    )
    return {
        **outside,
        "context": {"number": {"type": "string", "written_by": "handler"}},
        "store": {"item": {"namespace": ["items"], "key": "{{number}}"}},
    }


def test_what_the_model_writes_in_a_sub_machine_comes_back() -> None:
    [finding] = found(taking_back("number"), *LOOKUPS)

    assert finding.code == "lookup-by-model-key"
    assert "it comes back from 'number' of the sub-machine of 'a'" in finding.message


def test_a_sub_machine_that_only_a_handler_ends_gives_back_what_it_has_found_right() -> None:
    assert found(taking_back("number", "known"), *LOOKUPS) == []

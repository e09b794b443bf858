"""Where lookups are made, and where none is."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.store.base import InvalidNamespaceError
from langgraph.store.memory import InMemoryStore
from machines import machine, state
from stores import BAR

from fsm_langgraph.loading import load_definition
from fsm_langgraph.templates.store_lookups import label_fault, store_lookups


@pytest.mark.parametrize("label", ["", "a.b", ".", "a\0b", "a", "a b", "ключ", "a/b", "langgraph"])
def test_a_label_is_refused_if_langgraph_s_store_refuses_it(label: str) -> None:
    store = InMemoryStore()
    if label_fault(label):
        with pytest.raises(InvalidNamespaceError):
            store.get(("root", label), "key")
    else:
        assert store.get(("root", label), "key") is None


@pytest.mark.parametrize(
    ("namespace", "key", "place"),
    [
        (["a", "b"], "c", (("a", "b"), "c")),
        (["a", "{{x}}-{{n}}"], "{{x}}.{{n}}", (("a", "X-0"), "X.0")),
        (["{{deep.er.id}}"], "{{{x}}}", (("D",), "X")),
    ],
)
def test_a_place_is_made_of_the_context(namespace: list[str], key: str, place: Any) -> None:
    definition = machine(state("a"), store={"it": {"namespace": namespace, "key": key}})
    lookup = store_lookups(load_definition(definition))["it"]
    assert lookup.place({"x": "X", "n": 0, "deep": {"er": {"id": "D"}}}) == place


@pytest.mark.parametrize(
    ("context", "reason"),
    [
        ({}, "no text or number under 'guest_id'"),
        ({"guest_id": {"a": 1}}, "no text or number under 'guest_id'"),
        ({"guest_id": "a.b"}, "a label of its namespace has a period in it"),
        ({"guest_id": "a\0"}, "a label of its namespace has a zero byte in it"),
        ({"guest_id": 1.5}, "a label of its namespace has a period in it"),
    ],
)
def test_a_place_that_cannot_be_made_has_a_reason(context: Any, reason: str) -> None:
    assert reason in store_lookups(load_definition(BAR))["guest"].place(context)


def test_a_key_that_no_database_takes_is_no_place() -> None:
    definition = machine(state("a"), store={"it": {"namespace": ["a"], "key": "{{x}}"}})
    place = store_lookups(load_definition(definition))["it"].place({"x": "a\0"})
    assert place == "its key has a zero byte in it, which databases refuse"

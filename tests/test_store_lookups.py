"""A lookup has a store key made of the context, or a reason why it has none."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.store.base import InvalidNamespaceError
from langgraph.store.memory import InMemoryStore
from machines import machine, state
from stores import BAR

from fsm_langgraph.loading import load_definition
from fsm_langgraph.templates.store_lookups import label_fault, names_read, store_lookups
from fsm_langgraph.templates.template import Template


@pytest.mark.parametrize("label", ["", "a.b", ".", "a\0b", "a", "a b", "ключ", "a/b", "langgraph"])
def test_a_label_is_refused_if_langgraph_s_store_refuses_it(label: str) -> None:
    store = InMemoryStore()
    if label_fault(label):
        with pytest.raises(InvalidNamespaceError):
            store.get(("root", label), "key")
    else:
        assert store.get(("root", label), "key") is None


@pytest.mark.parametrize(
    ("namespace", "key", "store_key"),
    [
        (["a", "b"], "c", (("a", "b"), "c")),
        (["a", "{{x}}-{{n}}"], "{{x}}.{{n}}", (("a", "X-0"), "X.0")),
        (["{{deep.er.id}}"], "{{{x}}}", (("D",), "X")),
    ],
)
def test_a_store_key_is_made_of_the_context(namespace: list[str], key: str, store_key: Any) -> None:
    definition = machine(state("a"), store={"it": {"namespace": namespace, "key": key}})
    lookup = store_lookups(load_definition(definition))["it"]
    assert lookup.store_key({"x": "X", "n": 0, "deep": {"er": {"id": "D"}}}) == store_key


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
def test_a_store_key_that_cannot_be_made_has_a_reason(context: Any, reason: str) -> None:
    assert reason in store_lookups(load_definition(BAR))["guest"].store_key(context)


def test_a_key_that_no_database_takes_is_no_store_key() -> None:
    definition = machine(state("a"), store={"it": {"namespace": ["a"], "key": "{{x}}"}})
    store_key = store_lookups(load_definition(definition))["it"].store_key({"x": "a\0"})
    assert store_key == "its key has a zero byte in it, which databases refuse"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{store.a}} {{store.b.c}} {{{store.d}}}", {"a", "b", "d"}),
        ("{{#store.a}}{{x}}{{/store.a}}{{^store.b}}-{{/store.b}}", {"a", "b"}),
        ("{{#store}}{{a}}{{/store}}", {""}),
        ("{{storey.a}} {{a.store.b}} {{a}} store.b", set()),
    ],
)
def test_a_text_reads_the_lookups_that_its_tags_name(text: str, names: set[str]) -> None:
    assert names_read(Template(text)) == names

"""The keys of a definition, and what its tags may begin with."""

from __future__ import annotations

import pytest
from machines import Json, machine, state, to

from fsm_langgraph import load_definition
from fsm_langgraph.templates.definition_keys import keys_of, tag_roots, tags_left
from fsm_langgraph.templates.template import Template

TEXTS: Json = {
    "purpose": "{{a}} {{#guests}}{{first}}{{/guests}}",
    "instructions": "{{#b}}{{b.c}} {{d}}{{/b}} {{store.x}}",
    "extraction_instructions": "{{heard}}",
    "say": "{{said}}",
}
OPEN = machine(
    state("one", to("two", "needed", logic={"==": [{"var": "read.deep"}, 1]}), required_context_keys=["own"], **TEXTS),
    state("two", to("one"), subflow="inner", inputs={"x": "given"}, outputs={"z": "back"}),
    persona="{{voice}}",
    subflows={"inner": machine(state("in", purpose="{{x}} {{y}}"))},
)
DECLARED = ("a", "b", "guests", "needed", "read", "own", "given", "back", "heard", "said", "voice", "d")
CONTEXT: Json = {key: {} for key in DECLARED}
STORING = {**OPEN, "store": {"x": {"namespace": ["n"], "key": "k"}}}


def test_a_definition_that_declares_its_keys_has_no_others() -> None:
    assert keys_of(load_definition({**STORING, "context": CONTEXT})) == CONTEXT.keys()


def test_another_has_those_that_are_named_and_no_member_of_a_value() -> None:
    named = {"a", "b", "guests", "needed", "read", "own", "given", "back", "heard", "said", "voice"}

    assert keys_of(load_definition(STORING)) == named
    assert keys_of(load_definition(OPEN)) == named | {"store"}


@pytest.mark.parametrize("definition", [OPEN, {**STORING, "context": CONTEXT}], ids=["open", "closed"])
def test_a_tag_begins_with_all_that_templates_name_and_declarations_have(definition: Json) -> None:
    named = {"a", "b", "guests", "first", "d", "store", "needed", "read", "own", "given", "back", "said", "voice"}

    assert tag_roots(load_definition(definition)) == named | {"heard", "x", "y", "z"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("{{a}} {{b.c}}", {"a", "b"}, id="tags"),
        pytest.param("{{#a}}{{a}} {{d}}{{/a}}", {"d"}, id="not in a section of its own"),
        pytest.param("{{#guests}}{{first}}{{/guests}}", set(), id="no member"),
        pytest.param("{{till}} {{pin}} {{hidden}}", set(), id="none that the writer cannot write"),
    ],
)
def test_the_tags_that_are_left_to_a_writer_elsewhere(text: str, left: set[str]) -> None:
    shown = ["a", "b", "d", "guests", "till"]
    keys: Json = {key: {} for key in [*shown, "hidden"]}
    keys |= {"pin": {"secret": True}, "till": {"written_by": "handler"}}
    definition = load_definition(machine(state("one", visible_context_keys=shown), context=keys))

    assert tags_left(definition, definition.states["one"], [Template(text)]) == left


def test_no_tag_of_the_store_is_left_to_a_writer() -> None:
    definition = load_definition(STORING)

    assert tags_left(definition, definition.states["one"], [Template("{{a}} {{store.x}}")]) == {"a"}

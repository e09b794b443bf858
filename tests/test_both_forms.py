"""Sections in both forms: how they are told, and that whoever reads them back comes to what the template says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from machines import machine, state
from profiles import examples

from fsm_langgraph import load_definition
from fsm_langgraph.templates.both_forms import OpenKeys, in_both_forms, kind_of_key
from fsm_langgraph.templates.copied_tags import CopiedTags
from fsm_langgraph.templates.template import Template

DEFINITION = load_definition(
    machine(
        state("a"),
        context={
            "address": {"type": "string"},
            "hot": {"type": "boolean"},
            "children": {"type": "integer"},
            "toppings": {"type": "array", "items": {"type": "string"}},
            "guests": {"type": "array"},
            "who": {"type": "object"},
            "size": {"enum": ["s", "m"]},
            "any": {},
            "till": {"written_by": "handler"},
            "sure": {"type": "boolean"},
        },
    )
)
KEYS = DEFINITION.context or {}
OPEN = {key: kind_of_key(DEFINITION, key) for key in KEYS if key != "till"}


def told(text: str, settled: dict[str, Any] | None = None, *absent: str, names: dict[str, str] | None = None) -> str:
    settled = settled or {}
    kinds = {key: kind for key, kind in OPEN.items() if key not in settled}
    return in_both_forms(Template(text), settled, OpenKeys(kinds, names or {}, absent, KEYS)).fill(settled)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("{{address}}, {{ who.first }}", "{{address}}, {{who.first}}", id="tags stay"),
        pytest.param("{{#address}}to {{address}}{{/address}}", "[if address is known: to {{address}}]", id="a text"),
        pytest.param("{{^address}}here{{/address}}", "[if address is not known: here]", id="inverted"),
        pytest.param("{{#hot}}a{{/hot}}{{^hot}}b{{/hot}}", "[if hot is yes: a][if hot is not yes: b]", id="a flag"),
        pytest.param(
            "{{#children}}a{{/children}}{{^children}}b{{/children}}",
            "[if children is known and not 0: a][if children is not known or 0: b]",
            id="a number",
        ),
        pytest.param("{{#size}}{{.}}{{/size}}", "[if size is known: {{size}}]", id="the value itself"),
        pytest.param("{{#any}}{{.}}{{/any}}", "[if any is known and not no: {{any}}]", id="any type"),
        pytest.param(
            "{{#toppings}}{{.}}, {{/toppings}}{{^toppings}}plain{{/toppings}}",
            "[for each of toppings: (the item), ][if toppings is not known or empty: plain]",
            id="a list",
        ),
        pytest.param(
            "{{#guests}}{{name}}{{#note}} ({{note}}){{/note}} of {{address}}; {{/guests}}",
            "[for each of guests: (the item's name)[if the item's note is known and not no:  ((the item's note))]"
            " of {{address}}; ]",
            id="a list of objects",
        ),
        pytest.param("{{#who}}{{first}}{{/who}}", "[if who is known: {{who.first}}]", id="an object"),
        pytest.param("{{#who.first}}a{{/who.first}}", "[if who.first is known and not no: a]", id="a path"),
        pytest.param(
            "{{#address}}{{#hot}}a{{/hot}}{{/address}}", "[if address is known: [if hot is yes: a]]", id="nested"
        ),
        pytest.param("{{#till}}a{{/till}}{{^till}}b{{/till}} {{till}}", "b ", id="a key that no reply writes"),
    ],
)
def test_a_section_over_an_open_key_is_told_in_both_forms(text: str, expected: str) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "settled", "expected"),
    [
        pytest.param("{{#hot}}a{{/hot}}{{^hot}}b{{/hot}}", {"hot": False}, "b", id="by its value"),
        pytest.param("{{#guests}}{{address}};{{/guests}}", {"guests": [{"address": "x"}]}, "x;", id="a member's name"),
        pytest.param("{{#who}}{{address}} {{any}}{{/who}}", {"who": {"any": 1}}, "{{address}} 1", id="and a key's"),
        pytest.param("{{#hot}}{{#sure}}a{{/sure}}{{/hot}}", {"hot": True}, "[if sure is yes: a]", id="within"),
        pytest.param("{{#hot}}{{#sure}}a{{/sure}}{{/hot}}", {"hot": False}, "", id="within what is left out"),
        pytest.param(
            "{{#guests}}{{#sure}}{{n}}{{/sure}}{{/guests}}",
            {"guests": [{"n": 1}, {"n": 2}]},
            "[if sure is yes: 1][if sure is yes: 2]",
            id="of an item",
        ),
    ],
)
def test_a_section_over_a_settled_key_is_decided(text: str, settled: dict[str, Any], expected: str) -> None:
    assert told(text, settled) == expected


def test_a_section_over_a_key_that_is_not_there_is_left_out_and_its_tag_stays() -> None:
    assert told("{{#sure}}a{{/sure}}{{^sure}}b{{/sure}} {{sure}}", {}, "sure") == "b {{sure}}"


def test_a_key_is_told_by_the_name_under_which_the_reply_writes_it() -> None:
    assert told("{{#address}}to {{address}}{{/address}}", names={"address": "street"}) == (
        "[if street is known: to {{street}}]"
    )


def test_what_is_told_stands_in_json_as_it_is() -> None:
    text = "".join(f"{{{{#{key}}}}}a{{{{/{key}}}}}{{{{^{key}}}}}b{{{{/{key}}}}}" for key in KEYS)

    assert not {'"', "\\", "<", ">", "&"} & {*told(text)}


VALUES = {
    "address": st.sampled_from(["Elm St", "x"]),
    "hot": st.booleans(),
    "children": st.integers(0, 2),
    "toppings": st.lists(st.sampled_from(["ham", "olives"]), max_size=2),
    "any": st.sampled_from(["yes", False, 3]),
}
words = st.text("ab ,[]", max_size=4).filter(lambda text: text.count("[") == text.count("]") == 0) | st.just("[a]")


def texts(keys: frozenset[str], depth: int = 3) -> st.SearchStrategy[str]:
    """Templates in which a tag stands only within a section over its key, `{{.}}` directly in a list's."""
    tags = st.sampled_from(sorted(keys & {"address"})).map("{{{{{}}}}}".format) if "address" in keys else st.nothing()
    items = st.just("{{.}}") if "toppings" in keys else st.nothing()
    if depth == 0:
        return words | tags | items
    sections = st.sampled_from(sorted(VALUES)).flatmap(
        lambda key: (
            _section("#", key, texts((keys - {"toppings"}) | {key}, depth - 1))
            | _section("^", key, texts(keys - {"toppings"}, depth - 1))
        )
    )
    return words | tags | items | sections


def _section(sign: str, key: str, parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(parts, max_size=3).map(lambda made: f"{{{{{sign}{key}}}}}{''.join(made)}{{{{/{key}}}}}")


@settings(max_examples=examples(75), deadline=None)
@given(st.lists(texts(frozenset()), max_size=4).map("".join), st.fixed_dictionaries({}, optional=VALUES))
def test_what_is_told_in_both_forms_is_decided_as_the_template_says(text: str, known: dict[str, Any]) -> None:
    kinds = {key: kind for key, kind in OPEN.items() if key in VALUES}
    both = in_both_forms(Template(text), {}, OpenKeys(kinds, {}, (), KEYS)).fill({})

    assert CopiedTags(KEYS, known, gap="").fill(both) == Template(text).fill(known)

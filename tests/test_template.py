"""Templates: what they are filled with, and which would fail or vanish when a prompt is built."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm_langgraph.templates.template import MAX_TEXT, Template, check_template, unclosed_tag


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("", id="nothing"),
        pytest.param('Answer like {"a": {"b": 1}} and } or {', id="braces"),
        pytest.param("{{name}} {{ customer.name }} {{{raw}}} {{&raw}} {{! a remark }}", id="variables"),
        pytest.param("{{#items}}{{.}}{{/items}}{{^items}}none{{/items}}", id="sections"),
        pytest.param("{{=<% %>=}}<% name %>", id="other delimiters"),
    ],
)
def test_a_template_that_renders_has_no_problem(template: str) -> None:
    assert check_template(template) == []


@pytest.mark.parametrize(
    "template", ["{{", "{{a", "{{}}", "{{#a}}", "{{/a}}", "{{#a}}{{/b}}", "{{=a}}", "{{{a}}", "{{>a}}"]
)
def test_a_template_that_fails_or_vanishes_has_one_problem(template: str) -> None:
    assert [problem.code for problem in check_template(template)] == ["bad-template"]


@given(st.text(st.sampled_from("{}#/^>=&! ab\n")))
def test_no_template_makes_the_check_raise(template: str) -> None:
    check_template(template)


VALUES = {"name": "Ann & <b>", "xs": ["a", "b"], "who": {"first": "Ann", "ok": True}, "n": 0, "off": False}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        pytest.param("No {tags}", "No {tags}", id="no tags"),
        pytest.param("{{name}} {{{name}}} {{&name}}", "Ann & <b> Ann & <b> Ann & <b>", id="as it is"),
        pytest.param("{{who.first}} {{xs.1}} {{n}}", "Ann b 0", id="paths"),
        pytest.param("[{{missing}}{{who.first.letter}}{{xs.9}}]", "[]", id="what is missing is nothing"),
        pytest.param("{{#xs}}{{.}};{{/xs}}", "a;b;", id="a section over a list"),
        pytest.param("{{#who}}{{first}}{{/who}}{{^who}}nobody{{/who}}", "Ann", id="a section over an object"),
        pytest.param("{{#name}}hi {{name}}{{/name}}", "hi Ann & <b>", id="a section over a text"),
        pytest.param("{{^off}}off{{/off}}{{#off}}on{{/off}}", "off", id="an inverted section"),
        pytest.param("{{#xs}}{{^xs}}no{{/xs}}{{.}};{{/xs}}", "a;b;", id="an inverted section in one of its name"),
        pytest.param("a{{! a remark }}b", "ab", id="a remark"),
        pytest.param("{{=<% %>=}}<% name %>", "Ann & <b>", id="other delimiters"),
    ],
)
def test_a_template_is_filled(text: str, filled: str) -> None:
    assert Template(text).fill(VALUES) == filled


def test_a_value_is_no_template() -> None:
    assert Template("{{a}}").fill({"a": "{{b}}", "b": "secret"}) == "{{b}}"


def test_a_template_can_be_filled_again() -> None:
    template = Template("{{#xs}}{{.}}{{/xs}}")

    assert [template.fill({"xs": ["a"]}), template.fill({"xs": ["b"]})] == ["a", "b"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 1) | st.text("a<{", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abn"), inner, max_size=2),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.text(st.sampled_from("{}#/^&. abn\n"), max_size=20), st.dictionaries(st.sampled_from("abn"), JSON))
def test_no_value_makes_a_good_template_raise(text: str, values: dict[str, Any]) -> None:
    templates = [] if check_template(text) else [Template(text)]

    assert all(isinstance(template.fill(values), str) for template in templates)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Lend {{title} for {{weeks}}", "{{title}"),
        ("Lend {{title for {{weeks}}", "{{title"),
        ("Lend {{ title\n for {{weeks}}", "{{ title"),
        ("{{#title} x {{/title}}", "{{#title}"),
        ("{{#title}} x {{/title} {{weeks}}", "{{/title}"),
        ("{{{title} for {{weeks}}}", "{{title}"),
        ("{{title}} for {{weeks", "{{weeks"),
        ("{{title}} {{", "{{"),
        ("{{title}} {{weeks}}", ""),
        ("{{{title}}} {{&weeks}} {{^a.b}}{{.}}{{/a.b}}", ""),
        ("{{title }} } { {{weeks}}", ""),
        ("{{! {{title}} {{weeks}}", ""),
        ("{{=<% %>=}} <% title %> {{weeks", ""),
        ("{ {title} } }}", ""),
    ],
)
def test_a_tag_that_is_not_closed_is_found(text: str, tag: str) -> None:
    assert unclosed_tag(text) == tag


@pytest.mark.parametrize("name", ["a", " ", "a."], ids=["letters", "blanks", "a path"])
def test_a_tag_as_long_as_a_text_may_be_is_read_at_once(name: str) -> None:
    text = f"{{{{{name * ((MAX_TEXT - 4) // len(name))}}}}}"
    begun = time.process_time()
    assert unclosed_tag(text) == ""
    assert time.process_time() - begun < 1


def test_it_is_told_where_it_stands() -> None:
    text = 'A pirate\nof "{{name}" for {{years}}'
    assert [problem.words for problem in check_template(text, is_closed=True)] == ["{{name}"]
    assert check_template(text) == []

"""Templates that would fail or vanish when a prompt is built."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm_langgraph.template import check_template


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

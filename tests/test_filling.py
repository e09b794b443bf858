"""Filling a template: as LangChain's renderer does, up to a limit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.utils.mustache import render
from machines import machine, state, to

from fsm_langgraph import LLM_FSM, TemplateLimit
from fsm_langgraph.templates.filling import MAX_FILLED, OverfullError
from fsm_langgraph.templates.template import Template, check_template
from fsm_langgraph.templates.written import written

NAMES = st.sampled_from(["a", "b", "n", "a.b", "a.0", "b.n", "."])
TEXTS: st.SearchStrategy[str] = st.recursive(
    st.sampled_from(["x", "\n", " y"]) | NAMES.map(lambda name: f"{{{{{name}}}}}"),
    lambda inner: st.builds(
        lambda sign, name, texts: f"{{{{{sign}{name}}}}}{''.join(texts)}{{{{/{name}}}}}",
        st.sampled_from("#^"),
        NAMES,
        st.lists(inner, max_size=3),
    ),
    max_leaves=10,
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 2.5, 0.0, "", "s", "<x>"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abn"), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=4).map("".join), st.dictionaries(st.sampled_from("abn"), VALUES))
def test_a_template_is_filled_as_langchain_would(text: str, values: dict[str, Any]) -> None:
    template = Template(text)

    assert template.fill(values) == (
        render(list(template.tokens), written(values, template.roots)) if template.tokens else text
    )


def nested(depth: int, inside: str = "x") -> str:
    return "{{#rows}}" * depth + inside + "{{/rows}}" * depth


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param(nested(6), {"rows": [*range(1, 41)]}, id="sections in sections"),
        pytest.param(nested(16, ""), {"rows": [1, 2, 3]}, id="sections with nothing in them"),
        pytest.param("{{a}}" * 900, {"a": "x" * 100}, id="a value many times"),
        pytest.param("{{#rows}}{{.}}{{/rows}}", {"rows": ["x" * 700] * 100}, id="long items"),
        pytest.param("{{a}}", {"a": ["x" * 1000] * 100}, id="a long list"),
    ],
)
def test_what_would_be_too_long_is_an_error_that_names_the_place(text: str, values: dict[str, Any]) -> None:
    template = Template(text, "states.ask.purpose")
    assert check_template(text) == []

    with pytest.raises(OverfullError) as caught:
        template.fill(values)

    assert caught.value.place == "states.ask.purpose"


def test_what_just_fits_is_filled() -> None:
    assert len(Template("{{a}}{{a}}").fill({"a": "x" * (MAX_FILLED // 2)})) == MAX_FILLED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("x" * 32_001, "is longer than 32,000 characters.", id="long"),
        pytest.param("{{a}}" * 2001, "has more than 2,000 parts.", id="many tags"),
        pytest.param("{{=a b=}}" + "aab" * 2001, "has more than 2,000 parts.", id="many tags of other delimiters"),
        pytest.param(nested(17), "has sections that nest deeper than 16.", id="deep"),
    ],
)
def test_what_is_beyond_measure_is_refused_when_it_is_loaded(text: str, reason: str) -> None:
    assert [problem.message for problem in check_template(text)] == [reason]


@pytest.mark.parametrize("field", ["instructions", "purpose", "extraction_instructions", "say"])
def test_a_turn_whose_template_explodes_fails_and_the_next_one_goes_on(field: str) -> None:
    asks = {"purpose": "Ask", field: nested(6), "required_context_keys": ["k"]}
    fsm = LLM_FSM(machine(state("ask", to("end", "k"), **asks), state("end")), "offline")

    with pytest.raises(TemplateLimit, match=f"state 'ask': the template states.ask.{field} makes more") as caught:
        fsm.converse("" if field == "say" else "hello", "c", {"rows": [*range(1, 41)]})

    assert caught.value.template == f"states.ask.{field}"
    assert fsm.converse("hello", "c", {"rows": [1]})[1]


def test_words_that_stand_for_a_failed_model_leave_the_first_error() -> None:
    talks = machine(state("ask", to("end", "k"), purpose=nested(6)), state("end"), fallback_message=nested(6))

    with pytest.raises(TemplateLimit, match=r"states\.ask\.purpose"):
        LLM_FSM(talks, "offline").converse("hello", "c", {"rows": [*range(1, 41)]})

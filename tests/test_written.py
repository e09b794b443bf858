"""A value is written into a text as people write it, and decides on sections by what it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm_langgraph.templates.template import Template


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(["ham", "olives"], "ham, olives", id="a list"),
        pytest.param([["ham", "olives"], ["brie"]], "ham, olives; brie", id="lists in a list"),
        pytest.param([], "", id="an empty list"),
        pytest.param(["ham", None, True, 2.0], "ham, yes, 2", id="items of all kinds"),
        pytest.param(True, "yes", id="true"),
        pytest.param(False, "no", id="false"),
        pytest.param(79.0, "79", id="a whole number"),
        pytest.param(79.5, "79.5", id="a fraction"),
        pytest.param(0.1 + 0.2, "0.3", id="a sum"),
        pytest.param(1e-7, "0.0000001", id="a small number"),
        pytest.param(0, "0", id="zero"),
        pytest.param(0.0, "0", id="zero as a fraction"),
        pytest.param(-0.5, "-0.5", id="a negative number"),
        pytest.param(2**60, "1152921504606846976", id="a large number"),
        pytest.param(None, "", id="null"),
        pytest.param("", "", id="an empty text"),
        pytest.param("no", "no", id="a text"),
        pytest.param(
            {"city": "Köln", "no": 1.0, "ok": True, "x": [0.1 + 0.2, None]},
            '{"city": "Köln", "no": 1, "ok": true, "x": [0.3, null]}',
            id="an object",
        ),
    ],
)
def test_a_value_is_written_as_people_write_it(value: Any, text: str) -> None:
    assert Template("{{x}}").fill({"x": value}) == text
    assert Template("{{{x}}}").fill({"x": value}) == text
    assert Template("{{a.x}}").fill({"a": {"x": value}}) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        pytest.param("{{#xs}}{{.}};{{/xs}}", "ham;2;", id="a list is gone through"),
        pytest.param("{{#yes}}on {{xs}}{{/yes}}{{^yes}}off{{/yes}}", "on ham, 2", id="true shows a section"),
        pytest.param("{{#no}}on{{/no}}{{^no}}off{{/no}}", "off", id="false leaves it out"),
        pytest.param("{{#yes}}{{.}}{{/yes}}", "yes", id="a section's own value"),
        pytest.param("{{#zero}}on{{/zero}}{{^zero}}off{{/zero}}", "off", id="so does zero"),
        pytest.param("{{#none}}on{{/none}}{{^none}}off{{/none}}", "off", id="and null"),
        pytest.param("{{#who}}{{name}} {{age}}{{/who}}", "Ann 79", id="an object is gone into"),
        pytest.param("{{#many}}{{n}}{{#ok}}!{{/ok}};{{/many}}", "1!;2;", id="objects in a list"),
        pytest.param("{{#rows}}[{{.}}]{{/rows}}", "[a, b][c]", id="lists in a list"),
    ],
)
def test_sections_go_by_the_value(template: str, text: str) -> None:
    values = {
        "xs": ["ham", 2.0],
        "yes": True,
        "no": False,
        "zero": 0.0,
        "none": None,
        "who": {"name": "Ann", "age": 79.0},
        "many": [{"n": 1.0, "ok": True}, {"n": 2, "ok": False}],
        "rows": [["a", "b"], ["c"]],
    }

    assert Template(template).fill(values) == text


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_written_number_reads_back_as_the_number(number: float) -> None:
    assert float(Template("{{x}}").fill({"x": number})) == pytest.approx(number, rel=1e-14)


@given(st.dictionaries(st.text(), st.booleans() | st.integers() | st.text()))
def test_a_written_object_reads_back(value: dict[str, Any]) -> None:
    written = Template("{{x}}").fill({"x": value})

    assert json.loads(written) == value if value else written == ""

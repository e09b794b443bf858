"""A file that a definition names: nothing is told of what stands in it, unless it is a definition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from machines import machine, state, to

from fsm_langgraph import DefinitionError, load_definition
from fsm_langgraph.loading.raw_data import is_definition

SECRETS = ("SK-LEAK-123", "hunter2")
FORM = machine(state("ask", to("end"), purpose="Ask"), state("end"), name="form")


def told_of(folder: Path, name: str, text: str) -> str:
    """Load a definition that names a file with this text, and return the error."""
    (folder / name).write_text(text, encoding="utf-8")
    main = machine(state("outer", to("end"), subflow=name), state("end"))
    (folder / "main.json").write_text(json.dumps(main), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_definition(folder / "main.json")
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("settings.env", "A_KEY=SK-LEAK-123\nTOKEN=hunter2\n", id="settings"),
        pytest.param("keys.yaml", "api_key: SK-LEAK-123\nversion: hunter2\ninitial_state: hunter2\n", id="YAML"),
        pytest.param("keys.json", '{"SK-LEAK-123": ["hunter2"], "states": {"hunter2": "x"}}', id="JSON"),
        pytest.param(
            "keys.yaml", "states:\n  a: SK-LEAK-123\n  b: {password: hunter2}\n", id="states of something else"
        ),
        pytest.param("list.json", '["SK-LEAK-123", "hunter2"]', id="a list"),
        pytest.param("word", "SK-LEAK-123", id="a word"),
        pytest.param("keys.yaml", "a: *SK-LEAK-123\n", id="an alias that is not there"),
        pytest.param("keys.yaml", "a: !SK-LEAK-123 hunter2\n", id="a tag that is not known"),
        pytest.param("keys.yaml", "a: !!int hunter2\n", id="a value unlike its tag"),
        pytest.param("keys.yaml", "? {SK-LEAK-123: 1}\n: hunter2\n", id="a key that is none"),
        pytest.param("keys.yaml", "SK-LEAK-123: [hunter2\nx: 1\n", id="an open bracket"),
        pytest.param("keys.yaml", "%SK-LEAK-123 hunter2\n--- a\n", id="a directive"),
        pytest.param("keys.yaml", "SK-LEAK-123: 1\nhunter2\nSK-LEAK-123: 2\n", id="no YAML"),
        pytest.param("keys.json", '{"SK-LEAK-123": hunter2}', id="no JSON"),
        pytest.param("keys.json", '{"SK-LEAK-123": 1, "SK-LEAK-123": NaN}', id="a key given twice"),
        pytest.param("keys.yaml", "1: SK-LEAK-123\n2001-01-01: hunter2\n", id="keys that are no texts"),
    ],
)
def test_of_a_file_that_is_no_definition_nothing_is_quoted(tmp_path: Path, name: str, text: str) -> None:
    error = told_of(tmp_path, name, text)

    assert not [secret for secret in SECRETS if secret in error]
    assert str(tmp_path / name) in error
    assert error.count("states.outer.subflow") == 1


def test_the_line_of_a_fault_is_told_all_the_same(tmp_path: Path) -> None:
    assert "form.yaml:2:4: states.outer.subflow: " in told_of(tmp_path, "form.yaml", "a: 1\nb: @c\n")


def test_a_definition_with_faults_is_told_of_as_any_other(tmp_path: Path) -> None:
    assert "no state is named 'ende'" in told_of(tmp_path, "form.json", json.dumps(FORM).replace("end", "ende", 1))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (FORM, True),
        ({"states": {"a": {"purpose": ""}}}, True),
        ({"states": {"a": 1, "b": {"transitions": []}}}, True),
        ({"states": {"a": {"region": "x"}}}, False),
        ({"states": {}}, False),
        ({"states": []}, False),
        ({}, False),
        ("states", False),
        (None, False),
    ],
    ids=str,
)
def test_a_definition_is_known_by_its_states(data: Any, found: bool) -> None:
    assert is_definition(data) is found

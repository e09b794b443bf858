"""A definition is examined whatever it is: with its errors, or with its findings, each with its place, in order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import fsm_langgraph
from fsm_langgraph import Finding, findings, load_definition
from fsm_langgraph.checking import examine

TEXT = """\
name: Isle
description: Islands
initial_state: start
states:
  zebra: {id: zebra, description: Nothing leads here, purpose: Say so}
  start:
    id: start
    description: The start
    purpose: Ask for the word
    transitions:
      - target_state: end
        description: It is said
  "an island":
    id: an island
    description: Nothing leads here
    purpose: Say so
  end: {id: end, description: The end, purpose: Say goodbye}
check:
  accept:
    - {code: unreachable-state, at: states.zebra, reason: It is sent there}
"""


def told(found: list[Finding]) -> list[str]:
    return [f"{finding.place} {finding.path} {finding.code}" for finding in found]


def test_a_finding_has_the_file_the_line_and_the_column(tmp_path: Path) -> None:
    file = tmp_path / "isle.yaml"
    file.write_text(TEXT.replace("states.zebra", "states.end"))

    assert told(findings(file)) == told(findings(str(file))) == told(findings(load_definition(file)))
    assert told(findings(file)) == [
        f"{file}:5:3 states.zebra unreachable-state",
        f'{file}:13:3 states["an island"] unreachable-state',
        f"{file}:20:7 check.accept[0] stale-acceptance",
    ]


@pytest.mark.parametrize(
    ("declared", "code"), [("", "unfilled-tag"), ("context: {word: {type: string}}\n", "undeclared-key")]
)
def test_a_tag_is_told_of_where_it_stands_in_its_text(declared: str, code: str) -> None:
    asking = "purpose: |\n      Ask for the word.\n      It is {{ word }}, {{# wrod }}known{{/ wrod }}.\n"

    text = TEXT.replace("purpose: Ask for the word\n", f"{asking}    required_context_keys: [word]\n")

    assert [f"{each.place}" for each in findings(text + declared) if each.code == code] == ["line 11, column 25"]


def test_a_text_has_lines_and_no_file() -> None:
    assert told(findings(TEXT)) == ['line 13, column 3 states["an island"] unreachable-state']


def test_data_has_paths_in_its_own_order() -> None:
    data = load_definition(TEXT).model_dump(exclude_defaults=True, exclude={"check"})

    assert told(findings(data)) == [
        "None states.zebra unreachable-state",
        'None states["an island"] unreachable-state',
    ]
    assert told(findings(load_definition(data).model_copy())) == told(findings(data))


def test_a_sub_machine_is_told_of_in_its_own_file(tmp_path: Path) -> None:
    outer = {
        "name": "Shop",
        "description": "Runs a sub-machine",
        "initial_state": "run",
        "states": {
            "run": {
                "id": "run",
                "description": "Runs",
                "purpose": "Run",
                "subflow": "isle.yaml",
                "transitions": [{"target_state": "end", "description": "It has ended"}],
            },
            "end": {"id": "end", "description": "The end", "purpose": "Say goodbye"},
            "attic": {"id": "attic", "description": "Nothing leads here", "purpose": "Say so"},
        },
    }
    (tmp_path / "shop.json").write_text(json.dumps(outer, indent=1))
    (tmp_path / "isle.yaml").write_text(TEXT)

    assert told(findings(tmp_path / "shop.json")) == [
        f"{tmp_path}/shop.json:23:3 states.attic unreachable-state",
        f'{tmp_path}/isle.yaml:13:3 subflows["isle.yaml"].states["an island"] unreachable-state',
    ]


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        pytest.param("{", ["not-json"], id="no JSON"),
        pytest.param("a: [\n", ["not-yaml"], id="no YAML"),
        pytest.param("nowhere.yaml", ["unreadable"], id="no file"),
        pytest.param({}, ["missing-field"] * 4, id="nothing"),
        pytest.param(None, ["wrong-type"], id="no definition at all"),
        pytest.param(TEXT.replace("target_state: end", "target_state: and"), ["unknown-target"], id="one error"),
    ],
)
def test_what_does_not_load_has_errors_alone(source: Any, codes: list[str]) -> None:
    report = examine(source)

    assert (report.definition, report.accepted, report.not_proved, report.assumptions) == (None, (), (), "")
    assert [(finding.code, finding.severity) for finding in report.findings] == [(code, "error") for code in codes]
    assert findings(source) == [*report.findings]


def test_notes_are_told_where_they_are_asked_for() -> None:
    text = TEXT.replace("states.zebra", "states.end")

    assert {finding.severity for finding in findings(text)} == {"warning"}
    assert [*examine(text).findings] == findings(text, notes=True)


@pytest.mark.parametrize(("context", "word"), [({}, "'written_by: handler'"), (None, "what no 'context' declares")])
def test_the_assumptions_are_told(context: Any, word: str) -> None:
    end = {"id": "end", "description": "The end", "purpose": "Say goodbye"}
    base = {"name": "One", "description": "d", "initial_state": "end", "states": {"end": end}, "context": context}

    assert word in examine(base).assumptions


def test_an_examined_definition_is_not_kept() -> None:
    import gc
    import weakref

    from fsm_langgraph.loading import origins

    definition = load_definition(TEXT)
    known, alive = id(definition), weakref.ref(definition)
    assert known in origins._ORIGINS
    examine(definition)
    del definition
    gc.collect()

    assert alive() is None
    assert known not in origins._ORIGINS


def test_it_is_a_name_of_the_package() -> None:
    assert fsm_langgraph.findings is findings

"""The JSON of what was found, judged by another implementation of JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path

from checking.found import ERROR, NOTE, WARNING, accepted, at, checked, not_loaded
from jsonschema import Draft202012Validator

from fsm_langgraph.checking.outputs.checked_file import STDIN
from fsm_langgraph.checking.outputs.report_document import report_document, report_schema

SCHEMA = report_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_schema_is_one_with_a_description_for_every_field() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    parts = [SCHEMA, *(part for part in SCHEMA["$defs"].values() if "properties" in part)]

    assert [name for part in parts for name, field in part["properties"].items() if not field.get("description")] == []


def test_everything_that_is_found_is_valid_and_told(tmp_path: Path) -> None:
    file = checked(tmp_path, at(WARNING, tmp_path / "rooms.yaml", 3, 1), NOTE, taken=(accepted(ERROR, "It is meant."),))

    document = report_document([file, not_loaded(STDIN, ERROR)])

    assert [*VALIDATOR.iter_errors(json.loads(json.dumps(document)))] == []
    rooms, read = document["files"]
    assert (rooms["file"], rooms["ok"], rooms["states"], rooms["transitions"]) == (file.name, True, 2, 1)
    assert [(each["code"], each["severity"], each["accepted"]) for each in rooms["findings"]] == [
        ("FSM902", "warning", None),
        ("FSM904", "note", None),
        ("FSM031", "error", "It is meant."),
    ]
    assert rooms["findings"][0]["place"] == {"file": file.name, "line": 3, "column": 1}
    assert rooms["findings"][1]["witness"] == {
        "context": {"size": "suite"},
        "written": ["size"],
        "text": 'For example where size was answered with "suite" and nights is not given.',
    }
    assert (read["file"], read["ok"], read["states"], read["transitions"]) == (STDIN, False, None, None)


def test_a_document_with_a_field_missing_is_not_valid() -> None:
    document = report_document([not_loaded(STDIN, ERROR)])
    del document["files"][0]["findings"][0]["place"]

    assert [error.message for error in VALIDATOR.iter_errors(document)] == ["'place' is a required property"]

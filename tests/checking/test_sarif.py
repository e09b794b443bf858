"""SARIF logs, judged by the schema of OASIS, of which a copy is in `tests/data`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from checking.found import ERROR, NOTE, WARNING, accepted, at, checked, not_loaded
from jsonschema import Draft4Validator

from fsm_langgraph.checking import Finding
from fsm_langgraph.checking.outputs.checked_file import STDIN, CheckedFile
from fsm_langgraph.checking.outputs.sarif import SCHEMA, sarif_log

OASIS = json.loads((Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = Draft4Validator(OASIS, format_checker=Draft4Validator.FORMAT_CHECKER)


def run_of(folder: Path, *files: CheckedFile) -> dict[str, Any]:
    """Return the only run of a log that is valid."""
    log = json.loads(json.dumps(sarif_log(files, folder)))
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    run: dict[str, Any] = log["runs"][0]
    return run


def test_the_copy_is_the_schema_that_a_log_names() -> None:
    assert OASIS["id"] == SCHEMA


def test_each_finding_is_a_result_with_its_rule_and_its_place(tmp_path: Path) -> None:
    warning = at(WARNING, tmp_path / "rooms.yaml", 3, 7)

    run = run_of(tmp_path, checked(tmp_path, warning, NOTE))

    rules = run["tool"]["driver"]["rules"]
    assert [(rules[each["ruleIndex"]]["id"], each["ruleId"], each["level"]) for each in run["results"]] == [
        ("FSM902", "FSM902", "warning"),
        ("FSM904", "FSM904", "note"),
    ]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["results"][0]["locations"] == [
        {
            "logicalLocations": [{"fullyQualifiedName": "check.accept[0]"}],
            "physicalLocation": {
                "artifactLocation": {"uri": "rooms.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 3, "startColumn": 7},
            },
        }
    ]
    assert run["results"][1]["message"]["text"] == (
        '`substr` is not followed.\nFor example where size was answered with "suite" and nights is not given.'
    )


def test_a_rule_brings_the_text_on_its_code(tmp_path: Path) -> None:
    [rule] = run_of(tmp_path, checked(tmp_path, WARNING))["tool"]["driver"]["rules"]

    assert rule["name"] == "StaleAcceptance"
    assert rule["defaultConfiguration"] == {"level": "warning"}
    assert rule["help"]["markdown"].startswith("`stale-acceptance`, a warning: ")


def test_an_accepted_finding_is_suppressed_with_its_reason(tmp_path: Path) -> None:
    run = run_of(tmp_path, checked(tmp_path, WARNING, taken=(accepted(NOTE, "It is meant."),)))

    assert [each["suppressions"] for each in run["results"]] == [
        [],
        [{"kind": "inSource", "status": "accepted", "justification": "It is meant."}],
    ]


def test_a_fingerprint_stays_where_lines_are_put_in_and_differs_for_others(tmp_path: Path) -> None:
    def fingerprint(finding: Finding) -> Any:
        return run_of(tmp_path, checked(tmp_path, finding))["results"][0]["partialFingerprints"]

    assert fingerprint(at(ERROR, "", 1, 1)) == fingerprint(at(ERROR, "", 9, 1)) != fingerprint(WARNING)


def test_a_path_is_a_uri_from_the_folder_on_or_a_whole_one(tmp_path: Path) -> None:
    inside, outside = tmp_path / "a b" / "x#1.yaml", tmp_path / "other.yaml"
    no_text = inside.with_name("\udcff.yaml")  # as Python tells a name that is not UTF-8
    files = [not_loaded(each, ERROR) for each in (inside, outside, no_text)]

    run = run_of(inside.parent, *files)

    assert [each["location"] for each in run["artifacts"]] == [
        {"uri": "x%231.yaml", "uriBaseId": "%SRCROOT%"},
        {"uri": outside.as_uri()},
        {"uri": "%FF.yaml", "uriBaseId": "%SRCROOT%"},
    ]


def test_the_standard_input_is_no_file(tmp_path: Path) -> None:
    run = run_of(tmp_path, not_loaded(STDIN, ERROR, at(ERROR, "", 2, 1)))

    assert run["artifacts"] == []
    assert run["results"][0]["locations"] == [{"logicalLocations": [{"fullyQualifiedName": "states.done"}]}]


def test_nothing_found_is_a_log_too(tmp_path: Path) -> None:
    run = run_of(tmp_path, checked(tmp_path))

    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])

"""A finding of a sub-machine's file is told once, whatever runs that file and is examined beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import call

OUTER = """\
name: Shop
description: A shop
initial_state: pay
states:
  pay: {id: pay, description: p, purpose: x, subflow: pay.yaml, transitions: [{target_state: end, description: d}]}
  end: {id: end, description: e, purpose: Say goodbye}
"""
PAY = """\
name: Pay
description: A payment
initial_state: card
states:
  card: {id: card, description: c, purpose: Ask, transitions: [{target_state: paid, description: d}]}
  cash: {id: cash, description: c, purpose: Ask, transitions: [{target_state: paid, description: d}]}
  paid: {id: paid, description: e, purpose: Say so}
"""
ACCEPTED = PAY + "check:\n  accept: [{code: unreachable-state, at: states.cash, reason: By hand}]\n"
TOLD = "pay.yaml:6:3: warning FSM101 unreachable-state"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pay.yaml").write_text(PAY, encoding="utf-8")
    for name in ("a.yaml", "z.yaml"):
        Path(name).write_text(OUTER, encoding="utf-8")


def headings(output: str) -> list[str]:
    """Return the lines that tell of a file, or begin to tell a finding."""
    return [line for line in output.splitlines() if line.partition(":")[0].endswith(".yaml")]


def test_it_is_told_with_the_file_that_it_stands_in() -> None:
    assert headings(call("check", ".").stdout) == [
        "a.yaml: ok, 2 states, 1 transition, 1 warning, 1 told with pay.yaml",
        "pay.yaml: ok, 3 states, 2 transitions, 1 warning",
        TOLD,
        "z.yaml: ok, 2 states, 1 transition, 1 warning, 1 told with pay.yaml",
    ]


def test_it_is_told_with_the_first_file_where_its_own_is_not_examined() -> None:
    assert headings(call("check", "z.yaml", str(Path("a.yaml").absolute())).stdout) == [
        "z.yaml: ok, 2 states, 1 transition, 1 warning",
        TOLD,
        f"{Path('a.yaml').absolute()}: ok, 2 states, 1 transition, 1 warning, 1 told with z.yaml",
    ]


def test_a_fault_that_keeps_all_of_them_from_loading_is_told_once_and_counted_for_each() -> None:
    Path("pay.yaml").write_text(PAY.replace("target_state: paid", "target_state: piad", 1), encoding="utf-8")

    result = call("check", ".")

    assert result.exit_code == 1
    assert headings(result.stdout) == [
        "a.yaml: 1 error, 1 told with pay.yaml",
        "pay.yaml: 1 error",
        "pay.yaml:5:79: error FSM031 unknown-target",
        "z.yaml: 1 error, 1 told with pay.yaml",
    ]


def test_what_is_accepted_is_told_once_too() -> None:
    Path("pay.yaml").write_text(ACCEPTED, encoding="utf-8")
    accepted = [line for line in headings(call("check", "-v", ".").stdout) if "accepted FSM" in line]
    assert accepted == ["pay.yaml:6:3: accepted FSM101 unreachable-state"]


@pytest.mark.parametrize("text", [PAY, ACCEPTED], ids=["found", "accepted"])
def test_a_log_has_it_once(text: str) -> None:
    Path("pay.yaml").write_text(text, encoding="utf-8")
    (run,) = json.loads(call("check", "--format", "sarif", ".").stdout)["runs"]
    assert [each["ruleId"] for each in run["results"]] == ["FSM101"]


def test_a_pull_request_is_annotated_once() -> None:
    assert call("check", "--format", "github", ".").stdout.count("::warning file=pay.yaml,line=6") == 1


def test_a_document_of_each_file_has_it_with_each() -> None:
    files = json.loads(call("check", "--json", ".").stdout)["files"]
    assert [len(file["findings"]) for file in files] == [1, 1, 1]


def test_two_findings_of_two_files_are_two() -> None:
    Path("z.yaml").write_text(PAY, encoding="utf-8")
    told = [line for line in headings(call("check", ".").stdout) if "FSM101" in line]
    assert told == [TOLD, TOLD.replace("pay", "z")]

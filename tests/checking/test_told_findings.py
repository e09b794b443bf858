"""The findings as people read them: in terminals of several widths, and piped."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from checking.found import ERROR, NOTE, TEXT, WARNING, accepted, at, checked, not_loaded
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from fsm_langgraph.checking import Finding, Report
from fsm_langgraph.checking.outputs.checked_file import STDIN, CheckedFile
from fsm_langgraph.cli.findings.told_findings import tell_findings, tell_passed_over
from fsm_langgraph.loading import load_definition


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CheckedFile:
    """A file with a finding of each severity, two of them with a place, one of those in another file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.yaml").write_text("a: 1\nb: [dne]\n", encoding="utf-8")
    error = at(ERROR, "other.yaml", 2, 5)
    note = at(NOTE, "rooms.yaml", 13, 5)
    taken = accepted(at(WARNING, "rooms.yaml", 1, 1), "It is meant.")
    made = checked(tmp_path, error, replace(WARNING, message="it is not found."), note, taken=(taken,))
    return replace(made, name="rooms.yaml")


def told(*files: CheckedFile, width: int = 80, terminal: bool = True, verbose: bool = False) -> str:
    written = io.StringIO()
    console = Console(file=written, width=width, force_terminal=terminal, color_system=None, markup=False)
    tell_findings(console, files, verbose=verbose)
    return "".join(f"{line.rstrip()}\n" for line in written.getvalue().splitlines())


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_findings_in_a_terminal(file: CheckedFile, width: int, snapshot: SnapshotAssertion) -> None:
    shown = told(file, width=width)

    assert max(map(len, shown.splitlines())) <= width
    assert shown == snapshot


def test_findings_in_a_pipe(file: CheckedFile, snapshot: SnapshotAssertion) -> None:
    assert told(file, width=20, terminal=False) == snapshot


def test_what_is_accepted_and_what_is_not_proved_is_told_where_it_is_asked_for(
    file: CheckedFile, snapshot: SnapshotAssertion
) -> None:
    asked = replace(file, findings=())

    assert told(asked, terminal=False, verbose=True) == snapshot


def test_a_sound_file_is_a_line_that_names_no_code(file: CheckedFile) -> None:
    sound = replace(file, findings=())

    first, assumed = told(sound, terminal=False).splitlines()

    assert first == "rooms.yaml: ok, 2 states, 1 transition, 1 accepted, 1 not proved"
    assert assumed == file.report.assumptions


def test_lines_of_the_standard_input_are_shown_too() -> None:
    read = not_loaded(STDIN, at(ERROR, "", 19, 9), text=TEXT)

    assert "    19 │   done: {id: done, description: The end, purpose: Say goodbye}\n" in told(read)


def test_a_file_that_is_gone_shows_no_lines() -> None:
    assert "│" not in told(not_loaded("gone.yaml", at(ERROR, "gone.yaml", 1, 1)))


def test_what_a_definition_says_steers_no_terminal() -> None:
    hostile = Finding("a\x1b[31m", "unknown-target", "[red]no\x07[/red]", "\x9b2J")

    shown = told(not_loaded("x\x1b.yaml", hostile))

    assert shown == "x.yaml: 1 error\n\nx.yaml: error FSM031 unknown-target\n  a[31m: [red]no[/red]\n  2J\n\n"


@pytest.mark.parametrize(
    ("count", "verbose", "expected"),
    [
        (0, False, ""),
        (1, False, "1 file passed over as no definition: 0.yaml.\n"),
        (4, False, "4 files passed over as no definition; -v names them.\n"),
        (4, True, "4 files passed over as no definition: 0.yaml, 1.yaml, 2.yaml, 3.yaml.\n"),
    ],
)
def test_what_was_passed_over_is_counted(count: int, verbose: bool, expected: str) -> None:
    written = io.StringIO()
    tell_passed_over(Console(file=written), [Path(f"{number}.yaml") for number in range(count)], verbose=verbose)

    assert written.getvalue() == expected


def test_assumptions_are_told_once_where_they_are_the_same(file: CheckedFile) -> None:
    undeclared = load_definition(TEXT.replace("context:", "metadata:"))
    other = replace(file, report=Report(undeclared, ()), findings=())

    lines = told(replace(file, findings=()), other, file, terminal=False).splitlines()

    assert lines[-2:] == [file.report.assumptions, other.report.assumptions]

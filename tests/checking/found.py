"""Findings that are made by hand, for the tests of what is written of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fsm_langgraph.checking import AcceptedFinding, Finding, Report, Witness
from fsm_langgraph.checking.outputs.checked_file import CheckedFile
from fsm_langgraph.definition import Acceptance
from fsm_langgraph.errors import Place
from fsm_langgraph.loading import load_definition

TEXT = """\
name: Rooms
description: Books a room
initial_state: sort
context:
  size: {type: string, enum: [single, suite]}
  nights: {type: integer}
states:
  sort:
    id: sort
    description: Sorts the request
    purpose: Sort
    silent: true
    transitions:
      - target_state: done
        description: It is a suite
        conditions:
          - description: Many nights
            logic: {"and": [{">": [{"var": "nights"}, 3]}, {"==": [{"var": "size"}, "single"]}]}
  done: {id: done, description: The end, purpose: Say goodbye}
"""
ERROR = Finding("states.done", "unknown-target", "no state is named 'dne'.", "Did you mean 'done'?")
WARNING = Finding("check.accept[0]", "stale-acceptance", "it is not found: 100 % sure,\nso to say.", "Remove it.")
NOTE = Finding(
    "states.sort.transitions",
    "undecided",
    "`substr` is not followed.",
    witness=Witness({"size": "suite"}, frozenset({"size"})),
)
"""One finding of each severity."""


def checked(folder: Path, *findings: Finding, taken: tuple[AcceptedFinding, ...] = (), text: str = TEXT) -> CheckedFile:
    """Write a definition into a folder, and return it as if these had been found in it."""
    file = folder / "rooms.yaml"
    file.write_text(text, encoding="utf-8")
    return CheckedFile(str(file), Report(load_definition(TEXT), findings, taken), findings)


def not_loaded(name: Path | str, *findings: Finding, text: str | None = None) -> CheckedFile:
    """Return a file that does not load, as if these had been found in it."""
    return CheckedFile(str(name), Report(None, findings), findings, text)


def at(finding: Finding, file: Path | str, line: int, column: int) -> Finding:
    """Return a finding with its place."""
    return replace(finding, place=Place(str(file), line, column))


def accepted(finding: Finding, reason: str) -> AcceptedFinding:
    """Return a finding as one that the author accepts."""
    return AcceptedFinding(finding, Acceptance(code=finding.code, at=finding.path, reason=reason))

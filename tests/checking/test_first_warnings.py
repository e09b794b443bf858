"""Whoever runs a machine is told its warnings once, in a few lines, and is never kept from running it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import call

from fsm_langgraph.checking import first_warnings as module
from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.first_warnings import MOST_STATES, first_warnings
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.loading import load_definition

ISLANDS = """\
name: {name}
description: Islands
initial_state: start
states:
  start:
    id: start
    description: The start
    purpose: Ask for the word
    required_context_keys: [word]
    transitions:
      - target_state: end
        description: It is said
        conditions:
          - {{description: It was told, requires_context_keys: [word]}}
  end: {{id: end, description: The end, purpose: Say goodbye}}
"""
ISLAND = "  {name}: {{id: {name}, description: Nothing leads here, purpose: Say so}}\n"


def write(folder: Path, *islands: str) -> Path:
    """Write a definition into a file, under a name that no other test has, with states that nothing leads to."""
    file = folder / "isle.yaml"
    file.write_text(ISLANDS.format(name=folder.name) + "".join(ISLAND.format(name=name) for name in islands))
    return file


def test_a_few_warnings_are_told_in_full(tmp_path: Path) -> None:
    file = write(tmp_path, "elba")

    first, line = first_warnings(load_definition(file), "isle.yaml")

    assert first == "isle.yaml: 1 warning at a glance; `fsm-langgraph check isle.yaml` tells more."
    assert line.startswith("  isle.yaml:16:3: states.elba: ")
    assert line.endswith(" (unreachable-state)")


def test_of_many_the_first_are_told(tmp_path: Path) -> None:
    file = write(tmp_path, "elba", "malta", "crete", "corfu")

    lines = first_warnings(load_definition(file), "my isle.yaml")

    assert lines[0] == "my isle.yaml: 4 warnings at a glance; `fsm-langgraph check 'my isle.yaml'` tells more."
    assert [line.split(":")[3] for line in lines[1:-1]] == [" states.elba", " states.malta", " states.crete"]
    assert lines[-1] == "  …"


def test_they_are_told_once(tmp_path: Path) -> None:
    file = write(tmp_path, "elba")

    told = [first_warnings(load_definition(file), "isle.yaml") for _ in range(2)]

    assert [bool(lines) for lines in told] == [True, False]


def test_nothing_is_told_of_a_sound_definition(tmp_path: Path) -> None:
    assert first_warnings(load_definition(write(tmp_path)), "isle.yaml") == ()


def test_a_very_large_definition_is_left_to_check(tmp_path: Path) -> None:
    file = write(tmp_path, *(f"isle{number}" for number in range(MOST_STATES - 1)))

    assert first_warnings(load_definition(file), "isle.yaml") == ()


def test_a_check_that_fails_keeps_nobody_from_running_what_it_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(view: MachineView) -> Iterator[Finding]:
        raise ZeroDivisionError(view.path)

    monkeypatch.setattr(module, "QUICK_CHECKS", (fails,))

    assert first_warnings(load_definition(write(tmp_path, "elba")), "isle.yaml") == ()


def test_run_tells_them_before_the_conversation(tmp_path: Path) -> None:
    file = write(tmp_path, "elba")

    result = call("run", file, "--model", "offline", lines="hi\nplease\n")

    assert result.stderr.startswith(f"{file}: 1 warning at a glance; `fsm-langgraph check {file}` tells more.\n")
    assert result.exit_code == 0


def test_a_quiet_run_tells_none(tmp_path: Path) -> None:
    assert "warning" not in call("run", write(tmp_path, "elba"), "--quiet", "--model", "offline", lines="hi\n").stderr


def test_dev_tells_them(tmp_path: Path) -> None:
    result = call("dev", write(tmp_path, "elba"), "--model", "offline", "--no-start", "--out", tmp_path / "served")

    assert "1 warning at a glance; `fsm-langgraph check" in result.stderr
    assert result.exit_code == 0


def test_the_command_for_tests_tells_them_once_for_all_files(tmp_path: Path) -> None:
    write(tmp_path, "elba")
    scenarios: list[dict[str, Any]] = [{"name": "a start", "turns": [{"user": "hi", "state": "start"}]}]
    for name in ("isle.scenarios.json", "scenarios.json"):
        (tmp_path / name).write_text(json.dumps(scenarios))

    result = call("test", tmp_path)

    assert result.stderr.count("1 warning at a glance; `fsm-langgraph check") == 1
    assert result.exit_code == 0

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import EVERYTHING, SEED, call
from definitions import BASE, changed
from syrupy.assertion import SnapshotAssertion

BROKEN = {
    "initial_state": "strat",
    "states": {"end": {"instrctions": "Be brief.", "transitions": "none", "required_context_keys": [1]}},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a sound definition, one with problems, and one with markup in its name and fields."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sound.json").write_text(json.dumps(BASE), encoding="utf-8")
    (tmp_path / "broken.json").write_text(json.dumps(changed(BROKEN)), encoding="utf-8")
    (tmp_path / "[bold]odd.json").write_text(json.dumps(changed({"[red]colour[/red]\x1b[31m": 1})), encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_every_problem_of_every_file_is_told(snapshot: SnapshotAssertion) -> None:
    result = call("check", "sound.json", "broken.json", "nowhere.json", "[bold]odd.json")

    assert result.exit_code == 1
    assert result.stdout == snapshot
    assert result.stderr == ""


@pytest.mark.usefixtures("folder")
def test_the_problems_can_be_had_as_json(snapshot: SnapshotAssertion) -> None:
    result = call("check", "--json", "sound.json", "broken.json", "nowhere.json")

    assert result.exit_code == 1
    assert json.loads(result.stdout) == snapshot


def test_sound_definitions_exit_with_0() -> None:
    result = call("check", SEED, EVERYTHING)

    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert f"{SEED}: ok, 7 states, 10 transitions, 3 warnings" in lines
    assert f"{EVERYTHING}: ok, 6 states, 5 transitions, 1 warning" in lines
    assert sum(line.endswith("[one-way-answer]") for line in lines) == 4


@pytest.mark.usefixtures("folder")
def test_a_sound_definition_is_told_with_its_revision() -> None:
    Path("revised.json").write_text(json.dumps(changed({"revision": "2026-05, by Ann"})), encoding="utf-8")

    told = call("check", "revised.json").stdout.splitlines()[0]

    assert told == "revised.json: ok, revision 2026-05, by Ann, 3 states, 2 transitions, 1 warning"


def test_sound_definitions_are_listed_in_the_json_too() -> None:
    sound = EVERYTHING.with_name("smallest.json")
    result = call("check", "--json", sound)
    assert (result.exit_code, json.loads(result.stdout)) == (0, [{"file": str(sound), "problems": []}])


def test_what_is_written_does_not_depend_on_the_width() -> None:
    wide, narrow = (call("check", SEED, "nowhere.json", env={"COLUMNS": width}) for width in ("300", "20"))
    assert wide.stdout == narrow.stdout

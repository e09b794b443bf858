from __future__ import annotations

import os
from pathlib import Path

import pytest
from checking.found import TEXT

from fsm_langgraph.cli.findings.definition_files import find_definitions

FILES = {
    "rooms.yaml": TEXT,
    "deep/down/ROOMS.YML": TEXT,
    "broken.json": '{"name": "x", "initial_state": "a",}',
    "no_states.yaml": "name: x\ninitial_state: a\n",
    "misspelt.yaml": "intial_state: a\nstates: {a: {purpose: p}}\n",
    "scenarios.yaml": "- name: x\n  turns: [{user: Hi, state: done}]\n",
    "package.json": '{"name": "x"}',
    "states.json": '{"states": ["Ohio"]}',
    "schema.json": '{"properties": {"initial_state": {"type": "string"}, "states": {}}}',
    "latin.yaml": "initial_state: é",
    "wide.json": '{"initial_state": "a"}',
    "latin.json": '{"name": "é"}',
    "notes.md": TEXT,
    ".hidden/rooms.yaml": TEXT,
}
ENCODINGS = {"latin.yaml": "latin-1", "latin.json": "latin-1", "wide.json": "utf-16"}
DEFINITIONS = [
    *("broken.json", "deep/down/ROOMS.YML", "latin.yaml", "misspelt.yaml", "no_states.yaml", "rooms.yaml", "wide.json")
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding=ENCODINGS.get(name, "utf-8"))
    return tmp_path


def test_the_definitions_below_a_folder_are_found_and_the_rest_is_named(folder: Path) -> None:
    found = find_definitions([folder], skip_others=False)

    assert [each.relative_to(folder).as_posix() for each in found.definitions] == DEFINITIONS
    assert [each.name for each in found.others] == [
        *("latin.json", "package.json", "scenarios.yaml", "schema.json", "states.json")
    ]


def test_a_file_that_is_named_is_examined_whatever_it_is(folder: Path) -> None:
    files = [folder / "scenarios.yaml", folder / "nowhere.yaml"]

    assert find_definitions(files, skip_others=False).definitions == tuple(files)


def test_where_it_is_asked_for_files_that_are_named_are_passed_over_too(folder: Path) -> None:
    found = find_definitions([folder / "scenarios.yaml", folder / "rooms.yaml"], skip_others=True)

    assert (found.definitions, found.others) == ((folder / "rooms.yaml",), (folder / "scenarios.yaml",))


def test_a_file_that_is_given_twice_is_examined_once(folder: Path) -> None:
    assert find_definitions([folder / "rooms.yaml", folder / "rooms.yaml"], skip_others=False).definitions == (
        folder / "rooms.yaml",
    )


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_examined_too(folder: Path) -> None:
    (folder / "package.json").chmod(0)

    assert folder / "package.json" in find_definitions([folder], skip_others=False).definitions

"""A problem is told in the file that it stands in, also where that was brought in by another one."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from fsm_langgraph.errors import DefinitionError, Place, Problem
from fsm_langgraph.loading import find_problems, load_definition, origins_of

INNER = """\
name: Inner
description: A sub-machine
initial_state: start
states:
  start: {id: start, description: The start, purpose: Say goodbye}
"""


def outer(name: str, **more: Any) -> dict[str, Any]:
    """A definition that runs the one of this name."""
    run: dict[str, Any] = {"id": "run", "description": "Runs", "purpose": "Run", "subflow": name}
    run["transitions"] = [{"target_state": "end", "description": "It has ended"}]
    end = {"id": "end", "description": "The end", "purpose": "Say goodbye"}
    return {
        "name": "Outer",
        "description": "d",
        "initial_state": "run",
        "states": {"run": run, "end": end},
        **more,
    }


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A definition in JSON, which runs one in YAML, which runs another one in a folder."""
    (tmp_path / "outer.json").write_text(json.dumps(outer("inner/middle.yaml"), indent=1))
    (tmp_path / "inner").mkdir()
    with (tmp_path / "inner" / "middle.yaml").open("w") as file:
        YAML(typ="safe", pure=True).dump(outer("inner.yaml"), file)
    (tmp_path / "inner" / "inner.yaml").write_text(INNER)
    return tmp_path


def told(source: Any, **more: Any) -> list[tuple[str, Place | None]]:
    return [(problem.code, problem.place) for problem in find_problems(source, **more)]


def test_a_sound_one_has_no_problem(files: Path) -> None:
    assert told(files / "outer.json") == []


def test_a_problem_stands_in_the_file_in_which_it_was_written(files: Path) -> None:
    file = files / "inner" / "inner.yaml"
    file.write_text(INNER.replace("initial_state: start", "initial_state: strt"))

    assert told(files / "outer.json") == [("unknown-initial-state", Place(str(file), 3, 16))]


def test_a_file_that_cannot_be_read_is_told_at_its_own_line(files: Path) -> None:
    file = files / "inner" / "inner.yaml"
    file.write_text(INNER.replace("{id", "[id"))

    assert told(files / "outer.json") == [("not-yaml", Place(str(file), 5, 66))]


def test_a_file_that_is_not_there_is_told_where_it_is_named(files: Path) -> None:
    (files / "inner" / "middle.yaml").unlink()

    assert told(files / "outer.json") == [("unreadable", Place(str(files / "outer.json"), 10, 15))]


def test_a_text_has_no_file_and_data_has_no_place() -> None:
    broken = INNER.replace("initial_state: start", "initial_state: strt")
    data = YAML(typ="safe", pure=True).load(broken)

    assert told(broken) == [("unknown-initial-state", Place("", 3, 16))]
    assert told(data) == [("unknown-initial-state", None)]
    assert told(outer("inner"), subflows={"inner": broken}) == [("unknown-initial-state", Place("", 3, 16))]
    assert told(json.dumps(outer("inner")), subflows={"inner": data}) == [("unknown-initial-state", None)]


def test_a_definition_that_was_loaded_keeps_its_lines_where_another_one_runs_it(files: Path) -> None:
    inner = load_definition(files / "inner" / "inner.yaml")
    definition = load_definition(outer("inner"), subflows={"inner": inner})

    place = origins_of(definition).place_of("subflows.inner.states.start")
    assert place == Place(str(files / "inner" / "inner.yaml"), 5, 3)
    assert origins_of(definition).place_of("states.run") is None


@pytest.mark.parametrize(
    ("change", "code", "found"),
    [
        pytest.param(("purpose: ", "purpse: "), "missing-field", "start: {", id="what is missing: at what lacks it"),
        pytest.param(("purpose: ", "purpse: "), "unknown-field", "purpse", id="an unknown field: at its name"),
        pytest.param(("id: start", "id: strt"), "id-mismatch", "strt", id="a value"),
        pytest.param(("name: Inner\n", "name: Inner\nname: Outer\n"), "duplicate-key", "name: Outer", id="twice"),
        pytest.param(("states:", "3: x\nstates:"), "wrong-key", "name: Inner", id="of the root: at its beginning"),
    ],
)
def test_a_problem_points_at_what_is_to_be_changed(change: tuple[str, str], code: str, found: str) -> None:
    text = INNER.replace(*change)
    [place] = [problem.place for problem in find_problems(text) if problem.code == code]

    assert place is not None
    assert text.split("\n")[place.line - 1][place.column - 1 :].startswith(found)


def test_an_error_keeps_its_places_in_another_process() -> None:
    with pytest.raises(DefinitionError) as raised:
        load_definition(INNER.replace("initial_state: start", "initial_state: strt"))

    copy = pickle.loads(pickle.dumps(raised.value))  # noqa: S301 - our own error
    assert [problem.place for problem in copy.problems] == [Place("", 3, 16)]
    assert str(copy) == str(raised.value)
    assert "line 3, column 16: initial_state: no state is named 'strt'." in str(copy)


@pytest.mark.parametrize(
    ("path", "place", "start"),
    [
        ("a.b", None, "a.b: it is."),
        ("", None, "(root): it is."),
        ("a.b", Place("x.yaml", 3, 4), "x.yaml:3:4: a.b: it is."),
        ("", Place("x.yaml", 3, 4), "x.yaml:3:4: it is."),
        ("a", Place("", 3, 4), "line 3, column 4: a: it is."),
    ],
)
def test_a_problem_is_told_with_its_place(path: str, place: Place | None, start: str) -> None:
    assert str(Problem(path, "code", "it is.", place=place)) == start

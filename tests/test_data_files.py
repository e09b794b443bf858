"""The data files of coverage: each process writes its own, and what was seen of another text is stale."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lamp_shop import DEFINITION

from fsm_langgraph import load_definition
from fsm_langgraph.testing.coverage.coverage_error import CoverageError
from fsm_langgraph.testing.coverage.data_files import combine_coverage, erase_coverage, save_coverage
from fsm_langgraph.testing.coverage.measured import Measured, measured


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop" / "fsm.yaml"
    path.parent.mkdir()
    path.write_text(DEFINITION)
    return path


def begin(file: Path, *states: str) -> Measured:
    found = measured(file, load_definition(file))
    for state in states:
        found.note("state", state, "entered")
    return found


def test_what_several_processes_have_seen_is_combined(file: Path, tmp_path: Path) -> None:
    save_coverage([begin(file, "ask")], tmp_path)
    save_coverage([begin(file, "ask", "bye")], tmp_path)

    [found] = combine_coverage(tmp_path).measured

    assert found.counted("state") == (2, 4)
    assert found.items == begin(file).items


def test_a_folder_can_be_moved_with_its_data(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_coverage([begin(file, "ask")], tmp_path)
    moved = tmp_path.rename(tmp_path.with_name("moved"))
    monkeypatch.chdir(moved)

    assert [each.file for each in combine_coverage(Path()).measured] == [str(Path("shop", "fsm.yaml"))]


@pytest.mark.parametrize("change", ["changed", "broken", "gone"])
def test_what_was_seen_of_another_text_is_stale(file: Path, tmp_path: Path, change: str) -> None:
    save_coverage([begin(file, "ask")], tmp_path)
    if change == "gone":
        file.unlink()
    else:
        file.write_text(DEFINITION.replace("Sells lamps", "Sells chairs") if change == "changed" else "{")

    combined = combine_coverage(tmp_path)

    assert combined.measured == ()
    assert [Path(stale).name for stale in combined.stale] == ["fsm.yaml"]


@pytest.mark.parametrize("content", ["no JSON", "{}", json.dumps({"version": 99, "machines": []}), "[]"])
def test_a_file_that_is_no_data_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / ".fsm_coverage.host.1.abc").write_text(content)

    with pytest.raises(CoverageError, match=r"(?s)\.fsm_coverage\.host\.1\.abc.*Remove it"):
        combine_coverage(tmp_path)


def test_where_nothing_was_measured_the_commands_that_do_are_named(file: Path, tmp_path: Path) -> None:
    save_coverage([begin(file)], tmp_path)
    erase_coverage(tmp_path)

    with pytest.raises(CoverageError, match=r"--coverage, or pytest --fsm-coverage"):
        combine_coverage(tmp_path)

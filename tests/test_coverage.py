"""`fsm-langgraph coverage`, and the coverage of `fsm-langgraph test`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import call
from lamp_shop import DEFINITION, SCENARIOS


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a definition and its scenarios."""
    (tmp_path / "fsm.yaml").write_text(DEFINITION)
    (tmp_path / "scenarios.yaml").write_text(SCENARIOS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_test_tells_what_it_has_covered_and_another_command_does_so_later() -> None:
    held = call("test", "--coverage")
    told = call("coverage")

    assert (held.exit_code, told.exit_code) == (0, 0)
    assert "fsm.yaml  3/4 75%      2/4 50%" in told.stdout
    assert told.stdout in held.stdout


def test_too_little_is_an_error() -> None:
    held = call("test", "--fail-under", "states=75,transitions=75")

    assert held.exit_code == 1
    assert held.stderr == "Too little was covered: transitions: 2/4 50%, and 75% are wanted\n"
    assert call("coverage", "--fail-under", "states=75").exit_code == 0
    assert call("coverage", "--fail-under", "76").exit_code == 1


def test_what_earlier_runs_have_covered_counts_where_that_is_said() -> None:
    call("test", "--coverage", "-k", "ordered")

    assert "2/4 50%" in call("test", "--coverage", "-k", "two").stdout
    assert "3/4 75%" in call("test", "--coverage-append", "-k", "ordered").stdout


def test_the_json_is_of_the_definitions_that_are_named() -> None:
    call("test", "--coverage")

    data = json.loads(call("coverage", "--json", "fsm.yaml").stdout)

    assert [definition["file"] for definition in data["definitions"]] == ["fsm.yaml"]
    assert data["total"]["states"]["percent"] == 75.0


def test_a_definition_is_drawn_in_the_colours_of_its_coverage() -> None:
    call("test", "--coverage")

    assert call("coverage", "--draw", "fsm.mmd").exit_code == 0
    assert "class s3 missed" in Path("fsm.mmd").read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "there are no data of coverage"),
        (("--fail-under", "staets=9"), "Did you mean 'states'"),
    ],
    ids=["nothing measured", "no such kind"],
)
def test_what_cannot_be_told_is_an_error(arguments: tuple[str, ...], told: str) -> None:
    result = call("coverage", *arguments)

    assert result.exit_code == 1
    assert told in result.stderr


def test_a_file_that_nothing_was_measured_of_is_an_error() -> None:
    call("test", "--coverage")

    assert "other.yaml: nothing was measured of it. Hold its scenarios first" in call("coverage", "other.yaml").stderr


def test_the_data_are_removed_where_that_is_asked_for(shop: Path) -> None:
    call("test", "--coverage")
    call("coverage", "--erase")

    assert [*shop.glob(".fsm_coverage.*")] == []

"""`fsm-langgraph test` holds scenarios: it finds them, tells what failed, records, and exits as a build wants it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from command_line import Terminal, call
from rehearsals import ASKED, ORDERED, turn, write

HELD = turn(ORDERED % "state: served")
FAILING = turn(ASKED % "state: served").replace("one", "two")
LIVE = "- {name: live, marks: [slow], turns: [{user: a latte, state: order}]}\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_all_scenarios_below_a_folder_are_held(shop: Path) -> None:
    write(shop, HELD)
    (shop / "tea").mkdir()
    write(shop / "tea", HELD + LIVE)

    result = call("test")

    assert (result.exit_code, result.stderr) == (0, "")
    *files, total = result.stdout.splitlines()
    assert files == ["scenarios.yaml: 1 of 1 passed", "tea/scenarios.yaml: 2 of 2 passed"]
    assert total.startswith("3 passed in ")
    assert total.endswith("; in 1 turn the offline rules, which are no language model, answered")


def test_a_failure_is_told_and_the_status_is_1(shop: Path) -> None:
    write(shop, HELD + FAILING)
    result = call("test", "scenarios.yaml")
    assert result.exit_code == 1
    assert "FAILED  two\n  scenarios.yaml:4\n" in result.stdout
    assert "state  'served'  'order'" in result.stdout
    assert "1 passed, 1 failed in " in result.stdout


def test_a_file_with_mistakes_is_told_and_the_others_are_held(shop: Path) -> None:
    write(shop, turn("{stat: order}"))
    write(shop, HELD, name="sound.scenarios.yaml")
    result = call("test")
    assert result.exit_code == 1
    assert "scenarios.yaml:3:8: [0].turns[0].stat: there is no field 'stat' here." in result.stderr
    assert "1 passed, 1 file with errors in " in result.stdout


def test_a_machine_that_cannot_be_built_is_an_error_of_its_file(shop: Path) -> None:
    write(shop, "handlers: nowhere.py\nscenarios:\n" + HELD)
    result = call("test")
    assert (result.exit_code, "there is no file" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("chosen", "held"),
    [
        (["-k", "LIV"], "1 of 1"),
        (["-k", "scenarios.yaml::two"], "0 of 1"),
        (["--mark", "slow"], "1 of 1"),
        (["-x"], "1 of 2"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_scenarios_are_chosen(shop: Path, chosen: list[str], held: str) -> None:
    write(shop, HELD + FAILING + LIVE)
    assert f"scenarios.yaml: {held} passed" in call("test", *chosen).stdout


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["nowhere"], "nowhere is not there."),
        (["empty"], "there are no scenarios in empty.\n  Write some into scenarios.yaml"),
        (["-k", "none of them"], "No scenario was chosen"),
    ],
)
def test_nothing_to_hold_is_no_success(shop: Path, args: list[str], told: str) -> None:
    write(shop, HELD)
    (shop / "empty").mkdir()
    result = call("test", *args)
    assert result.exit_code == 1
    assert told in result.stderr


def test_a_run_that_records_leaves_a_file_that_needs_no_model(shop: Path) -> None:
    path = write(shop, LIVE)
    assert "scenarios.yaml: the replies of 1 turn are written.\n" in call("test", "--record").stdout
    assert "user: a latte, reply: {" in path.read_text("utf-8")

    result = call("test", "--model", "nobody:nothing")
    assert (result.exit_code, "1 passed" in result.stdout) == (0, True)
    assert result.stdout.endswith("; no model was asked\n")


def test_all_replies_are_recorded_anew_on_demand(shop: Path) -> None:
    path = write(shop, turn("{user: a latte, reply: {message: Hm}}"))
    call("test", "--record")
    assert "message: Hm" in path.read_text("utf-8")
    call("test", "--record-all")
    assert "message: Hm" not in path.read_text("utf-8")


def test_the_outcomes_are_written_for_ci(shop: Path) -> None:
    write(shop, HELD + FAILING)
    call("test", "--junit", "out.xml")
    assert [len(case) for case in ET.parse(shop / "out.xml").iter("testcase")] == [0, 1]  # noqa: S314 - our own


def test_in_a_terminal_a_bar_tells_how_far_it_is(shop: Path) -> None:
    write(shop, HELD)
    with Terminal("test", str(shop), TERM="xterm") as terminal:
        shown = terminal.expect("1 passed in ")
        assert "1/1" in shown
        assert terminal.finish()[0] == 0


def test_the_schema_of_scenarios_is_printed() -> None:
    assert json.loads(call("schema", "--scenarios").stdout)["title"] == "Scenarios"

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import EVERYTHING, SEED, call
from definitions import FOLDER, changed
from syrupy.assertion import SnapshotAssertion

BROKEN = {
    "initial_state": "strat",
    "states": {"end": {"instrctions": "Be brief.", "transitions": "none", "required_context_keys": [1]}},
}
SOUND = FOLDER / "valid" / "smallest.json"
WARNED = {"check": {"accept": [{"code": "unreachable-sate", "at": "states.end", "reason": "It was so."}]}}
"""An acceptance of a code that there is not, which is a warning."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a sound definition, one with problems, and one with markup in its name and fields."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sound.json").write_text(SOUND.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "broken.json").write_text(json.dumps(changed(BROKEN)), encoding="utf-8")
    (tmp_path / "[bold]odd.json").write_text(json.dumps(changed({"[red]colour[/red]\x1b[31m": 1})), encoding="utf-8")
    (tmp_path / "notes.json").write_text("[]", encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_everything_that_is_found_in_every_file_is_told(snapshot: SnapshotAssertion) -> None:
    result = call("check", "sound.json", "broken.json", "nowhere.json", "[bold]odd.json")

    assert result.exit_code == 1
    assert result.stdout == snapshot
    assert result.stderr == ""


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("asked", [["--json"], ["--format", "json"], ["--json", "--format", "json"]], ids=" ".join)
def test_what_is_found_can_be_had_as_json(asked: list[str]) -> None:
    result = call("check", *asked, "sound.json", "broken.json", "nowhere.json")

    files = json.loads(result.stdout)["files"]
    assert result.exit_code == 1
    assert [(each["file"], each["ok"], len(each["findings"])) for each in files] == [
        ("sound.json", True, 0),
        ("broken.json", False, 7),
        ("nowhere.json", False, 1),
    ]


@pytest.mark.usefixtures("folder")
def test_what_is_found_can_be_had_as_sarif() -> None:
    result = call("check", "--format", "sarif", "broken.json")

    [run] = json.loads(result.stdout)["runs"]
    assert result.exit_code == 1
    assert {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run["results"]} == {
        "broken.json"
    }


@pytest.mark.usefixtures("folder")
def test_what_is_found_can_be_had_as_annotations() -> None:
    result = call("check", "--format", "github", "nowhere.json", "sound.json")

    assert result.exit_code == 1
    assert result.stdout == (
        "::error file=nowhere.json,title=FSM001 unreadable::(root): cannot be read: No such file or directory.\n"
    )


@pytest.mark.usefixtures("folder")
def test_the_definitions_in_a_folder_are_examined() -> None:
    result = call("check", "--json", ".")

    assert [each["file"] for each in json.loads(result.stdout)["files"]] == [
        "[bold]odd.json",
        "broken.json",
        "sound.json",
    ]
    assert result.stderr == "1 file passed over as no definition: notes.json.\n"


@pytest.mark.usefixtures("folder")
def test_a_folder_without_definitions_is_told() -> None:
    Path("empty").mkdir()

    result = call("check", "empty")

    assert (result.exit_code, result.stderr) == (1, "Error: there are no definitions in empty.\n")


@pytest.mark.usefixtures("folder")
def test_files_that_are_no_definitions_are_skipped_where_it_is_asked_for() -> None:
    assert call("check", "notes.json").exit_code == 1
    assert call("check", "--skip-others", "notes.json").exit_code == 0


@pytest.mark.parametrize("text", [json.dumps(changed(BROKEN)), "name: x\nstates: {}\n", "/etc/hostname"])
def test_a_definition_is_read_from_the_standard_input(text: str) -> None:
    result = call("check", "--json", "-", lines=text)

    [file] = json.loads(result.stdout)["files"]
    assert (result.exit_code, file["file"]) == (1, "<stdin>")
    assert "unreadable" not in {each["name"] for each in file["findings"]}


@pytest.mark.usefixtures("folder")
def test_warnings_fail_only_where_that_is_asked_for() -> None:
    warned = {**json.loads(SOUND.read_text(encoding="utf-8")), **WARNED}
    Path("warned.json").write_text(json.dumps(warned), encoding="utf-8")

    assert call("check", "warned.json").exit_code == 0
    assert "warned.json: ok, 1 state, 0 transitions, 1 warning\n" in call("check", "warned.json").stdout
    assert call("check", "--strict", "warned.json").exit_code == 1
    assert call("check", "--strict", "sound.json").exit_code == 0


def test_sound_definitions_exit_with_0() -> None:
    result = call("check", SEED, EVERYTHING)

    told = [line for line in result.stdout.splitlines() if ": ok, " in line]
    assert result.exit_code == 0
    assert told[0].startswith(f"{SEED}: ok, 7 states, 10 transitions")
    assert told[1].startswith(f"{EVERYTHING}: ok, 6 states, 5 transitions")


@pytest.mark.usefixtures("folder")
def test_a_sound_definition_is_told_with_its_revision() -> None:
    revised = {**json.loads(SOUND.read_text(encoding="utf-8")), "revision": "2026-05, by Ann"}
    Path("revised.json").write_text(json.dumps(revised), encoding="utf-8")

    told = call("check", "revised.json").stdout.splitlines()[0]

    assert told == "revised.json: ok, revision 2026-05, by Ann, 1 state, 0 transitions"


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_what_is_written_does_not_depend_on_the_width(form: str) -> None:
    wide, narrow = (
        call("check", "--format", form, SEED, "nowhere.json", env={"COLUMNS": width}) for width in ("300", "20")
    )
    assert wide.stdout == narrow.stdout
    assert wide.stdout


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ([], "give a definition"),
        (["--json", "--format", "sarif", SEED], "not both"),
        (["--format", "xml", SEED], "xml"),
    ],
    ids=["nothing", "two forms", "no form"],
)
def test_a_command_line_that_means_nothing_exits_with_2(args: list[str], told: str) -> None:
    result = call("check", *args)

    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())


def test_two_schemas_at_once_are_not_to_be_had() -> None:
    assert call("schema", "--findings", "--scenarios").exit_code == 2


def test_the_schema_of_findings_is_printed() -> None:
    assert json.loads(call("schema", "--findings").stdout)["title"] == "Findings"


def test_tables_tell_what_states_do_and_who_opens_what() -> None:
    result = call("check", "--states", "--access", "--handlers", "beside", "graphs/order_desk/fsm.json")

    assert result.exit_code == 0
    assert "payment/charge" in result.stdout
    assert "sub-machine" in result.stdout
    assert "handler charge (POST_TRANSITION) in payment/charge   no " in result.stdout


def test_the_handlers_of_a_table_are_made_once(folder: Path) -> None:
    (folder / "made.py").write_text(
        "from fsm_langgraph import Handlers\n\n\ndef make():\n    print('made')\n    return Handlers()\n",
        encoding="utf-8",
    )

    assert call("check", "--access", "--handlers", "made.py:make", "sound.json").stdout.count("made\n") == 1


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("table", ["--states", "--access"])
def test_of_a_definition_that_does_not_load_there_are_no_tables(table: str) -> None:
    told = call("check", "broken.json").stdout

    assert call("check", table, "broken.json").stdout == told


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_tables_are_for_people(form: str) -> None:
    result = call("check", "--states", "--format", form, "sound.json")

    assert result.exit_code == 2
    assert f"not to be had with --format {form}" in result.stderr


@pytest.fixture
def _collecting() -> Iterator[None]:
    was_on = gc.isenabled()
    yield
    (gc.enable if was_on else gc.disable)()


@pytest.mark.usefixtures("_collecting")
@pytest.mark.parametrize(("switch", "is_on"), [(gc.enable, True), (gc.disable, False)], ids=["on", "off"])
def test_garbage_is_collected_afterwards_if_it_was_before(switch: Callable[[], None], is_on: bool) -> None:
    switch()
    call("check", str(SOUND))
    assert gc.isenabled() is is_on

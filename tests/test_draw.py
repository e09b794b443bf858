from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from command_line import SEED, Terminal, call
from machines import SHOP

from fsm_langgraph import load_definition
from fsm_langgraph.drawing import Picture
from fsm_langgraph.loading import definition_schema

DEFINITION = load_definition(SEED)
SVG, PNG = b"<?xml", b"\x89PNG"
MERMAID, DOT = b"flowchart", b"digraph"


def test_mermaid_is_what_is_written_where_nothing_is_asked_for() -> None:
    result = call("draw", SEED)
    assert (result.exit_code, result.stdout) == (0, Picture(DEFINITION).mermaid())


def test_the_format_can_be_named() -> None:
    result = call("draw", SEED, "--format", "dot")
    assert (result.exit_code, result.stdout) == (0, Picture(DEFINITION).dot())


@pytest.mark.parametrize(
    ("name", "args", "start"),
    [
        ("m.svg", [], SVG),
        ("m.PNG", [], PNG),
        ("m.mmd", [], MERMAID),
        ("m.mermaid", [], MERMAID),
        ("m.dot", [], DOT),
        ("m.gv", [], DOT),
        ("m.txt", ["--format", "svg"], SVG),
        ("m.svg", ["--format", "png"], PNG),
        ("m", ["--format", "mermaid"], MERMAID),
    ],
)
def test_a_file_gets_the_format_of_its_name_or_the_one_asked_for(
    tmp_path: Path, name: str, args: list[str], start: bytes
) -> None:
    result = call("draw", SEED, "-o", tmp_path / name, *args)

    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / name).read_bytes().startswith(start)


def test_a_state_can_be_lit() -> None:
    result = call("draw", SEED, "--current", "summary", "--format", "dot")
    assert (result.exit_code, result.stdout) == (0, Picture(DEFINITION, current="summary").dot())


def test_a_state_that_is_not_there_cannot_be_lit() -> None:
    result = call("draw", SEED, "--current", "sumary")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: no state is named 'sumary'.\n  Did you mean 'summary'?")


def test_a_sub_machine_can_be_drawn_as_one_box(tmp_path: Path) -> None:
    (tmp_path / "shop.json").write_text(json.dumps(SHOP), encoding="utf-8")

    drawn, flat = (call("draw", tmp_path / "shop.json", *args).stdout for args in ([], ["--flat"]))

    assert ("subgraph s1" in drawn, "subgraph" in flat) == (True, False)
    assert "runs: payment" in flat


def test_a_png_goes_to_a_pipe_as_it_is() -> None:
    assert call("draw", SEED, "--format", "png").stdout_bytes.startswith(PNG)


def test_a_png_does_not_go_to_a_terminal() -> None:
    with Terminal("draw", SEED, "--format", "png") as terminal:
        code, told = terminal.finish()

    assert code == 2
    assert "give a file with -o" in " ".join(told.split())


def test_without_pygraphviz_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    result = call("draw", SEED, "--format", "svg")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "pip install 'fsm-langgraph[draw]'" in result.stderr


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    result = call("draw", SEED, "-o", tmp_path / "nowhere" / "m.svg")

    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path / 'nowhere' / 'm.svg'}: No such file or directory\n"


def test_a_definition_with_problems_is_not_drawn(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"name": "x"}', encoding="utf-8")
    result = call("draw", tmp_path / "broken.json")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "states: the field 'states' is missing." in result.stderr


def test_the_schema_is_that_of_the_format(tmp_path: Path) -> None:
    written = call("schema")
    stored = call("schema", "-o", tmp_path / "schema.json")

    assert (written.exit_code, stored.exit_code, stored.stdout) == (0, 0, "")
    assert json.loads(written.stdout) == definition_schema()
    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == written.stdout


def test_findings_are_marked(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    states = {name: {"id": name, "description": name, "purpose": name} for name in ("ask", "lost")}
    file.write_text(json.dumps({"name": "n", "description": "d", "initial_state": "ask", "states": states}))

    result = call("draw", file, "--findings")

    assert result.exit_code == 0
    assert "<b>lost</b> ▲1" in result.stdout
    assert "▲1 FSM101 no transition leads to 'lost'" in result.stdout.replace("<br/>", " ")

"""The report of coverage: what was not seen, with its line in the file that it stands in, as a table and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lamp_shop import DEFINITION
from machines import CARD, SHOP

from fsm_langgraph import load_definition
from fsm_langgraph.testing.coverage.coverage_report import coverage_data, coverage_text, unseen
from fsm_langgraph.testing.coverage.data_files import Combined
from fsm_langgraph.testing.coverage.measured import Measured, measured


def measure(file: Path, content: str) -> Measured:
    file.write_text(content)
    return measured(file, load_definition(file))


def line_of(text: str, part: str) -> int:
    """Return the line of the first place where a part stands, from 1 on."""
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("place", "part"),
    [
        ("confirm", "  confirm:"),
        ("ask.transitions[1]", "- {target_state: bye"),
        ("ask.transitions[0].conditions[0]", "- description: A lamp"),
        ("ask.transitions[0].conditions[0].requires_context_keys[0]", "requires_context_keys: [lamp]"),
        ("ask.transitions[0].conditions[0].logic.and[1]", "logic:"),
    ],
)
def test_an_item_has_the_line_that_it_stands_on(tmp_path: Path, place: str, part: str) -> None:
    found = measure(tmp_path / "fsm.yaml", DEFINITION)

    assert {one.line for one in unseen(found) if one.item.place == place} == {line_of(DEFINITION, part)}


@pytest.mark.parametrize("where", ["in a file of its own", "within"])
def test_a_sub_machine_has_the_lines_of_the_file_that_it_is_written_in(tmp_path: Path, where: str) -> None:
    outer = {name: value for name, value in SHOP.items() if name != "subflows"} if where != "within" else SHOP
    (tmp_path / "pay").write_text(json.dumps(CARD, indent=1)) if where != "within" else None
    found = measure(tmp_path / "shop.json", json.dumps(outer, indent=1))

    [one] = [one for one in unseen(found) if one.item.place == "payment/card.transitions[0]"]

    text = Path(one.file).read_text()
    assert Path(one.file).name == ("shop.json" if where == "within" else "pay")
    assert text.splitlines()[(one.line or 0) - 1].strip() == "{"
    assert '"target_state": "code"' in text.splitlines()[one.line or 0]


def test_the_table_tells_what_was_never_seen(tmp_path: Path) -> None:
    found = measure(tmp_path / "fsm.yaml", DEFINITION)
    for state in ("ask", "confirm", "done"):
        found.note("state", state, "entered")
    found.note("condition", "ask.transitions[0].conditions[0]", "true")

    told = coverage_text(Combined((found,), ("gone.yaml",)), 160).splitlines()

    assert told[0].startswith("gone.yaml has changed, or gone")
    assert [line.split() for line in told if "never entered" in line] == [["33", "never", "entered", "state", "bye"]]
    assert any("never false" in line and "condition ask.transitions[0].conditions[0]" in line for line in told)
    assert [line for line in told if line != line.rstrip()] == []


def test_the_json_has_the_same(tmp_path: Path) -> None:
    found = measure(tmp_path / "fsm.yaml", DEFINITION)
    found.note("state", "ask", "entered")

    data: dict[str, Any] = json.loads(json.dumps(coverage_data(Combined((found,)))))

    [definition] = data["definitions"]
    assert definition["figures"]["states"] == {"seen": 1, "total": 4, "percent": 25.0}
    assert definition["figures"] == data["total"]
    assert definition["unseen"][0] == {
        "kind": "state",
        "place": "confirm",
        "outcomes": ["entered"],
        "text": "Asks whether that is right",
        "file": found.file,
        "line": line_of(DEFINITION, "  confirm:"),
    }

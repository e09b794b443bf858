"""The page on checking shows what the command says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import call

PAGE = (Path(__file__).parents[2] / "docs" / "checking.md").read_text(encoding="utf-8")
DEFINITION, ACCEPTANCE = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[:2]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_first_check_is_as_the_page_has_it() -> None:
    Path("rooms.yaml").write_text(DEFINITION, encoding="utf-8")

    [shown] = re.findall(r"^```console\n\$ fsm-langgraph check rooms.yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert call("check", "rooms.yaml").stdout == shown


def test_the_acceptance_of_the_page_accepts_it() -> None:
    Path("rooms.yaml").write_text(DEFINITION + ACCEPTANCE, encoding="utf-8")

    told = call("check", "--strict", "rooms.yaml")
    assert (told.exit_code, told.stdout.splitlines()[0]) == (0, "rooms.yaml: ok, 3 states, 1 transition, 1 accepted")

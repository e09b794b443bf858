"""The page on checking shows what the command says."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from command_line import call

PAGE = (Path(__file__).parents[2] / "docs" / "checking.md").read_text(encoding="utf-8")
DEFINITION, TRANSITIONS, ACCEPTANCE = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[:3]
STAY = """\
name: Stay
description: Takes a stay.
initial_state: ask
context:
  nights: {type: integer, minimum: 1}
states:
  short: {id: short, description: The end, purpose: Say that a short stay is booked.}
  long: {id: long, description: The end, purpose: Say that a long stay is booked.}
  ask:
    id: ask
    description: The question
    purpose: Ask how many nights.
    required_context_keys: [nights]
    transitions:
      - {target_state: sort, description: On, conditions: [{description: Named., requires_context_keys: [nights]}]}
  sort:
    id: sort
    description: By the length of the stay
    purpose: Sort it.
    silent: true
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_first_check_is_as_the_page_has_it() -> None:
    Path("rooms.yaml").write_text(DEFINITION, encoding="utf-8")

    [shown] = re.findall(r"^```console\n\$ fsm-langgraph check rooms.yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert call("check", "rooms.yaml").stdout == shown


def test_what_mends_it_is_as_the_page_has_it() -> None:
    [added] = re.findall(r"^```diff\n.*?^(\+.*?)^   booked", PAGE, re.DOTALL | re.MULTILINE)
    whole = DEFINITION.replace("  booked:\n", f"{added.replace('+', '')}  booked:\n", 1)
    Path("rooms.yaml").write_text(whole, encoding="utf-8")

    assert call("check", "rooms.yaml").stdout.startswith("rooms.yaml: ok, 3 states, 2 transitions\n")


def test_a_context_that_shows_a_gap_is_as_the_page_has_it() -> None:
    Path("stay.yaml").write_text(STAY + textwrap.indent(TRANSITIONS, "    "), encoding="utf-8")

    [shown] = re.findall(r"^```console\n(stay.yaml.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert shown in call("check", "stay.yaml").stdout


def test_the_acceptance_of_the_page_accepts_it() -> None:
    Path("rooms.yaml").write_text(DEFINITION + ACCEPTANCE, encoding="utf-8")

    told = call("check", "--strict", "rooms.yaml")
    assert (told.exit_code, told.stdout.splitlines()[0]) == (0, "rooms.yaml: ok, 3 states, 1 transition, 1 accepted")

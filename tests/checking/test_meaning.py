"""Definitions that load and mean something wrong, each beside a sound one: what is told of them, and nothing else.

The tables stand in `meaning/`, one a part of checking. A row is a definition without what repeats itself: `id`,
`description`, `purpose` are filled in, the first state is the initial one. `asks` is `required_context_keys`, `to` a
state's transitions (a target, or a transition whose one condition has `needs`, `answered`, `logic`, `confirms`).

    told    every warning by its path; a row without it is sound
    noted   these notes too, among others; `{}` where not even a note is told
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tables import read_table

from fsm_langgraph.checking import findings
from fsm_langgraph.loading import load_definition

Json = dict[str, Any]
TABLES = sorted((Path(__file__).parent / "meaning").glob("*.yaml"))
CONDITION = {
    "needs": "requires_context_keys",
    "answered": "answered_context_keys",
    "logic": "logic",
    "confirms": "confirms",
}


def machine(row: Json) -> Json:
    """Fill in what the rows leave out."""
    states = {name: _state(name, state) for name, state in row["states"].items()}
    whole: Json = {"name": "m", "description": "d", "initial_state": next(iter(states)), **row, "states": states}
    if "global_transitions" in row:
        whole["global_transitions"] = [_transition(each) for each in row["global_transitions"]]
    if "subflows" in row:
        whole["subflows"] = {name: machine(each) for name, each in row["subflows"].items()}
    return {name: value for name, value in whole.items() if name not in ("is", "told", "noted")}


def _state(name: str, state: Json) -> Json:
    whole = {"id": name, "description": name, "purpose": f"Be {name}", **state}
    whole["transitions"] = [_transition(each) for each in whole.pop("to", ())]
    if "asks" in whole:
        whole["required_context_keys"] = whole.pop("asks")
    return whole


def _transition(row: str | Json) -> Json:
    fields = {"to": row} if isinstance(row, str) else row
    condition = {CONDITION[name]: value for name, value in fields.items() if name in CONDITION}
    whole = {name: value for name, value in fields.items() if name not in CONDITION and name != "to"}
    conditions = {"conditions": [{"description": "c", **condition}]} if condition else {}
    return {"target_state": fields["to"], "description": f"to {fields['to']}", **conditions, **whole}


ROWS = [pytest.param(row, id=f"{table.stem}: {row['is']}") for table in TABLES for row in read_table(table)]


@pytest.mark.parametrize("row", ROWS)
def test_each_fault_is_told_once_and_nothing_else(row: Json) -> None:
    definition = load_definition(json.dumps(machine(row)))

    told = [(each.path, each.code) for each in findings(definition)]

    assert sorted(told) == sorted(row.get("told", {}).items())


@pytest.mark.parametrize("row", [row for row in ROWS if "noted" in row.values[0]])  # type: ignore[operator]
def test_what_may_be_meant_so_is_noted(row: Json) -> None:
    definition = load_definition(json.dumps(machine(row)))

    noted = [(each.path, each.code) for each in findings(definition, notes=True)]

    assert set(row["noted"].items()) <= set(noted) if row["noted"] else noted == []

"""Walks through a machine: how long they are, and which states only digressions reach."""

from __future__ import annotations

import pytest
from drawn import (
    NESTED,
    edge,
    looks,
    machine,
    texts,
)

from fsm_langgraph.drawing import Picture


def test_digressions_come_back_and_where_they_end_is_no_end() -> None:
    picture = Picture(NESTED)

    assert 'anywhere <-.->|"<small>The user asks<br/>when we are open</small>"| s4' in picture.mermaid()
    assert "and back" in texts(picture.svg())
    assert "edge open digression" in picture.svg().decode()
    assert looks(picture)["hours"] == "returns"


def test_a_state_that_is_reached_otherwise_too_is_an_end() -> None:
    transitions = [{"target_state": "end", "description": "Digress", "return": True}]
    definition = machine(
        {"id": "a", "transitions": [edge("end")]}, {"id": "end", "transitions": []}, global_transitions=transitions
    )
    assert looks(Picture(definition))["end"] == "final"


@pytest.mark.parametrize(("length", "direction"), [(2, "LR"), (4, "LR"), (5, "TB"), (12, "TB")])
def test_short_machines_run_across_and_long_ones_down(length: int, direction: str) -> None:
    states = [{"id": f"n{i}", "transitions": [edge(f"n{i + 1}")]} for i in range(length - 1)]
    definition = machine(*states, {"id": f"n{length - 1}", "transitions": []})

    assert Picture(definition).mermaid().startswith(f"flowchart {direction}\n")
    assert f"rankdir={direction}" in Picture(definition).dot()


def test_a_state_that_cannot_be_reached_is_drawn_too() -> None:
    definition = machine({"id": "a", "transitions": []}, {"id": "lost", "transitions": [edge("a")]})
    assert "lost" in Picture(definition).mermaid()
    assert "lost" in texts(Picture(definition).svg())

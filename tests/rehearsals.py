"""Scenarios under test: a machine that takes an order for coffee, and files of scenarios beside it."""

from __future__ import annotations

from pathlib import Path

from fsm_langgraph.scenarios import ScenarioOutcome, ScenarioRunner, read_scenarios

COFFEE = """
name: Coffee
description: Takes an order for coffee.
initial_state: order
version: "3.0"
context:
  coffee: {type: string, enum: [espresso, latte], description: Which coffee it is}
  cups: {type: integer, minimum: 1, maximum: 6, description: How many cups}
states:
  order:
    id: order
    description: Take the order
    purpose: Learn which coffee the user wants, and how many cups
    required_context_keys: [coffee, cups]
    transitions:
      - target_state: served
        description: The order is complete
        conditions:
          - {description: Coffee and cups are known, requires_context_keys: [coffee, cups]}
  served:
    id: served
    description: Say goodbye
    purpose: Thank the user and say goodbye
    say: "{{cups}} {{coffee}}, coming up."
    transitions: []
"""
ORDERED = "{user: Two lattes, reply: {target: served, updates: {coffee: latte, cups: 2}}, %s}"
"""A turn that completes the order; it takes expectations."""
ASKED = "{user: A latte, reply: {updates: {coffee: latte}, message: How many?}, %s}"
"""A turn that leaves the number open."""


def write(folder: Path, scenarios: str, *, name: str = "scenarios.yaml", definition: str = COFFEE) -> Path:
    """Write a definition and the scenarios beside it; return the file of these."""
    (folder / "fsm.yaml").write_text(definition, encoding="utf-8")
    (folder / name).write_text(scenarios, encoding="utf-8")
    return folder / name


def turn(written: str, *more: str) -> str:
    """Write a scenario of these turns."""
    return "- name: one\n  turns:\n" + "".join(f"    - {each}\n" for each in (written, *more))


def run(folder: Path, scenarios: str, *, definition: str = COFFEE) -> list[ScenarioOutcome]:
    """Hold the scenarios of a file; return what came of each."""
    file = read_scenarios(write(folder, scenarios, definition=definition))
    runner = ScenarioRunner(file)
    return [runner.run(scenario) for scenario in file.scenarios]


def found(outcome: ScenarioOutcome) -> list[str]:
    """Write the differences of an outcome."""
    turns = [each for turn in (*outcome.given, *outcome.turns) for each in turn.differences]
    return [f"{each.what}: {each.expected} | {each.found}" for each in (*turns, *outcome.differences)]

"""A machine that asks a person for approval, in a file with its handlers and scenarios, for those who test pauses."""

from __future__ import annotations

from pathlib import Path

from rehearsals import run

from fsm_langgraph.scenarios import ScenarioOutcome

REFUNDS = """
name: Refunds
description: Pays money back.
initial_state: ask
version: "3.0"
context:
  amount: {type: integer, description: How much it is}
  approved: {type: boolean, written_by: handler}
states:
  ask:
    id: ask
    description: Ask
    purpose: Learn how much the user wants back
    required_context_keys: [amount]
    transitions:
      - target_state: decide
        description: The amount is known
        conditions: [{description: The amount is known, requires_context_keys: [amount]}]
  decide:
    id: decide
    description: Decide
    purpose: Decide
    silent: true
    transitions:
      - target_state: paid
        description: A person has approved it
        conditions: [{description: It is approved, requires_context_keys: [approved]}]
      - {target_state: refused, description: It is not approved, priority: 200}
  paid: {id: paid, description: Paid, purpose: Say that it is paid, transitions: []}
  refused: {id: refused, description: Refused, purpose: Refuse, say: "Not {{amount}}, sorry.", transitions: []}
"""
HANDLERS = """
from langgraph.types import interrupt

from fsm_langgraph import Handlers

handlers = Handlers()

@handlers.on("POST_TRANSITION", state="decide")
def approve(event):
    answer = interrupt({"question": "May it be paid back?", "amount": event.context["amount"], "by": ["Ann"]})
    if answer == "Why?":
        answer = interrupt("It came broken. So?")
    if answer == "never":
        raise RuntimeError("the desk is closed")
    return {"approved": bool(answer)}
"""
FIFTY = "{user: 'I want 50', reply: {target: decide, updates: {amount: 50}}, %s}"
"""A turn that pauses; it takes expectations."""
PAUSED = f"- name: a person is asked\n  turns:\n    - {FIFTY % 'asks: {amount: 50}'}\n"
"""A scenario that ends with a pause."""


def hold(folder: Path, scenarios: str, *, definition: str = REFUNDS, handlers: str = HANDLERS) -> list[ScenarioOutcome]:
    """Hold the scenarios of a machine that asks for approval; return what came of each."""
    (folder / "handlers.py").write_text(handlers, encoding="utf-8")
    return run(folder, scenarios, definition=definition)


def after_the_pause(*turns: str) -> str:
    """Write a scenario that ends with a pause, and one that goes on from there with these turns."""
    return PAUSED + f"- {{name: then, given: a person is asked, turns: [{', '.join(turns)}]}}\n"

"""The machine of the examples: a hotel that asks for a number of nights and says goodbye."""

from __future__ import annotations

HOTEL = """\
name: Hotel
description: Books a room
initial_state: ask
version: "3.0"
states:
  ask:
    id: ask
    description: The room
    purpose: Learn for how many nights it is to be
    required_context_keys: [nights]
    transitions:
    - target_state: end
      description: It is known
      conditions: [{description: It is known, answered_context_keys: [nights]}]
  end:
    id: end
    description: The end
    purpose: Say goodbye
"""
DECLARED = "context: {nights: {type: integer}, guest: {type: string, written_by: caller}}\n"


def said(text: str) -> str:
    """Return the machine with words that it says at its end."""
    return f"{HOTEL}    say: '{text}'\n"

"""The text of a failure as pytest prints it: first the one line that its summary repeats, then the report."""

from __future__ import annotations

import re

from fsm_langgraph.drawing.texts import shortened
from fsm_langgraph.scenarios import ScenarioOutcome, report


def failure_text(outcome: ScenarioOutcome) -> str:
    """Tell a scenario that is not as it is written; pytest has told its name already."""
    turns = (*outcome.given, *outcome.turns)
    found = (*(each for turn in turns for each in turn.differences), *outcome.differences)
    summary = f"{found[0].what}: expected {found[0].expected}, found {found[0].found}"
    _, _, rest = report(outcome).partition("\n")
    return f"{shortened(summary, 120)}\n\n{re.sub(_BLANK_LINES, '', rest)}"


_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")

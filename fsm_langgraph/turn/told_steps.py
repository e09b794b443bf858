"""The steps of a turn record in words, for people: why each went so, and what was found about each transition."""

from __future__ import annotations

from fsm_langgraph.turn.record import JudgedTransition, hindrances

REASONS = {
    "proposed": "the model chose it, and it is open",
    "fired": "something new opens it",
    "first": "it is the first that is open",
    "vetoed": "what the model chose is not open",
    "stayed": "it waits for the user",
    "passed": "its questions are answered",
    "returned": "the digression is over",
    "began": "the conversation begins",
    "ended": "it is final",
    "failed": "the turn failed, and a handler or the fallback message answered for it",
}
"""Each reason of a step or a turn, in words."""


def told_verdict(candidate: JudgedTransition, *, leads_on: bool) -> str:
    """Say what was found about a transition; `leads_on` says whether its step took one."""
    if not candidate["enabled"]:
        return "; ".join(hindrances(candidate))
    # Where the step leads on, another transition was taken.
    why = f"  ({candidate['passed_over']})" if candidate["passed_over"] and not leads_on else ""
    over = f", and hands over to {handoff}" if (handoff := candidate.get("handoff")) else ""
    return f"open: {candidate['description']}{over}{why}"

"""The conversation that everybody holds, and what the model writes in it for each way of asking.

The user fills in the form of graphs/personal_information, asks a question beside the point and corrects a value. The
model is cooperative: it always brings the right content, in the same words for all, in the form that each program asks
for. So the programs differ only in how often they call it, what they send, and when they show what it says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.model_process import Reply


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the user, and the answer."""

    user: str
    """Empty where the assistant begins."""
    said: str
    state: str
    """The state of the example's machine that the turn ends in."""
    told: dict[str, Any] = field(default_factory=dict)
    """The values in the user's message."""
    why: str = ""
    """Why the turn ends there, for a model that is asked to say so."""


TURNS: tuple[Turn, ...] = (
    Turn(
        "",
        "Hello and welcome! I will ask you for three things: your name, your e-mail address and your date of birth."
        " Shall we begin?",
        "welcome",
        why="The conversation has just begun, so I greet the user.",
    ),
    Turn(
        "Yes, let's go.",
        "Wonderful! Then let us start with the first one. What is your full name, please?",
        "collect_name",
        why="The user is ready to begin, so I ask for the name.",
    ),
    Turn(
        "What do you need it for?",
        "Only to address you properly, it is not passed on to anybody else. So, what is your full name?",
        "collect_name",
        why="The user asked a question and gave no name, so I stay here.",
    ),
    Turn(
        "All right. I'm Ann Lee.",
        "Thank you, Ann, it is nice to meet you! And which e-mail address can we reach you at?",
        "collect_email",
        {"name": "Ann Lee"},
        why="The user gave the name, so I go on to the e-mail address.",
    ),
    Turn(
        "ann@exampel.com",
        "Thank you, I have noted your e-mail address. Now the last one: when were you born?",
        "collect_birthdate",
        {"email": "ann@exampel.com"},
        why="The user gave the e-mail address, so I go on to the date of birth.",
    ),
    Turn(
        "Sorry, I mistyped it: ann@example.com",
        "No problem at all, I have corrected your e-mail address to ann@example.com. And when were you born?",
        "collect_birthdate",
        {"email": "ann@example.com"},
        why="The user corrected the e-mail address and gave no date of birth, so I stay here.",
    ),
    Turn(
        "3 May 1990",
        "Thank you, Ann! This is what I have:\n- Name: Ann Lee\n- E-mail address: ann@example.com\n"
        "- Date of birth: 3 May 1990\nIs everything right?",
        "summary",
        {"birthdate": "1990-05-03"},
        why="The user gave the date of birth and all is known, so I read it back.",
    ),
    Turn(
        "Yes, that's right.",
        "Thank you very much, Ann. Then all the information is complete. Have a lovely day, and goodbye!",
        "end",
        {"confirmed": True},
        why="The user confirmed the summary, so the conversation ends.",
    ),
)
DATA = {key: value for turn in TURNS for key, value in turn.told.items() if key != "confirmed"}
"""The data that should be known in the end."""

LONG: tuple[Turn, ...] = (*TURNS[:2], *[TURNS[2]] * 48)
"""A conversation that does not get on: 50 turns, of which all but the first two are the same question."""
FORGETFUL: tuple[Turn, ...] = (*TURNS[:3], replace(TURNS[3], told={}))
"""A model that asks for the e-mail address and forgets to note the name, so that this step cannot be taken."""
ASKED_AGAIN = "I am sorry, I did not catch that. What is your full name, please?"
"""Its message then, where it is called once more for the step that the conversation is really in."""

Form = Callable[[Turn], list[Reply]]
"""How the model answers in a turn: one reply for each call, the last one with the message."""


def flat(turn: Turn) -> list[Reply]:
    """Answer in the form of this package; where there is no message to read, in plain text."""
    if not turn.user:
        return [turn.said]
    updates = [{key: value} for key, value in turn.told.items()]
    return [compact({"target_state": turn.state, "updates": updates, "message": turn.said})]


def nested(turn: Turn) -> list[Reply]:
    """Answer in the form of LLM-FSM, whose prompt asks for a reasoning too."""
    transition = {"target_state": turn.state, "context_update": turn.told}
    return [compact({"transition": transition, "message": turn.said, "reasoning": turn.why})]


def structured(turn: Turn) -> list[Reply]:
    """Answer with all fields, of which the message is the last."""
    return [compact({**_fields(turn), "message": turn.said})]


def extracted(turn: Turn) -> list[Reply]:
    """Answer with what the user's message tells first, and then to the user."""
    return [compact(_fields(turn)), turn.said] if turn.user else [turn.said]


def functions(turn: Turn) -> list[Reply]:
    """Call the function that saves or confirms, where there is something to save or confirm, and then answer."""
    if not turn.told:
        return [turn.said]
    call = ("confirm", "{}") if "confirmed" in turn.told else ("save", compact(turn.told))
    return [[call], turn.said]


def _fields(turn: Turn) -> dict[str, Any]:
    return {**dict.fromkeys(("name", "email", "birthdate", "confirmed")), **turn.told}


def compact(data: Any) -> str:
    """Write some data as JSON, without spaces."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

"""The codes of questions: asked though they are answered, or passed in a circle."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code


def _form(last: str, count: int = 2, ask: str = "missing") -> str:
    """Return a form of some questions; the last one leads to the state of this name."""
    states = ""
    for number in range(1, count + 1):
        target = f"ask_{number + 1}" if number < count else last
        states += f"""\
  ask_{number}:
    id: ask_{number}
    description: Question {number}
    purpose: Learn the answer {number}
    required_context_keys: [answer_{number}]
    ask: {ask if number > 1 else "missing"}
    transitions:
    - target_state: {target}
      description: It is known
      conditions: [{{description: It is known, answered_context_keys: [answer_{number}]}}]
    - {{target_state: end, description: The user is finished}}
"""
    return f"""\
name: Form
description: Asks for a few things
initial_state: ask_1
version: "3.0"
states:
{states}\
  end: {{id: end, description: The end, purpose: Say goodbye}}
"""


_TWO = _form("end", ask="WHEN")

QUESTION_CODES: tuple[Code, ...] = (
    Code(
        "FSM450",
        "needless-question",
        "note",
        "A question that is asked though it may be answered",
        "Users tell more than they are asked: an order and the address with it. What they told ahead is kept, and the "
        "state asks for it all the same; and so does a state of a sub-machine for what has come in by `inputs`. With "
        "`ask: missing` it is passed. Loops and menus ask again on purpose, which "
        "`ask: always` says.",
        _TWO.replace("    ask: WHEN\n", ""),
        _TWO.replace("WHEN", "missing"),
    ),
    Code(
        "FSM451",
        "passing-ring",
        "note",
        "Passes that lead in a circle",
        "States with `ask: missing` are passed where all that they require is answered. Here one leads to another in a "
        "circle. Each is passed once in a turn, so that the turn goes round and asks where it began.",
        _form("ask_1"),
        _form("end"),
    ),
    Code(
        "FSM452",
        "long-passage",
        "note",
        "More passes than a turn has steps",
        "A turn takes 25 steps, or what `max_steps` says. Where all is answered, as on the way back from a correction, "
        "this many states are passed in one turn, which fails then.",
        _form("end", 26),
        _form("end", 20),
    ),
)

"""The codes of answers that lead nowhere."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

_ONE_WAY_ANSWER = """\
name: Hotel
description: Books a room
initial_state: breakfast
states:
  breakfast:
    id: breakfast
    description: Breakfast
    purpose: Learn whether they want breakfast
    required_context_keys: [breakfast]
    transitions:
    - target_state: end
      description: They have said so
      conditions: [{description: They have said so, requires_context_keys: [breakfast]}]
  end: {id: end, description: Goodbye, purpose: Say goodbye}
context:
  breakfast: {type: boolean}
"""

_ONE_WAY_WORD = """\
name: Hotel
description: Books a room
initial_state: view
states:
  view:
    id: view
    description: View
    purpose: Learn about the view
    required_context_keys: [view]
    transitions:
    - target_state: end
      description: They have said so
      conditions: [{description: They have said so, requires_context_keys: [view]}]
  end: {id: end, description: Goodbye, purpose: Say goodbye}
"""

ANSWERING_CODES: tuple[Code, ...] = (
    Code(
        "FSM208",
        "one-way-answer",
        "warning",
        "A yes/no question, or a list, that a no does not answer",
        """\
`requires_context_keys` asks for presence, and `false`, an empty list and an undeclared "no" are not present. Where
every transition of a state requires the presence of such a key, a user who says no is asked again for ever. Say
`answered_context_keys` where any answer will do, or give the no a transition of its own. Where nothing is declared
it is told of keys that read like a yes/no question, by their name or by the texts of the state, and of those that
"none" often answers. A condition with
`confirms` is meant to wait for a yes.""",
        example=_ONE_WAY_ANSWER,
        mended=_ONE_WAY_ANSWER.replace("requires_context_keys", "answered_context_keys"),
    ),
    Code(
        "FSM209",
        "one-way-word",
        "note",
        "Undeclared keys that every transition of a state requires to be present",
        """\
Where nothing is declared the words "no" and "false" are a no, which is not present. Where a no is an answer, it
leads nowhere. Keys that read like a yes/no question, or that "none" often answers, are told as `one-way-answer`;
of names, numbers, times, places and kinds nothing is said.""",
        example=_ONE_WAY_WORD,
        mended=_ONE_WAY_WORD.replace("Say goodbye}\n", "Say goodbye}\ncontext:\n  view: {enum: [sea, garden]}\n"),
    ),
)

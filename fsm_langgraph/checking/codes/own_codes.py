"""The codes of the checker itself: what the author accepts, and what nobody could decide."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

_END = """\
name: Lamp
description: A lamp
initial_state: "on"
states:
  "on": {id: "on", description: It is lit, purpose: Say goodbye}
"""
_WORD = """\
name: Lamp
description: A lamp
initial_state: "off"
context:
  word: {type: string, enum: [light, dim, dark]}
states:
  "off":
    id: "off"
    description: It is dark
    purpose: Ask for the word
    required_context_keys: [word]
    transitions:
      - target_state: "on"
        description: It is the word
        conditions: [{description: It is said, logic: {"==": [{var: word}, "light"]}}]
  "on": {id: "on", description: It is lit, purpose: Say goodbye}
"""

OWN_CODES: tuple[Code, ...] = (
    Code(
        "FSM901",
        "unknown-acceptance",
        "warning",
        "An acceptance of a code that there is not, or that cannot be accepted",
        "Under `check`, `accept` names each finding that is meant so by its code, a number or a name, and by the path "
        "at which it is found. This one names no code that there is, so that it accepts nothing; or one that cannot be "
        "accepted: an error keeps the definition from loading whatever is said of it, and what is found of the "
        "acceptances themselves is mended there.",
        _END + "check:\n  accept: [{code: unreachable-sate, at: states.on, reason: It is sent there}]\n",
        _END,
    ),
    Code(
        "FSM902",
        "stale-acceptance",
        "warning",
        "An acceptance of a finding that is found no more",
        "Under `check`, `accept` says that a finding is meant so. It is not found there any more, most often because "
        "the definition was mended. The acceptance is to go, or else it would silence the next finding of its kind at "
        "that place, which nobody has looked at.",
        _END + "check:\n  accept: [{code: unreachable-state, at: states.on, reason: It is sent there}]\n",
        _END,
    ),
    Code(
        "FSM903",
        "not-proved",
        "note",
        "Guards that were not looked into, as z3 is missing",
        "Whether a condition can hold, and whether some condition always does, is decided by z3, a prover that is "
        "installed with the extra `check`. Without it every other check has run, and nothing was "
        "said of the guards.",
        _WORD,
        _END,
    ),
    Code(
        "FSM904",
        "undecided",
        "note",
        "A guard of which nobody knows whether it can hold",
        "A condition uses an operator that the prover cannot follow, or is so large that there was no answer in time. "
        "It may be sound: nothing was found, and nothing was proved. The message names the operator or the limit.",
        _WORD.replace("string, enum: [light, dim, dark]", "array").replace(
            "{var: word},", '{reduce: [{var: word}, {cat: [{var: accumulator}, {var: current}]}, ""]},'
        ),
        _WORD,
    ),
)

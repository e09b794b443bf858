"""The codes of who opens what."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

_VAULT = """\
name: Bank
description: Pays out
initial_state: ask
version: "3.0"
states:
  ask:
    id: ask
    description: The amount
    purpose: Learn how much it is to be
    required_context_keys: [amount]
    transitions:
    - target_state: paid
      description: It may be paid out
      privileged: true
      conditions:
      - {description: The amount is known, answered_context_keys: [amount]}
      - CONDITION
  paid:
    id: paid
    description: Paid
    purpose: Say that it is paid
context:
  amount: {type: integer, minimum: 1}
  verified: {type: boolean, written_by: WRITER}
"""


def _vault(condition: str, writer: str) -> str:
    return _VAULT.replace("CONDITION", f"{{description: The guard, {condition}}}").replace("WRITER", writer)


ACCESS_CODES: tuple[Code, ...] = (
    Code(
        "FSM440",
        "model-opens-privilege",
        "warning",
        "A privileged transition that a model alone can open",
        "Who talks to the model can have it write what it may write. So a transition that opens what not everybody may "
        "have needs a condition on a key that a handler or the caller writes, one that fails as long as nobody has; or "
        "every way to its state does. The witness is a context that the model alone can make. That the user confirmed "
        "something is no such condition.",
        _vault('logic: {"!=": [{var: verified}, false]}', "handler"),
        _vault('logic: {"===": [{var: verified}, true]}', "handler"),
    ),
    Code(
        "FSM441",
        "privilege-not-proved",
        "note",
        "A privileged transition of which nobody could say who opens it",
        "The conditions read what others write, and whether they can hold without that could not be decided, because "
        "of an operator, or because z3 is not installed (`pip install fsm-langgraph[check]`).",
        _vault('logic: {"!": [{var: {var: verified}}]}', "handler"),
        _vault("answered_context_keys: [verified]", "handler"),
    ),
)

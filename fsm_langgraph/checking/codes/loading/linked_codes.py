"""The codes of sub-machines, and of the files that they stand in."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

_OUTER = """\
name: Shop
description: Sells coffee.
initial_state: pay
states:
  pay:
    id: pay
    description: The payment
    purpose: Have the user pay.
    subflow: payment
    transitions:
      - target_state: paid
        description: The payment has ended.
  paid:
    id: paid
    description: The end
    purpose: Say goodbye.
"""
_PAYMENT = """\
subflows:
  payment:
    name: Payment
    description: Takes the money.
    initial_state: done
    states:
      done:
        id: done
        description: Paid
        purpose: Say that it is paid.
"""
_LINKED = _OUTER + _PAYMENT

LINKED_CODES: tuple[Code, ...] = (
    Code(
        "FSM060",
        "unknown-subflow",
        "error",
        "A sub-machine that there is not",
        "`subflow` names a definition under `subflows`, here or in a machine around, or a file beside this one; or\n"
        "it is given in code: `load_definition(…, subflows={name: …})`.",
        example=_LINKED.replace("subflow: payment", "subflow: paymnt"),
        mended=_LINKED,
    ),
    Code(
        "FSM061",
        "subflow-cycle",
        "error",
        "A sub-machine that would run itself",
        "A machine that runs itself, or one that runs it, would never come to its end. To come back to a question,\n"
        "lead back to its state.",
        example=_LINKED + "        subflow: payment\n        transitions: [{target_state: done, description: Again}]\n",
        mended=_LINKED,
    ),
    Code(
        "FSM062",
        "too-many-subflows",
        "error",
        "More sub-machines than are built",
        "Sub-machines are counted as often as they run, and each that runs two others doubles what there is. Let\n"
        "states share what they run.",
        example="",
        mended="",
        unshown="It takes hundreds of sub-machines.",
    ),
    Code(
        "FSM063",
        "outside-root",
        "error",
        "A file outside of the folder",
        "A definition may come from a stranger, so that the files which it names have to lie in its own folder or\n"
        "below, wherever symbolic links lead. The caller may let more in: `load_definition(…, root=…)`.",
        example=_OUTER.replace("subflow: payment", "subflow: ../../accounts.yaml"),
        mended=_LINKED,
    ),
    Code(
        "FSM064",
        "no-definition",
        "error",
        "A file that is no definition",
        "The file that the definition names has no `states`, so that nothing of it is told: whoever reads this may\n"
        "not be somebody who may read that file.",
        example="",
        mended="",
        unshown="It takes a second file.",
    ),
)

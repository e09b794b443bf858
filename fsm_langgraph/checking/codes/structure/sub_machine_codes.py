"""The codes of sub-machines that cannot end, or that nothing runs."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

SUB_MACHINE_CODES: tuple[Code, ...] = (
    Code(
        "FSM104",
        "endless-sub-machine",
        "warning",
        "A sub-machine that cannot end",
        """
The transitions of a state that runs a sub-machine are looked at when that has ended, and this one has no final state.
So the conversation stays inside. Nothing is told where a global transition of a machine around leads out for good.
""",
        example="""
name: Shop
description: Sells tea
initial_state: pay
states:
  pay:
    id: pay
    description: Pay
    purpose: Take the payment
    subflow: payment
    transitions: [{target_state: end, description: It is paid}]
  end: {id: end, description: End, purpose: Say goodbye}
subflows:
  payment:
    name: Payment
    description: Takes a payment
    initial_state: card
    states:
      card:
        id: card
        description: Card
        purpose: Ask for the card
        transitions: [{target_state: check, description: There is a card}]
      check:
        id: check
        description: Check
        purpose: Ask whether the card is the right one
        transitions: [{target_state: card, description: It is another one}]
""",
        mended="""
name: Shop
description: Sells tea
initial_state: pay
states:
  pay:
    id: pay
    description: Pay
    purpose: Take the payment
    subflow: payment
    transitions: [{target_state: end, description: It is paid}]
  end: {id: end, description: End, purpose: Say goodbye}
subflows:
  payment:
    name: Payment
    description: Takes a payment
    initial_state: card
    states:
      card:
        id: card
        description: Card
        purpose: Ask for the card
        transitions: [{target_state: check, description: There is a card}]
      check:
        id: check
        description: Check
        purpose: Ask whether the card is the right one
        transitions:
        - {target_state: card, description: It is another one}
        - {target_state: done, description: It is the right one}
      done: {id: done, description: Done, purpose: Be done}
""",
    ),
    Code(
        "FSM105",
        "unused-sub-machine",
        "warning",
        "A sub-machine that no state runs",
        """
A definition stands under `subflows`, and no state names it in its `subflow`. Most often a state was to run it.
""",
        example="""
name: Shop
description: Sells tea
initial_state: pay
states:
  pay: {id: pay, description: Pay, purpose: Take the payment}
subflows:
  payment:
    name: Payment
    description: Takes a payment
    initial_state: card
    states:
      card: {id: card, description: Card, purpose: Ask for the card}
""",
        mended="""
name: Shop
description: Sells tea
initial_state: pay
states:
  pay:
    id: pay
    description: Pay
    purpose: Take the payment
    subflow: payment
    transitions: [{target_state: end, description: It is paid}]
  end: {id: end, description: End, purpose: Say goodbye}
subflows:
  payment:
    name: Payment
    description: Takes a payment
    initial_state: card
    states:
      card: {id: card, description: Card, purpose: Ask for the card}
""",
    ),
)

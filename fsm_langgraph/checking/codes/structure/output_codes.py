"""The codes of what a sub-machine gives back."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

_TWO_CHOICES = """
name: Shop
description: Sells tea
initial_state: pay
context: {method: {enum: [card, cash]}}
states:
  pay:
    id: pay
    description: Pay
    purpose: Take the payment
    subflow: payment
    outputs: [method]
    transitions: [{target_state: end, description: It is paid}]
  end: {id: end, description: End, purpose: "Say that it was paid by {{method}}"}
subflows:
  payment:
    name: Payment
    description: Takes a payment
    initial_state: ask
    context: {method: {enum: [by_card, in_cash]}}
    states:
      ask:
        id: ask
        description: Ask
        purpose: Ask how it is to be paid
        required_context_keys: [method]
        transitions:
          - target_state: done
            description: It is told
            conditions: [{description: It is told, requires_context_keys: [method]}]
      done: {id: done, description: Done, purpose: Be done}
"""

OUTPUT_CODES: tuple[Code, ...] = (
    Code(
        "FSM124",
        "output-never-made",
        "warning",
        "An output that the sub-machine never makes",
        """
The state takes a key back from its sub-machine, and no state of that collects it; it is not handed in, has no default,
and no handler is said to write it. So nothing comes back, and a transition that requires it stays closed.

Where a handler makes it in a sub-machine without a `context`, declare its keys there: `written_by: handler`.
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
    outputs: [receipt]
    transitions: [{target_state: end, description: It is paid}]
  end: {id: end, description: End, purpose: "Tell the receipt: {{receipt}}"}
subflows:
  payment:
    name: Payment
    description: Takes a payment
    initial_state: card
    states:
      card: {id: card, description: Card, purpose: Tell how to pay}
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
    outputs: [receipt]
    transitions: [{target_state: end, description: It is paid}]
  end: {id: end, description: End, purpose: "Tell the receipt: {{receipt}}"}
subflows:
  payment:
    name: Payment
    description: Takes a payment
    initial_state: card
    states:
      card: {id: card, description: Card, purpose: Tell how to pay}
    context:
      receipt: {type: string, written_by: handler}
""",
    ),
    Code(
        "FSM125",
        "unread-output",
        "note",
        "An output that nothing reads",
        """
A key comes back into a machine that itself runs in another one. No condition and no text there names it, it is not
given on, and no prompt shows it. What comes back to the outermost machine is read by the caller.
""",
        example="""
name: Shop
description: Sells tea
initial_state: order
states:
  order:
    id: order
    description: Order
    purpose: Take the order
    subflow: ordering
    transitions: [{target_state: end, description: It is taken}]
  end: {id: end, description: End, purpose: Say goodbye}
subflows:
  ordering:
    name: Ordering
    description: Takes an order
    initial_state: pay
    states:
      pay:
        id: pay
        description: Pay
        purpose: Take the payment
        subflow: payment
        outputs: [receipt]
        transitions: [{target_state: done, description: It is paid}]
      done: {id: done, description: Done, purpose: Be done, visible_context_keys: []}
    subflows:
      payment:
        name: Payment
        description: Takes a payment
        initial_state: card
        states:
          card: {id: card, description: Card, purpose: Tell how to pay}
        context:
          receipt: {type: string, written_by: handler}
""",
        mended="""
name: Shop
description: Sells tea
initial_state: order
states:
  order:
    id: order
    description: Order
    purpose: Take the order
    subflow: ordering
    transitions: [{target_state: end, description: It is taken}]
  end: {id: end, description: End, purpose: Say goodbye}
subflows:
  ordering:
    name: Ordering
    description: Takes an order
    initial_state: pay
    states:
      pay:
        id: pay
        description: Pay
        purpose: Take the payment
        subflow: payment
        transitions: [{target_state: done, description: It is paid}]
      done: {id: done, description: Done, purpose: Be done, visible_context_keys: []}
    subflows:
      payment:
        name: Payment
        description: Takes a payment
        initial_state: card
        states:
          card: {id: card, description: Card, purpose: Tell how to pay}
""",
    ),
    Code(
        "FSM126",
        "unfit-value",
        "warning",
        "A key of which no value fits on the other side of a sub-machine's border",
        """
What goes into a sub-machine and what comes back is checked against the declaration of the key that it goes to. Here
each value that the one side allows is refused by the other: the choices differ, or the types. So nothing goes over.
""",
        example=_TWO_CHOICES,
        mended=_TWO_CHOICES.replace("by_card, in_cash", "card, cash"),
    ),
)

"""The codes of turns that never come to rest."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

RING_CODES: tuple[Code, ...] = (
    Code(
        "FSM106",
        "silent-ring",
        "warning",
        "Silent states that lead round in a ring",
        """
No turn rests in a silent state, nor in a step of thought (`listens: false`). These lead only to each other, or do so
whenever no condition leads out, and nothing on the way changes what the conditions read. A turn that comes here goes
round until `max_steps` ends it with an error, and so does every later one.
""",
        example="""
name: Shop
description: Sells tea
initial_state: order
states:
  order:
    id: order
    description: Order
    purpose: Ask for the order
    transitions: [{target_state: tax, description: The order is known}]
  tax:
    id: tax
    description: Tax
    purpose: Add the tax
    silent: true
    transitions: [{target_state: total, description: Go on}]
  total:
    id: total
    description: Total
    purpose: Add it all up
    silent: true
    transitions: [{target_state: tax, description: Go on}]
""",
        mended="""
name: Shop
description: Sells tea
initial_state: order
states:
  order:
    id: order
    description: Order
    purpose: Ask for the order
    transitions: [{target_state: tax, description: The order is known}]
  tax:
    id: tax
    description: Tax
    purpose: Add the tax
    silent: true
    transitions: [{target_state: total, description: Go on}]
  total: {id: total, description: Total, purpose: Tell the total}
""",
    ),
    Code(
        "FSM107",
        "silent-round",
        "note",
        "Silent states that may lead round in a ring",
        """
Where none of the conditions leads out, a turn goes round among these silent states until `max_steps` ends it with an
error. That is meant where a handler on the way does something again until it is done; a counter that ends it is safer.
""",
        example="""
name: Shop
description: Sells tea
initial_state: order
states:
  order:
    id: order
    description: Order
    purpose: Ask for the order
    transitions: [{target_state: send, description: The order is known}]
  send:
    id: send
    description: Send
    purpose: Send the order, by a handler
    silent: true
    transitions:
    - target_state: sent
      description: It is sent
      conditions: [{description: It is sent, requires_context_keys: [number]}]
    - {target_state: send, description: Try again}
  sent: {id: sent, description: Sent, purpose: Tell that the order is sent}
context:
  number: {type: string, written_by: handler}
""",
        mended="""
name: Shop
description: Sells tea
initial_state: order
states:
  order:
    id: order
    description: Order
    purpose: Ask for the order
    transitions: [{target_state: send, description: The order is known}]
  send:
    id: send
    description: Send
    purpose: Send the order, by a handler
    silent: true
    transitions:
    - target_state: sent
      description: It is sent
      conditions: [{description: It is sent, requires_context_keys: [number]}]
    - {target_state: order, description: Ask again}
  sent: {id: sent, description: Sent, purpose: Tell that the order is sent}
context:
  number: {type: string, written_by: handler}
""",
    ),
    Code(
        "FSM108",
        "long-silent-walk",
        "warning",
        "More silent states in a row than a turn goes through",
        """
A turn goes through 25 states at most, unless the option `max_steps` says otherwise. Here more silent ones follow each
other, each by a transition that is always open, so that every turn that comes here fails.
""",
        example="""
name: Count
description: Counts
initial_state: s0
states:
"""
        + "".join(
            f"  s{n}: {{id: s{n}, description: Step, purpose: Count, silent: true, "
            f"transitions: [{{target_state: s{n + 1}, description: Go on}}]}}\n"
            for n in range(25)
        )
        + "  s25: {id: s25, description: End, purpose: Say goodbye}\n",
        mended="""
name: Count
description: Counts
initial_state: s0
states:
  s0:
    id: s0
    description: Step
    purpose: Count
    silent: true
    transitions: [{target_state: s1, description: Go on}]
  s1: {id: s1, description: End, purpose: Say goodbye}
""",
    ),
)

"""The codes of where a conversation comes, and where it ends."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

ENDING_CODES: tuple[Code, ...] = (
    Code(
        "FSM101",
        "unreachable-state",
        "warning",
        "A state that nothing leads to",
        """
No transition leads to the state from the initial one, and no global transition does. Most often a transition was
forgotten: a state without transitions is final, so the conversation ends in the state that should have led here.
States that only an unreachable one leads to are named with it.

Code of your own may send a conversation to any state (`update_state`, an edge of a graph around). Where yours does,
accept the finding with that reason.
""",
        example="""
name: Shop
description: Sells tea
initial_state: order
states:
  order: {id: order, description: Order, purpose: Ask for the order}
  pay: {id: pay, description: Pay, purpose: Tell how to pay}
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
    transitions: [{target_state: pay, description: The order is known}]
  pay: {id: pay, description: Pay, purpose: Tell how to pay}
""",
    ),
    Code(
        "FSM102",
        "no-way-to-an-end",
        "warning",
        "Final states that cannot be reached",
        """
The machine has final states, and none of them can be reached from the initial state: every conversation goes on for
ever. A machine without any final state is meant so, and nothing is told of it. A final state to which only digressions
lead is no end: there they come back.
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
    transitions: [{target_state: change, description: The user changes the order}]
  change:
    id: change
    description: Change
    purpose: Change the order
    transitions: [{target_state: order, description: It is changed}]
  end: {id: end, description: End, purpose: Say goodbye}
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
    transitions:
    - {target_state: change, description: The user changes the order}
    - {target_state: end, description: The order is complete}
  change:
    id: change
    description: Change
    purpose: Change the order
    transitions: [{target_state: order, description: It is changed}]
  end: {id: end, description: End, purpose: Say goodbye}
""",
    ),
    Code(
        "FSM103",
        "trap",
        "warning",
        "States that lead to no end",
        """
From these states no final state can be reached, though the machine has one that others reach. A user who comes here
never comes to the end of the conversation. A digression returns at a final state, so one that reaches none is a trap
as well; a transition that hands the user over (`handoff`) is a way out.
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
    transitions:
    - {target_state: end, description: The order is complete}
    - {target_state: complaint, description: The user complains}
  complaint:
    id: complaint
    description: Complaint
    purpose: Learn what is wrong
    transitions: [{target_state: apology, description: It is told}]
  apology:
    id: apology
    description: Apology
    purpose: Apologise
    transitions: [{target_state: complaint, description: There is more}]
  end: {id: end, description: End, purpose: Say goodbye}
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
    transitions:
    - {target_state: end, description: The order is complete}
    - {target_state: complaint, description: The user complains}
  complaint:
    id: complaint
    description: Complaint
    purpose: Learn what is wrong
    transitions: [{target_state: apology, description: It is told}]
  apology:
    id: apology
    description: Apology
    purpose: Apologise
    transitions:
    - {target_state: complaint, description: There is more}
    - {target_state: order, description: That was all}
  end: {id: end, description: End, purpose: Say goodbye}
""",
    ),
    Code(
        "FSM109",
        "unheard-end",
        "warning",
        "A final state that collects keys",
        """
A state without transitions is final: the conversation ends as it is entered. It may still speak, and a later message
is answered, but nothing that the user says there is read. So a key that it alone collects is never written. Most
often the transition that should follow the question was forgotten.
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
    transitions: [{target_state: address, description: The order is known}]
  address: {id: address, description: Address, purpose: Ask for the address, required_context_keys: [street]}
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
    transitions: [{target_state: address, description: The order is known}]
  address:
    id: address
    description: Address
    purpose: Ask for the address
    required_context_keys: [street]
    transitions:
    - target_state: end
      description: The address is known
      conditions: [{description: The address is known, requires_context_keys: [street]}]
  end: {id: end, description: End, purpose: Say goodbye}
""",
    ),
)

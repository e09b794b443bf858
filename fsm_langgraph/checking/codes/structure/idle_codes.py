"""The codes of transitions that change or decide nothing, and of a confirmation that nobody gives."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

IDLE_CODES: tuple[Code, ...] = (
    Code(
        "FSM113",
        "idle-self-transition",
        "warning",
        "A transition from a state to itself that changes nothing",
        """
A model that does not move on stays in the state anyway. To go round by a transition enters the state again: keys to
`forget` go, confirmations are asked anew, handlers run. Here the file says nothing of the kind, so the transition is
one more thing for the model to choose among.
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
    - {target_state: order, description: Something is missing}
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
    transitions: [{target_state: end, description: The order is complete}]
  end: {id: end, description: End, purpose: Say goodbye}
""",
    ),
    Code(
        "FSM114",
        "lone-transition",
        "warning",
        "One transition, which waits for none of the keys",
        """
The state requires keys and has one transition, without conditions. The model alone says when to take it: in doubt it
stays, though all is known, and it may go on though nothing is. A condition that requires the keys leads on as soon as
they are there; `decision: logic` goes on after each message.
""",
        example="""
name: Shop
description: Sells tea
initial_state: order
states:
  order:
    id: order
    description: Order
    purpose: Ask for the size
    required_context_keys: [size]
    transitions: [{target_state: end, description: The size is known}]
  end: {id: end, description: End, purpose: Say goodbye}
context: {size: {type: string}}
""",
        mended="""
name: Shop
description: Sells tea
initial_state: order
states:
  order:
    id: order
    description: Order
    purpose: Ask for the size
    required_context_keys: [size]
    transitions:
    - target_state: end
      description: The size is known
      conditions: [{description: The size is known, requires_context_keys: [size]}]
  end: {id: end, description: End, purpose: Say goodbye}
context: {size: {type: string}}
""",
    ),
    Code(
        "FSM115",
        "idle-thought",
        "note",
        "A step of thought with nothing to think about",
        """
A step of thought (`listens: false`) is a call of the model: to choose among transitions, to collect keys, to use tools.
This one has a single transition, no keys and no tools.
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
    transitions: [{target_state: think, description: The order is known}]
  think:
    id: think
    description: Think
    purpose: Go on
    listens: false
    transitions: [{target_state: end, description: Go on}]
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
    transitions: [{target_state: think, description: The order is known}]
  think:
    id: think
    description: Think
    purpose: Go on
    silent: true
    transitions: [{target_state: end, description: Go on}]
  end: {id: end, description: End, purpose: Say goodbye}
""",
    ),
    Code(
        "FSM116",
        "unheard-confirmation",
        "warning",
        "A confirmation where nobody is asked",
        """
A confirmation of the model's counts where its state has spoken and then heard the user. A step of thought does
neither, so the transition never opens.
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
    required_context_keys: [tea]
    transitions:
    - target_state: sort
      description: The order is known
      conditions: [{description: The order is known, requires_context_keys: [tea]}]
  sort:
    id: sort
    description: Sort
    purpose: See whether the order is right
    listens: false
    required_context_keys: [is_right]
    transitions:
    - target_state: end
      description: It is right
      conditions: [{description: It is right, requires_context_keys: [is_right], confirms: [tea]}]
    - {target_state: order, description: All others}
  end: {id: end, description: End, purpose: Say goodbye}
context:
  tea: {type: string}
  is_right: {type: boolean}
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
    required_context_keys: [tea]
    transitions:
    - target_state: confirm
      description: The order is known
      conditions: [{description: The order is known, requires_context_keys: [tea]}]
  confirm:
    id: confirm
    description: Confirm
    purpose: Ask whether the order is right
    required_context_keys: [is_right]
    transitions:
    - target_state: end
      description: It is right
      conditions: [{description: It is right, requires_context_keys: [is_right], confirms: [tea]}]
    - {target_state: order, description: The user wants something else}
  end: {id: end, description: End, purpose: Say goodbye}
context:
  tea: {type: string}
  is_right: {type: boolean}
""",
    ),
)

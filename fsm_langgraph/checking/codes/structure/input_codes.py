"""The codes of what goes into a sub-machine."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

INPUT_CODES: tuple[Code, ...] = (
    Code(
        "FSM121",
        "unfilled-input",
        "warning",
        "An input that nobody fills",
        """
A sub-machine is to begin with a key that nobody writes around it: no state collects it, it has no default, and neither
a handler nor the caller nor another sub-machine is said to give it. Without a `context` handlers may write any key, and
only a name is told of that misspells one.

It is told too where a sub-machine reads a key that its caller is to write (`written_by: caller`), and the state that
runs it, which is its caller, hands nothing in.
""",
        example="""
name: Shop
description: Sells tea
initial_state: order
states:
  order:
    id: order
    description: Order
    purpose: Ask for the tea
    required_context_keys: [tea]
    transitions:
    - target_state: pay
      description: The tea is known
      conditions: [{description: The tea is known, requires_context_keys: [tea]}]
  pay:
    id: pay
    description: Pay
    purpose: Take the payment
    subflow: payment
    inputs: [price]
    transitions: [{target_state: end, description: It is paid}]
  end: {id: end, description: End, purpose: Say goodbye}
subflows:
  payment:
    name: Payment
    description: Takes a payment
    initial_state: card
    states:
      card: {id: card, description: Card, purpose: "Tell how to pay {{price}} euros"}
context:
  tea: {type: string}
  price: {type: number}
""",
        mended="""
name: Shop
description: Sells tea
initial_state: order
states:
  order:
    id: order
    description: Order
    purpose: Ask for the tea
    required_context_keys: [tea]
    transitions:
    - target_state: pay
      description: The tea is known
      conditions: [{description: The tea is known, requires_context_keys: [tea]}]
  pay:
    id: pay
    description: Pay
    purpose: Take the payment
    subflow: payment
    inputs: [price]
    transitions: [{target_state: end, description: It is paid}]
  end: {id: end, description: End, purpose: Say goodbye}
subflows:
  payment:
    name: Payment
    description: Takes a payment
    initial_state: card
    states:
      card: {id: card, description: Card, purpose: "Tell how to pay {{price}} euros"}
context:
  tea: {type: string}
  price: {type: number, written_by: handler}
""",
    ),
    Code(
        "FSM122",
        "misnamed-input",
        "warning",
        "An input whose name misspells a key of the sub-machine",
        """
The sub-machine has no key of this name, and collects one that differs by a letter. What is handed in comes under the
wrong name, and the sub-machine goes without it.
""",
        example="""
name: Shop
description: Sells tea
initial_state: order
states:
  order:
    id: order
    description: Order
    purpose: Ask for the tea
    required_context_keys: [tea]
    transitions:
    - target_state: pay
      description: The tea is known
      conditions: [{description: The tea is known, requires_context_keys: [tea]}]
  pay:
    id: pay
    description: Pay
    purpose: Take the payment
    subflow: payment
    inputs: {godos: tea}
    transitions: [{target_state: end, description: It is paid}]
  end: {id: end, description: End, purpose: Say goodbye}
context: {tea: {type: string}}
subflows:
  payment:
    name: Payment
    description: Takes a payment
    initial_state: card
    states:
      card:
        id: card
        description: Card
        purpose: Tell how to pay for the goods
        optional_context_keys: [goods]
""",
        mended="""
name: Shop
description: Sells tea
initial_state: order
states:
  order:
    id: order
    description: Order
    purpose: Ask for the tea
    required_context_keys: [tea]
    transitions:
    - target_state: pay
      description: The tea is known
      conditions: [{description: The tea is known, requires_context_keys: [tea]}]
  pay:
    id: pay
    description: Pay
    purpose: Take the payment
    subflow: payment
    inputs: {goods: tea}
    transitions: [{target_state: end, description: It is paid}]
  end: {id: end, description: End, purpose: Say goodbye}
context: {tea: {type: string}}
subflows:
  payment:
    name: Payment
    description: Takes a payment
    initial_state: card
    states:
      card:
        id: card
        description: Card
        purpose: Tell how to pay for the goods
        optional_context_keys: [goods]
""",
    ),
    Code(
        "FSM123",
        "unread-input",
        "note",
        "An input that the sub-machine never reads",
        """
No condition and no text of the sub-machine names the key, no state collects it, and no prompt shows it, as each state
says which keys it shows. A handler may read it.
""",
        example="""
name: Shop
description: Sells tea
initial_state: order
states:
  order:
    id: order
    description: Order
    purpose: Ask for the tea
    required_context_keys: [tea]
    transitions:
    - target_state: pay
      description: The tea is known
      conditions: [{description: The tea is known, requires_context_keys: [tea]}]
  pay:
    id: pay
    description: Pay
    purpose: Take the payment
    subflow: payment
    inputs: [tea]
    transitions: [{target_state: end, description: It is paid}]
  end: {id: end, description: End, purpose: Say goodbye}
context: {tea: {type: string}}
subflows:
  payment:
    name: Payment
    description: Takes a payment
    initial_state: card
    states:
      card: {id: card, description: Card, purpose: Tell how to pay, visible_context_keys: []}
""",
        mended="""
name: Shop
description: Sells tea
initial_state: order
states:
  order:
    id: order
    description: Order
    purpose: Ask for the tea
    required_context_keys: [tea]
    transitions:
    - target_state: pay
      description: The tea is known
      conditions: [{description: The tea is known, requires_context_keys: [tea]}]
  pay:
    id: pay
    description: Pay
    purpose: Take the payment
    subflow: payment
    transitions: [{target_state: end, description: It is paid}]
  end: {id: end, description: End, purpose: Say goodbye}
context: {tea: {type: string}}
subflows:
  payment:
    name: Payment
    description: Takes a payment
    initial_state: card
    states:
      card: {id: card, description: Card, purpose: Tell how to pay, visible_context_keys: []}
""",
    ),
)

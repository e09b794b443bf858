"""The codes of transitions that are never looked at."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

ORDER_CODES: tuple[Code, ...] = (
    Code(
        "FSM111",
        "hidden-transition",
        "warning",
        "A transition below one that is always open",
        """
A silent state, one whose sub-machine has ended, and one with `decision: logic` that has heard the user take the first
transition that is open. One without conditions always is, and so is one whose conditions are in words alone, since no
model reads them there. What is tried after it is never taken.
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
    transitions:
    - target_state: sort
      description: The size is known
      conditions: [{description: The size is known, requires_context_keys: [size]}]
  sort:
    id: sort
    description: Sort
    purpose: Tell large orders from small ones
    silent: true
    transitions:
    - {target_state: small, description: All others}
    - target_state: large
      description: A large one
      conditions: [{description: A large one, logic: {"==": [{var: size}, large]}}]
  small: {id: small, description: Small, purpose: Thank the user}
  large: {id: large, description: Large, purpose: Thank the user very much}
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
    - target_state: sort
      description: The size is known
      conditions: [{description: The size is known, requires_context_keys: [size]}]
  sort:
    id: sort
    description: Sort
    purpose: Tell large orders from small ones
    silent: true
    transitions:
    - target_state: large
      description: A large one
      conditions: [{description: A large one, logic: {"==": [{var: size}, large]}}]
    - {target_state: small, description: All others}
  small: {id: small, description: Small, purpose: Thank the user}
  large: {id: large, description: Large, purpose: Thank the user very much}
context: {size: {type: string}}
""",
    ),
    Code(
        "FSM112",
        "duplicate-transition",
        "warning",
        "The same transition twice",
        """
Two transitions of a state lead to the same target under the same conditions. One of them is never taken: most often it
was copied, and its target or its conditions were to be changed. Where a model chooses, two transitions with different
descriptions are two occasions, and nothing is told.
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
    - {target_state: end, description: The order is complete}
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
    - {target_state: end, description: The user gives up}
  end: {id: end, description: End, purpose: Say goodbye}
""",
    ),
    Code(
        "FSM117",
        "too-many-targets",
        "warning",
        "More targets than a schema can list",
        """
The schema of a reply lists the targets of its state, so that a model cannot name another one. OpenAI takes 1,000
values in all, and of a long list 15,000 characters. Beyond that the targets stand in the prompt alone. A reply that
names none of them is refused all the same, and asked for again.
""",
        example="""
name: Hub
description: Leads to a thousand states
initial_state: hub
states:
  hub:
    id: hub
    description: Hub
    purpose: Learn where to go
    transitions:
"""
        + "".join(f"    - {{target_state: s{n}, description: To {n}}}\n" for n in range(1000))
        + "".join(f"  s{n}: {{id: s{n}, description: End, purpose: Say goodbye}}\n" for n in range(1000)),
        mended="""
name: Hub
description: Leads to two states
initial_state: hub
states:
  hub:
    id: hub
    description: Hub
    purpose: Learn where to go
    transitions:
    - {target_state: even, description: To an even number}
    - {target_state: odd, description: To an odd number}
  even: {id: even, description: End, purpose: Say goodbye}
  odd: {id: odd, description: End, purpose: Say goodbye}
""",
    ),
)

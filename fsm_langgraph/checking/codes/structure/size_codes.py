"""The code of prompts that become too long."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

SIZE_CODES: tuple[Code, ...] = (
    Code(
        "FSM501",
        "prompt-too-long",
        "warning",
        "A prompt longer than the author allows",
        """
The longest prompt of the state comes to more tokens than `check: {max_prompt_tokens: …}` of the outermost machine
allows. It is estimated from the real prompt, with every key at the longest value that its declaration allows (a text of
80 characters where that sets no bound), ten messages of a usual length, and four characters a token. What the store
and tools bring is left out. `check --states` tells it of every state.
""",
        example="""
name: Shop
description: Sells tea
initial_state: order
states:
  order: {id: order, description: Order, purpose: Ask for the order}
check: {max_prompt_tokens: 100}
""",
        mended="""
name: Shop
description: Sells tea
initial_state: order
states:
  order: {id: order, description: Order, purpose: Ask for the order}
check: {max_prompt_tokens: 4000}
""",
    ),
)

"""A sound definition, in the texts from which the examples of these codes are made: each breaks one thing in it."""

from __future__ import annotations

ORDER = """\
name: Coffee
description: Takes an order.
initial_state: order
context:
  coffee: {type: string}
states:
  order:
    id: order
    description: The order
    purpose: Ask which coffee.
    required_context_keys: [coffee]
    transitions:
      - target_state: served
        description: The coffee is known.
        conditions:
          - description: A coffee is named.
            requires_context_keys: [coffee]
  served:
    id: served
    description: The end
    purpose: Say goodbye.
"""
"""One question and an end."""

END = """\
name: Coffee
description: Says goodbye.
initial_state: served
states:
  served:
    id: served
    description: The end
    purpose: Say goodbye.
"""
"""An end alone."""

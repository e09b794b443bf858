"""A small machine in a file, with scenarios beside it, for those who test what runs them."""

from __future__ import annotations

DEFINITION = """
name: shop
description: Sells lamps
initial_state: ask
context:
  lamp: {type: string, enum: [desk, floor]}
  count: {type: integer}
  sure: {type: boolean}
states:
  ask:
    id: ask
    description: Asks which lamp
    purpose: Ask which lamp, and how many
    required_context_keys: [lamp, count]
    transitions:
      - target_state: confirm
        description: The lamp and the number are known
        conditions:
          - description: A lamp and a sane number
            requires_context_keys: [lamp]
            logic: {"and": [{">": [{"var": "count"}, 0]}, {"<": [{"var": "count"}, 10]}]}
      - {target_state: bye, description: The user wants nothing}
  confirm:
    id: confirm
    description: Asks whether that is right
    purpose: Ask whether that is right
    required_context_keys: [sure]
    transitions:
      - target_state: done
        description: It is right
        conditions: [{description: It is confirmed, requires_context_keys: [sure]}]
      - {target_state: ask, description: It is wrong}
  done: {id: done, description: It is ordered, purpose: Thank the user, say: "Ordered!"}
  bye: {id: bye, description: Over, purpose: Say goodbye}
""".lstrip()

SCENARIOS = """
- name: two lamps
  turns:
    - {user: "", state: ask, reply: "Which lamp?"}
    - user: two desk lamps
      reply: {target: confirm, updates: {lamp: desk, count: 2}, message: "Two desk lamps?"}
      state: confirm
      data: {count: 2}
- name: they are ordered
  given: two lamps
  turns:
    - user: "yes"
      reply: {target: done, updates: {sure: true}, message: Fine}
      state: done
      says: Ordered
  ended: true
""".lstrip()

TOO_MANY = """
- name: twenty are too many
  turns:
    - user: twenty desk lamps
      reply: [{target: confirm, updates: {lamp: desk, count: 20}, message: Good}, "I have ten at most."]
      state: confirm
""".lstrip()
"""A scenario that is wrong: twenty lamps do not lead on."""

"""The codes of keys that are read in vain, or not at all."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

_BROKEN_PATH = """\
name: Hotel
description: Books a room
initial_state: room
states:
  room:
    id: room
    description: The room
    purpose: Learn who the guest is
    required_context_keys: [guest]
    transitions:
    - target_state: end
      description: The guest is known
      conditions: [{description: The guest is known, requires_context_keys: [guest.name]}]
  end: {id: end, description: Goodbye, purpose: Say goodbye}
context:
  guest: {type: string}
"""

_UNUSED_KEY = """\
name: Hotel
description: Books a room
initial_state: room
states:
  room:
    id: room
    description: The room
    purpose: Learn who the guest is
    required_context_keys: [guest]
    transitions:
    - target_state: end
      description: The guest is known
      conditions: [{description: The guest is known, requires_context_keys: [guest]}]
  end: {id: end, description: Goodbye, purpose: Say goodbye}
context:
  guest: {type: string}
  floor: {type: integer}
"""

_PERHAPS_ABSENT = """\
name: Hotel
description: Books a room
initial_state: room
states:
  room:
    id: room
    description: The room
    purpose: Learn who the guest is
    required_context_keys: [guest]
    transitions:
    - target_state: end
      description: The guest is known
      conditions: [{description: The guest is known, requires_context_keys: [guest]}]
    - {target_state: end, description: The guest gives up}
  end: {id: end, description: Goodbye, purpose: Say goodbye, say: "Goodbye, {{guest}}!"}
context:
  guest: {type: string}
"""

_HOLDS_WITHOUT_KEY = """\
name: Hotel
description: Books a room
initial_state: room
states:
  room:
    id: room
    description: The room
    purpose: Learn which size it is to be
    required_context_keys: [size]
    transitions:
    - target_state: double
      description: It is a double
      conditions: [{description: It is a double, logic: {"==": [{var: size}, double]}}]
    - target_state: end
      description: It is another size
      conditions: [{description: It is no double, logic: {"!=": [{var: size}, double]}}]
  double: {id: double, description: A double, purpose: Say that there is one}
  end: {id: end, description: Goodbye, purpose: Say goodbye}
context:
  size: {enum: [single, double]}
"""

READING_CODES: tuple[Code, ...] = (
    Code(
        "FSM210",
        "broken-path",
        "warning",
        "A path with dots into a value that has nothing inside",
        """\
`guest.name` reads the member `name` of an object `guest`. Where `guest` is declared as a text, a number or a truth
value there is no such member, so that the condition sees nothing.""",
        example=_BROKEN_PATH,
        mended=_BROKEN_PATH.replace("[guest.name]", "[guest]"),
    ),
    Code(
        "FSM211",
        "unused-key",
        "note",
        "A declared key that nobody collects and nobody reads",
        """\
No state collects the key, no condition and no lookup reads it, no text names it. The model is told of it all the
same, among the keys that it may note, and a reader of the definition looks for its use. An application may read it
when the conversation has ended; then let the states collect it that speak of it.""",
        example=_UNUSED_KEY,
        mended=_UNUSED_KEY.replace("  floor: {type: integer}\n", ""),
    ),
    Code(
        "FSM212",
        "perhaps-absent",
        "note",
        "A text names a key that may not be known there",
        """\
The tag is filled with nothing where the key is absent: "Thank you, ." The finding names the states by which a
conversation comes there without it. Let a transition on the way require the key, or write what belongs to it in a
section: `{{#guest}}, {{guest}}{{/guest}}`. Texts of a state that collects the key are left out, and keys that code
writes.""",
        example=_PERHAPS_ABSENT,
        mended=_PERHAPS_ABSENT.replace('"Goodbye, {{guest}}!"', '"Goodbye{{#guest}}, {{guest}}{{/guest}}!"'),
    ),
    Code(
        "FSM213",
        "holds-without-key",
        "note",
        "A condition that holds also where its key is absent",
        """\
What is absent differs from every value, so that a condition such as `size != "double"` holds before anybody has
named a size. If that is not meant, require the key in the same condition.""",
        example=_HOLDS_WITHOUT_KEY,
        mended=_HOLDS_WITHOUT_KEY.replace(
            "{description: It is no double, logic",
            "{description: It is no double, requires_context_keys: [size], logic",
        ),
    ),
)

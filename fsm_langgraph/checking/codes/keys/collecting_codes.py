"""The codes of keys that conditions wait for and nobody is asked for."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

_NEVER_COLLECTED = """\
name: Hotel
description: Books a room
initial_state: room
states:
  room:
    id: room
    description: The room
    purpose: Learn how many nights it is to be
    required_context_keys: [nights]
    transitions:
    - target_state: end
      description: It is paid
      conditions: [{description: It is paid, requires_context_keys: [nights, receipt]}]
  end: {id: end, description: Goodbye, purpose: Say goodbye}
context:
  nights: {type: integer, minimum: 1}
  receipt: {type: string}
"""

_MISSPELT_KEY = """\
name: Hotel
description: Books a room
initial_state: room
states:
  room:
    id: room
    description: The room
    purpose: Learn how many nights it is to be
    required_context_keys: [nights]
    transitions:
    - target_state: end
      description: The nights are known
      conditions: [{description: The nights are known, answered_context_keys: [nigths]}]
  end: {id: end, description: Goodbye, purpose: Say goodbye}
"""

_UNKNOWN_WRITER = """\
name: Hotel
description: Books a room
initial_state: room
states:
  room:
    id: room
    description: The room
    purpose: Learn how many nights it is to be
    required_context_keys: [nights]
    transitions:
    - target_state: end
      description: It is paid
      conditions: [{description: It is paid, requires_context_keys: [receipt]}]
  end: {id: end, description: Goodbye, purpose: Say goodbye}
"""

_NOT_HANDED_OVER = """\
name: Hotel
description: Books a room
initial_state: book
states:
  book:
    id: book
    description: The booking
    purpose: Book a room
    subflow: room
    transitions:
    - target_state: end
      description: The room is known
      conditions: [{description: The room is known, requires_context_keys: [nights]}]
  end: {id: end, description: Goodbye, purpose: Say goodbye}
context:
  nights: {type: integer}
subflows:
  room:
    name: Room
    description: Asks for the nights
    initial_state: nights
    states:
      nights:
        id: nights
        description: The nights
        purpose: Learn how many nights it is to be
        required_context_keys: [nights]
        transitions:
        - target_state: end
          description: They are known
          conditions: [{description: They are known, requires_context_keys: [nights]}]
      end: {id: end, description: The end, purpose: Say so}
    context:
      nights: {type: integer}
"""

COLLECTING_CODES: tuple[Code, ...] = (
    Code(
        "FSM201",
        "never-collected",
        "warning",
        "A condition waits for a declared key that no state collects",
        """\
A key that is declared is the model's to write, unless `written_by` says otherwise. One that no state lists in
`required_context_keys` or `optional_context_keys` is asked of nobody: either the user never gets on, or the model
writes it by itself, and so opens the transition alone. Where code writes the key, say so: `written_by: handler`, or
`caller`. A condition of a global transition is a trigger, which the model may note at any time, so that it is not
told of; nor is a key that a state's instructions name. A key that another one depends on is told of, too.""",
        example=_NEVER_COLLECTED,
        mended=_NEVER_COLLECTED.replace("  receipt: {type: string}", "  receipt: {type: string, written_by: handler}"),
    ),
    Code(
        "FSM202",
        "misspelt-key",
        "warning",
        "A key that nobody writes is named, and one of nearly the same name is collected",
        """\
Without a `context` section any name will do for a key, so that a slip of the hand loads: a condition waits for
`nigths` where `nights` is collected, and never opens. It is told where no state collects the key and one slip makes
it a key that a state does collect. Plurals, numbers at the end and short words do not count as slips. With a
`context` section such a name is an error when the file is loaded.""",
        example=_MISSPELT_KEY,
        mended=_MISSPELT_KEY.replace("[nigths]", "[nights]"),
    ),
    Code(
        "FSM203",
        "unknown-writer",
        "note",
        "A condition waits for a key that is not declared and that no state collects",
        """\
Without a `context` section nothing says who writes a key. A handler may, or the caller, and then all is well. If
none does, nobody is asked for the key, and the model may write it by itself. With the keys declared the definition
says who writes them, and no reply can write one that is code's.""",
        example=_UNKNOWN_WRITER,
        mended=_UNKNOWN_WRITER.replace(
            "goodbye}\n", "goodbye}\ncontext: {nights: {type: integer}, receipt: {type: string, written_by: handler}}\n"
        ),
    ),
    Code(
        "FSM204",
        "not-handed-over",
        "warning",
        "A key is collected on the other side of a sub-machine's border",
        """\
A sub-machine has a context of its own. What it collects comes back to the state that runs it by `outputs`, and what
the machine around has learned goes in by `inputs`. A condition that waits for a key which only the other side
collects never opens, unless a handler writes the key on this side too.""",
        example=_NOT_HANDED_OVER,
        mended=_NOT_HANDED_OVER.replace("    subflow: room\n", "    subflow: room\n    outputs: [nights]\n"),
    ),
)

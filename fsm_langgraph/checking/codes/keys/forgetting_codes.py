"""The codes of keys that are not there where they are needed."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code

_FORGOTTEN_KEY = """\
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
    - target_state: name
      description: The nights are known
      conditions: [{description: The nights are known, requires_context_keys: [nights]}]
  name:
    id: name
    description: The name
    purpose: Learn the guest's name
    required_context_keys: [guest]
    forget: [nights]
    transitions:
    - target_state: end
      description: All is known
      conditions: [{description: All is known, requires_context_keys: [guest, nights]}]
  end: {id: end, description: Goodbye, purpose: Say goodbye}
context:
  nights: {type: integer, minimum: 1}
  guest: {type: string}
"""

_KEY_TOO_LATE = """\
name: Hotel
description: Books a room
initial_state: hello
states:
  hello:
    id: hello
    description: Hello
    purpose: Say hello
    transitions:
    - target_state: room
      description: Go on
      conditions: [{description: It has begun, requires_context_keys: [nights]}]
  room:
    id: room
    description: The room
    purpose: Learn how many nights it is to be
    required_context_keys: [nights]
    transitions:
    - target_state: end
      description: The nights are known
      conditions: [{description: The nights are known, requires_context_keys: [nights]}]
  end: {id: end, description: Goodbye, purpose: Say goodbye}
context:
  nights: {type: integer, minimum: 1}
"""

_STALE_ANSWER = """\
name: Hotel
description: Books a room
initial_state: hotel
states:
  hotel:
    id: hotel
    description: The hotel
    purpose: Learn which hotel it is to be
    required_context_keys: [hotel]
    transitions:
    - target_state: city
      description: The hotel is known
      conditions: [{description: The hotel is known, requires_context_keys: [hotel]}]
  city:
    id: city
    description: The city
    purpose: Learn the city
    required_context_keys: [city]
    transitions:
    - target_state: end
      description: The city is known
      conditions: [{description: The city is known, requires_context_keys: [city]}]
  end: {id: end, description: Goodbye, purpose: Say goodbye}
context:
  hotel: {type: string, depends_on: [city]}
  city: {type: string}
"""

FORGETTING_CODES: tuple[Code, ...] = (
    Code(
        "FSM205",
        "forgotten-key",
        "warning",
        "A transition needs a key that is forgotten before",
        """\
A state that forgets a key as it is entered has to ask for it again, if a transition out of it needs the key. So it
is with a key that depends on it, which goes with it. So it is, too, with what a condition with `confirms` requires: it
is a confirmation, forgotten as the state is entered, and counts only if the state itself has asked for it. A state may
also depend on what an earlier one forgets. In all these cases the user is asked for nothing and gets nowhere. A key
that a handler writes may be forgotten and written again, so that of such a key nothing is told.""",
        example=_FORGOTTEN_KEY,
        mended=_FORGOTTEN_KEY.replace("    forget: [nights]\n", ""),
    ),
    Code(
        "FSM206",
        "key-too-late",
        "warning",
        "Every transition of a state needs a key that is collected only afterwards",
        """\
No transition of the state opens before a key is known that only later states ask for. A user gets on by telling it
unasked, and in no other way. Often the condition stands one state too early: on the transition that leads to the
question, and not on the one that leads on from it.""",
        example=_KEY_TOO_LATE,
        mended=_KEY_TOO_LATE.replace(
            "      conditions: [{description: It has begun, requires_context_keys: [nights]}]\n", ""
        ),
    ),
    Code(
        "FSM207",
        "stale-answer",
        "warning",
        "A key is asked for before the one that it depends on",
        """\
A key with `depends_on` is forgotten when one of those keys changes, and the first answer to a key is a change. So
an answer that is asked for before what it depends on is lost as soon as that is told. It is told where no state
asks for it again afterwards. So is a key that depends on what a sub-machine makes of it and gives back.""",
        example=_STALE_ANSWER,
        mended=_STALE_ANSWER.replace(
            "    required_context_keys: [hotel]\n", "    required_context_keys: [hotel, city]\n"
        ).replace("requires_context_keys: [hotel]}", "requires_context_keys: [hotel, city]}"),
    ),
)

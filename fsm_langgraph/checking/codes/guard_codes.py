"""The codes of guards: conditions that never hold, always hold, hide another transition or leave a value out."""

from __future__ import annotations

from collections.abc import Mapping

from fsm_langgraph.checking.codes.code import Code

_ROOM = """\
name: Hotel
description: Books a room
initial_state: room
context:
  size: {enum: [single, double, suite]}
  nights: {type: integer, minimum: 1, maximum: 14}
states:
  room:
    id: room
    description: Asks for the room
    purpose: Learn the size and the nights
    required_context_keys: [size, nights]
    transitions:
    - target_state: end
      description: The room is known
      conditions:
      - description: Both are known
        requires_context_keys: [size, nights]
        logic: LOGIC
  end: {id: end, description: The end, purpose: Say goodbye}
"""

_STAY = """\
name: Hotel
description: Books a stay
initial_state: stay
context:
  nights: {type: integer, minimum: 1, maximum: 14}
states:
  stay:
    id: stay
    description: Asks for the nights
    purpose: Learn for how many nights
    decision: DECISION
    required_context_keys: [nights]
    transitions:
    - target_state: short
      description: A short stay
      conditions: [{description: It is short, requires_context_keys: [nights]FIRST}]
    - target_state: long
      description: A long stay
      conditions: [{description: It is long, requires_context_keys: [nights], logic: SECOND}]
  short: {id: short, description: A short stay, purpose: Say goodbye}
  long: {id: long, description: A long stay, purpose: Say goodbye}
"""

_SORT = """\
name: Hotel
description: Sorts the guests
initial_state: sort
context:
  guest: {DECLARED, written_by: caller}
states:
  sort:
    id: sort
    description: Looks who it is
    purpose: Find the desk
    silent: true
    transitions:
    - target_state: club
      description: A member
      conditions: [{description: A member, logic: FIRST}]
    - target_state: desk
      description: Anybody else
      conditions: SECOND
  club: {id: club, description: The club, purpose: Greet a member}
  desk: {id: desk, description: The desk, purpose: Greet the guest}
"""


def _filled(machine: str, words: Mapping[str, str]) -> str:
    for word, text in words.items():
        machine = machine.replace(word, text)
    return machine


def _room(logic: str) -> str:
    return _filled(_ROOM, {"LOGIC": logic})


def _stay(first: str, second: str, decision: str = "model") -> str:
    logic = f", logic: {first}" if first else ""
    return _filled(_STAY, {"DECISION": decision, "FIRST": logic, "SECOND": second})


def _sort(declared: str, first: str, second: str) -> str:
    return _filled(_SORT, {"DECLARED": declared, "FIRST": first, "SECOND": second})


_SOUND = _room('{">": [{var: nights}, 2]}')

GUARD_CODES: tuple[Code, ...] = (
    Code(
        "FSM301",
        "text-logic",
        "warning",
        "Logic that is a text",
        "A text is a value in JsonLogic, so a condition such as `nights > 2` is not read: it holds whatever is known. "
        'A key is read by `{"var": "nights"}`; its bare name is a text too.',
        _room("nights > 2"),
        _SOUND,
    ),
    Code(
        "FSM302",
        "never-true",
        "warning",
        "A guard that never holds",
        "No context opens the transition: its logic is constantly false, or its conditions exclude each other. "
        "The user is never led along it, and a model that proposes it is refused.",
        _room('{and: [{">": [{var: nights}, 5]}, {"<": [{var: nights}, 3]}]}'),
        _SOUND,
    ),
    Code(
        "FSM303",
        "always-true",
        "warning",
        "Logic that always holds",
        "The logic reads the context and holds whatever is there, so it keeps nobody out. Often `!=` is joined by `or`,"
        " and a value always differs from one of two.",
        _room('{or: [{"!=": [{var: size}, single]}, {"!=": [{var: size}, double]}]}'),
        _room('{and: [{"!=": [{var: size}, single]}, {"!=": [{var: size}, double]}]}'),
    ),
    Code(
        "FSM304",
        "impossible-value",
        "warning",
        "A comparison with a value that the key never has",
        "The key is declared, and what it is compared with is not in its enum, not of its type, or outside its limits. "
        "Values that do not fit a declaration are never stored, whoever writes them.",
        _room('{"==": [{var: size}, twin]}'),
        _room('{"==": [{var: size}, double]}'),
    ),
    Code(
        "FSM305",
        "dead-part",
        "warning",
        "A part of a condition that never holds",
        "One side of an `or`, or a condition of an `if`, holds in no context in which the rest of the guard does. "
        "The case that it was written for is not met.",
        _room('{or: [{"==": [{var: size}, suite]}, {and: [{">": [{var: nights}, 5]}, {"<": [{var: nights}, 3]}]}]}'),
        _room('{or: [{"==": [{var: size}, suite]}, {">": [{var: nights}, 5]}]}'),
    ),
    Code(
        "FSM306",
        "shadowed-transition",
        "warning",
        "A transition that earlier ones hide",
        "A silent state, and one whose conditions decide, takes the first open transition. Whenever this one is open, "
        "one that is tried before it is open too, so it is never taken.",
        _stay("", '{">": [{var: nights}, 7]}', "logic"),
        _stay('{"<=": [{var: nights}, 7]}', '{">": [{var: nights}, 7]}', "logic"),
    ),
    Code(
        "FSM307",
        "stuck-state",
        "warning",
        "A silent state without a transition for some value",
        "Nobody can wait in a silent state or a step of thought. Where none of its transitions is open the turn fails "
        "(`StuckError`), and fails again when the message is sent again.",
        _sort(
            "enum: [member, guest, crew]",
            '{"==": [{var: guest}, member]}',
            '[{description: A guest, logic: {"==": [{var: guest}, guest]}}]',
        ),
        _sort("enum: [member, guest, crew]", '{"==": [{var: guest}, member]}', "[]"),
    ),
    Code(
        "FSM308",
        "uncovered-value",
        "warning",
        "A value between the conditions of a state",
        "Several transitions divide the values of the keys that the state collects, and a value that fits opens none "
        "of them; or a choice between two has a transition for one of them alone. "
        "The user has answered, and is not led on.",
        _stay('{"<": [{var: nights}, 3]}', '{">": [{var: nights}, 3]}'),
        _stay('{"<": [{var: nights}, 3]}', '{">=": [{var: nights}, 3]}'),
    ),
    Code(
        "FSM309",
        "idle-condition",
        "note",
        "A condition that keeps nobody out",
        "The logic is constantly true, or holds wherever the rest of the guard does. It can be left out, or something "
        "else was meant.",
        _room('{">": [{var: nights}, 0]}'),
        _SOUND,
    ),
    Code(
        "FSM310",
        "overlapping-transitions",
        "note",
        "Two transitions that are open together",
        "Both have one priority, in a state that takes the first open one, so the order in the document decides. That "
        "may be meant; a priority says so, and survives sorting.",
        _stay('{">": [{var: nights}, 7]}', '{">": [{var: nights}, 2]}', "logic").replace(", maximum: 14", ""),
        _stay('{"<": [{var: nights}, 7]}', '{">=": [{var: nights}, 7]}', "logic"),
    ),
    Code(
        "FSM311",
        "perhaps-stuck",
        "note",
        "A silent state without a transition, if a key is missing or code writes another value",
        "No transition is open where a key is not there, or has a value that only code could write. Where the key is "
        "always there when the state is entered, all is well; a default makes sure.",
        _sort(
            "type: boolean",
            '{"==": [{var: guest}, true]}',
            '[{description: No member, logic: {"==": [{var: guest}, false]}}]',
        ),
        _sort("type: boolean", '{"==": [{var: guest}, true]}', "[]"),
    ),
    Code(
        "FSM312",
        "text-and-number",
        "warning",
        "A text or a list compared with a number",
        "The key is declared as a text, and a condition compares it with a number. That comes out only for a text "
        'which is a numeral; for every other, "two" or "about 5", it is false. A key that is declared as a number '
        "takes numerals for what they are, and refuses the rest. A list compares as a number only where it has one "
        "number in it: what is meant is its length.",
        _sort("type: string", '{">": [{var: guest}, 17]}', "[]"),
        _sort("type: integer", '{">": [{var: guest}, 17]}', "[]"),
    ),
    Code(
        "FSM313",
        "shared-value",
        "warning",
        "A value that opens two transitions",
        "Two transitions of one priority divide the values of a key, in a state that takes the first open one, and "
        "some value opens both. So the order in the document decides of it. Often `<=` stands where `<` was meant. A "
        "narrow case above a wide one is an order that is meant, and not told of. Where a model chooses among the "
        "transitions, it is told of ranges that share the one number at which they meet.",
        _stay('{"<=": [{var: nights}, 7]}', '{">=": [{var: nights}, 7]}', "logic"),
        _stay('{"<": [{var: nights}, 7]}', '{">=": [{var: nights}, 7]}', "logic"),
    ),
)

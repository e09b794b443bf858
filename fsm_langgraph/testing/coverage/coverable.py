"""The items that conversations can cover of a definition: its states, transitions, conditions, and what else it has.

Each has a place, which names it by its path, as problems and records do, and the outcomes that are to be seen of it:

    state         payment/card                                              entered
    transition    desk.transitions[0], global_transitions[1]                taken
    condition     desk.transitions[0].conditions[0]                         true, false
    comparison    desk.transitions[0].conditions[0].logic.and[1]            true, false
    words         confirm                                                   said
    sub-machine   payment                                                   entered, ended
    digression    global_transitions[1]                                     returned
    handler       verify at CONTEXT_UPDATE                                  ran

The comparisons of a condition are the leaves of its logic, each key that it requires or wants answered, and that it
confirms. A condition with a single one needs no item for it: the two have the same outcomes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from fsm_langgraph.definition import Condition, FSMDefinition, GlobalTransition, Transition
from fsm_langgraph.handlers import Handlers
from fsm_langgraph.testing.coverage.logic_leaves import find_leaves

Kind = Literal["state", "transition", "condition", "comparison", "words", "sub-machine", "digression", "handler"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Coverable:
    """Something that conversations can cover."""

    kind: Kind
    place: str
    """The item by its path in the definition; the same for the same text, however often that is loaded."""
    text: str
    """The item in words."""
    outcomes: tuple[str, ...]
    """The outcomes that are to be seen of it."""


def coverables(definition: FSMDefinition) -> Iterator[Coverable]:
    """Yield the items of a definition and of its sub-machines, in document order."""
    for prefix, machine in definition.machines():
        for state in machine.states.values():
            path = f"{prefix}{state.id}"
            yield Coverable("state", path, state.description, ("entered",))
            if state.say:
                yield Coverable("words", path, state.say, ("said",))
            if state.subflow is not None:
                yield Coverable("sub-machine", path, machine.subflows[state.subflow].name, ("entered", "ended"))
        for place, source, transition in transitions_of(prefix, machine):
            text = f"{source} -> {transition.target_state}: {transition.description}"
            yield Coverable("transition", place, text, ("taken",))
            if isinstance(transition, GlobalTransition) and transition.returns:
                yield Coverable("digression", place, text, ("returned",))
            for index, condition in enumerate(transition.conditions):
                yield from _of_condition(f"{place}.conditions[{index}]", condition)


def coverable_handlers(handlers: Handlers) -> Iterator[Coverable]:
    """Yield the handlers, each at each of its moments, and in each state that it names."""
    for handler in handlers:
        for moment in sorted(handler.moments):
            for state in sorted(handler.states) or [""]:
                yield Coverable("handler", handler_place(handler.name, moment, state), "", ("ran",))


def handler_place(name: str, moment: str, state: str) -> str:
    """Name a handler by its moment, and by the state where it names any."""
    return f"{name} at {moment}" + (f" in {state}" if state else "")


def transitions_of(prefix: str, machine: FSMDefinition) -> Iterator[tuple[str, str, Transition]]:
    """Yield the transitions of one machine, each with its place and the state that it leads out of.

    Args:
        prefix: The prefix of the machine's states, such as `payment/`.
        machine: The machine.
    """
    for state in machine.states.values():
        for index, transition in enumerate(state.transitions):
            yield f"{prefix}{state.id}.transitions[{index}]", state.id, transition
    for index, transition in enumerate(machine.global_transitions):
        yield f"{prefix}global_transitions[{index}]", "any", transition


def compared(condition: Condition) -> list[tuple[str, str]]:
    """Return the comparisons of a condition, each with its place below that and its text."""
    found = [(f"requires_context_keys[{i}]", f"{k} is there") for i, k in enumerate(condition.requires_context_keys)]
    found += [(f"answered_context_keys[{i}]", f"{k} answered") for i, k in enumerate(condition.answered_context_keys)]
    if condition.confirms:
        found.append(("confirms", f"confirms {', '.join(condition.confirms)}"))
    if condition.logic is not None:
        leaves = find_leaves(condition.logic).leaves
        found += [(logic_place(leaf.place), leaf.text) for leaf in leaves]
    return found


def logic_place(leaf: str) -> str:
    """Return the place of a leaf below its condition."""
    return f"logic.{leaf}" if leaf else "logic"


def _of_condition(place: str, condition: Condition) -> Iterator[Coverable]:
    comparisons = compared(condition)
    # One that compares nothing always holds.
    yield Coverable("condition", place, condition.description, _BOTH if comparisons else _BOTH[:1])
    for below, text in comparisons if len(comparisons) > 1 else ():
        yield Coverable("comparison", f"{place}.{below}", text, _BOTH)


_BOTH = ("true", "false")

"""Questions with one way out: every transition of a state waits for a key to be present, and a no is not present.

A yes/no key that is false, an empty list, and a "no" where nothing is declared do not count as present. So a user who
answers no is asked again for ever. Such a definition runs, and may be meant, so it is warned of and loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from types import MappingProxyType

from fsm_langgraph.context.writes import is_writable
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import Condition, FSMDefinition, State, Transition
from fsm_langgraph.errors import Problem


def find_one_way_answers(
    definition: FSMDefinition, around: Mapping[str, FSMDefinition] = MappingProxyType({})
) -> Iterator[Problem]:
    """Warn of each state that only a yes leads out of.

    Args:
        definition: The definition.
        around: The sub-machines of the machines around it, which stand once more in those that run them.
    """
    for state in definition.states.values():
        if state.transitions and not state.silent:
            yield from _in_state(definition, state)
    known = {**around, **definition.subflows}
    for name, inner in definition.subflows.items():
        if inner != around.get(name):  # what is wrong with a sub-machine is told where it is written
            yield from (problem.below(at("subflows", name)) for problem in find_one_way_answers(inner, known))


def _in_state(definition: FSMDefinition, state: State) -> Iterator[Problem]:
    for key in reduce(_common, map(_required, state.transitions)):
        reason = _reason(definition, key)
        if reason and is_writable(definition, key, "model"):
            message = f"every transition requires {key!r} to be present, and {reason}: a no leads nowhere."
            declare = "Declare what the key holds; or, where" if definition.context is None else "Where"
            advice = f'{declare} a no is an answer too, ask for "answered_context_keys": ["{key}"].'
            path = at("states", state.id, "transitions")
            yield Problem(path, "one-way-answer", message, advice, severity="warning")


def _common(some: list[str], others: list[str]) -> list[str]:
    return [key for key in some if key in others]


def _required(transition: Transition) -> list[str]:
    return [key for condition in transition.conditions for key in _required_by(condition)]


def _required_by(condition: Condition) -> list[str]:
    """Name the keys that a condition requires, be it by its logic, where that asks for nothing else."""
    logic = condition.logic
    while isinstance(logic, dict) and len(logic) == 1:
        [(operator, argument)] = logic.items()
        name = argument[0] if isinstance(argument, list) and len(argument) == 1 else argument
        if operator in ("var", "has_context") and isinstance(name, str) and name:
            return [*condition.requires_context_keys, name]
        logic = name if operator == "!!" else None
    return [*condition.requires_context_keys]


def _reason(definition: FSMDefinition, key: str) -> str:
    """Say which value of a key says no and is not present; "" where it has none."""
    declaration = definition.declared(key)
    if declaration is None:
        return 'the word "no" is not, where nothing is declared' if definition.context is None else ""
    if declaration.type == "array":
        return "an empty list is not"
    can_be_false = declaration.type == "boolean" or any(choice is False for choice in declaration.enum or ())
    return "false is not" if can_be_false else ""

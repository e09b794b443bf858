"""Conditions that hold where the key that they read is absent: what is absent differs from every value.

    {"!=": [{"var": "size"}, "double"]}     holds before anybody has named a size

It is a note, since that may be meant. It is told where the key may be absent as the state is entered, which assumes
that nobody takes back what was told; and not of conditions that need the key elsewhere, nor of keys that code writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.keys.key_flow import KeyFlow
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import Transition
from fsm_langgraph.logic.expression import read_operation, read_variable


def find_conditions_holding_without(flow: KeyFlow) -> Iterator[Finding]:
    """Note each comparison for another value that holds where the key may be absent."""
    for state in map(flow.definition.states.__getitem__, flow.reached):
        for index, transition in enumerate(state.transitions):
            needed: list[str] | None = None
            for position, name in _unequal_names(transition):
                key = flow.use.root(name)
                needed = flow.needed(transition) if needed is None else needed
                if key not in needed and flow.can_lack(state, key):
                    message = f"the condition asks that {name!r} differs, and holds also where there is none."
                    advice = f'If that is not meant, add "requires_context_keys": ["{name}"] to it.'
                    path = at("states", state.id, "transitions", index, "conditions", position, "logic")
                    yield Finding(path, "holds-without-key", message, advice)


def _unequal_names(transition: Transition) -> Iterator[tuple[int, str]]:
    """Yield the names that conditions compare for being another value, each with the position of its condition."""
    for position, condition in enumerate(transition.conditions):
        for part in _parts(condition.logic):
            operation = read_operation(part)
            if operation is None or operation.name not in ("!=", "!=="):
                continue
            computed = [each for each in operation.arguments if read_operation(each) is not None]
            match [*map(read_variable, computed)]:
                case [str(name)] if not name.startswith("_") and None not in operation.arguments:
                    yield position, name


def _parts(expression: Any) -> list[Any]:
    """Return the parts of an expression that all have to hold."""
    operation = read_operation(expression)
    if operation is None or operation.name != "and":
        return [expression]
    return [part for each in operation.arguments for part in _parts(each)]

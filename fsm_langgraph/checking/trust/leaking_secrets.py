"""Secrets that stand somewhere in clear: in the file itself, on the other side of a sub-machine's door, in the store.

Loading refuses a default of a secret, and a secret that goes to a key that is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.placed_transitions import placed_transitions
from fsm_langgraph.checking.texts.template_texts import lookup_texts
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition


def find_leaking_secrets(view: MachineView) -> Iterator[Finding]:
    """Find the secret keys whose values are hidden in one place and stand in clear in another."""
    definition = view.definition
    if definition.secret_keys:
        yield from _in_guards(definition)
        yield from _in_store_keys(definition)
    yield from _at_doors(definition)


def _at_doors(definition: FSMDefinition) -> Iterator[Finding]:
    """Find the secrets that come out of a key that is none: what was hidden is known already."""
    for state in definition.states.values():
        inner = definition.subflows[state.subflow] if state.subflow is not None else definition
        for key, name in state.inputs.items():
            if key in inner.secret_keys and name not in definition.secret_keys:
                message = (
                    f"the sub-machine keeps {key!r} secret, and it comes from {name!r}, whose value stands in clear."
                )
                path = at("states", state.id, "inputs")
                yield Finding(path, "half-secret", message, f'Declare {name!r} here with "secret": true as well.')
        for key, name in state.outputs.items():
            if name in definition.secret_keys and key not in inner.secret_keys:
                message = (
                    f"{name!r} is secret, and it comes from the sub-machine's {key!r}, whose value stands in clear."
                )
                path = at("states", state.id, "outputs")
                yield Finding(path, "half-secret", message, f'Declare {key!r} there with "secret": true as well.')


def _in_guards(definition: FSMDefinition) -> Iterator[Finding]:
    for placed in placed_transitions(definition):
        for steps, condition in placed.conditions:
            for key in sorted({*_compared(condition.logic)} & definition.secret_keys):
                declared = definition.declared(key)
                if declared is None or declared.enum is None:
                    message = f"the key {key!r} is secret, and the text that it has to equal stands in the file."
                    advice = "Have a handler compare it, and write whether it was right into a key of its own."
                    yield Finding(at(*steps, "logic"), "secret-in-file", message, advice)


def _compared(logic: JsonValue) -> Iterator[str]:
    """Go through the keys that an expression compares for equality with a text."""
    waiting = [logic]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            for operator, arguments in value.items():
                waiting.append(arguments)
                if operator in ("==", "===") and isinstance(arguments, list):
                    has_text = any(isinstance(each, str) and each for each in arguments)
                    yield from (name for each in arguments if has_text and (name := _variable(each)))


def _variable(value: JsonValue) -> str:
    name = value.get("var") if isinstance(value, dict) and len(value) == 1 else None
    if isinstance(name, list) and name:
        name = name[0]
    return name if isinstance(name, str) else ""


def _in_store_keys(definition: FSMDefinition) -> Iterator[Finding]:
    for text in lookup_texts(definition):
        for key in sorted(text.template.roots & definition.secret_keys):
            message = (
                f"the key {key!r} is secret, and the store keeps its value in clear, as a part of the item's place."
            )
            advice = "Have a handler write what the item is to be found by, such as a hash, into a key of its own."
            yield Finding(text.path, "secret-in-store-key", message, advice)

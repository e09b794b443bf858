"""Declared keys that nobody collects and nobody reads.

A key that a state collects is never unused: the model speaks of it, and the application has it at the end. Neither is
one that code writes, which may be for code. What is left is a key that a model may note at any time, for nothing that
the definition knows of; an application may have it so, and so it is a note.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.keys.key_use import KeyUse
from fsm_langgraph.checking.named_keys import passed_in, read_keys
from fsm_langgraph.data.json_data import at


def find_unused_keys(use: KeyUse) -> Iterator[Finding]:
    """Note each declared key of the model's that no state collects and that nothing reads."""
    definition = use.definition
    if not definition.context or definition.live_instructions:  # nobody knows what those will read
        return
    unused = [key for key in definition.context if use.is_of_the_model(key) and key not in use.known]
    if not unused:
        return
    named = _named(use)
    for key in unused:
        if key not in named and not use.is_asked_in_words(key):
            message = f"{key!r} is declared, and no state collects it, no condition reads it and no text names it."
            advice = f'Let a state collect it: "optional_context_keys": ["{key}"]. Or remove it.'
            yield Finding(at("context", key), "unused-key", message, advice)


def _named(use: KeyUse) -> frozenset[str]:
    definition = use.definition
    forgotten = (key for state in definition.states.values() for key in state.forget)
    paths = (reading.key for reading in use.readings)  # which know of keys with dots in their own names
    return read_keys(definition) | passed_in(definition) | use.given_back.union(forgotten, paths)

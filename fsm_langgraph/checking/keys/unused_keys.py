"""Declared keys that nobody collects and nobody reads.

A key that a state collects is never unused: the model speaks of it, and the application has it at the end. Neither is
one that code writes, which may be for code. What is left is a key that a model may note at any time, for nothing that
the definition knows of; an application may have it so, and so it is a note.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.keys.key_use import KeyUse
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.templates.definition_keys import texts_of
from fsm_langgraph.templates.template import Template


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


def _named(use: KeyUse) -> set[str]:
    definition = use.definition
    found = {reading.key for reading in use.readings} | use.given_back
    for declaration in (definition.context or {}).values():
        found.update(declaration.depends_on)
    for state in definition.states.values():
        found.update(state.visible_context_keys or (), state.forget, state.inputs.values())
        confirmed = (name for each in state.transitions for one in each.conditions for name in one.confirms)
        found.update(use.roots(confirmed))
    for text in (*texts_of(definition), *_lookups(definition)):
        found.update(Template(text).roots)
    return found


def _lookups(definition: FSMDefinition) -> Iterator[str]:
    for lookup in (definition.store or {}).values():
        yield from (*lookup.namespace, lookup.key)

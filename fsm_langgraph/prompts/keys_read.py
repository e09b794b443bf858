"""The machine's own keys that a definition reads: a turn counts and looks at the clock for those alone."""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.context.machine_keys import MACHINE_KEYS
from fsm_langgraph.definition import FSMDefinition, Transition
from fsm_langgraph.templates.template import Template


def machine_keys_read(definition: FSMDefinition) -> frozenset[str]:
    """Return the machine's own keys that conditions or texts read, of the definition or of one inside it."""
    found: set[str] = set()
    for _, each in definition.machines():
        transitions: list[Transition] = [*each.global_transitions]
        for state in each.states.values():
            transitions += state.transitions
        found.update(
            *(transition.reads for transition in transitions), *(Template(text).roots for text in _texts(each))
        )
        if each.live_instructions:  # nobody knows what they will read
            found.update(MACHINE_KEYS)
    return frozenset(MACHINE_KEYS) & found


def _texts(definition: FSMDefinition) -> Iterator[str]:
    """Go through the templates of one definition."""
    yield definition.persona
    for state in definition.states.values():
        yield from (state.description, state.purpose, state.instructions, state.extraction_instructions, state.say)
    for lookup in (definition.store or {}).values():
        yield from (*lookup.namespace, lookup.key)

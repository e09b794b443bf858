"""The machine's own keys that a definition reads: a turn counts and looks at the clock for those alone."""

from __future__ import annotations

from fsm_langgraph.context.machine_keys import MACHINE_KEYS
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.templates.definition_keys import texts_of
from fsm_langgraph.templates.template import Template


def machine_keys_read(definition: FSMDefinition) -> frozenset[str]:
    """Return the machine's own keys that conditions or texts read, of the definition or of one inside it."""
    found: set[str] = set()
    for _, each in definition.machines():
        if each.live_instructions:  # nobody knows what they will read
            return frozenset(MACHINE_KEYS)
        own = (transition for state in each.states.values() for transition in state.transitions)
        found.update(*(transition.reads for transition in (*each.global_transitions, *own)))
        lookups = (part for lookup in (each.store or {}).values() for part in (*lookup.namespace, lookup.key))
        found.update(*(Template(text).roots for text in (*texts_of(each), *lookups)))
    return frozenset(MACHINE_KEYS) & found

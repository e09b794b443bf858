"""The keys of a machine by who fills them and what reads them, as far as the file says."""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.placed_transitions import placed_transitions
from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.templates.definition_keys import texts_of
from fsm_langgraph.templates.template import Template


def filled_keys(definition: FSMDefinition, *, is_inside: bool = False) -> frozenset[str]:
    """Name the keys that get values: collected ones, defaults, those of handlers and callers, and outputs.

    Args:
        definition: The machine.
        is_inside: Whether it runs in another one, so that its caller is that one, which fills its inputs alone.
    """
    writers = ("handler",) if is_inside else ("handler", "caller")
    declared = (definition.context or {}).items()
    by_others = (key for key, each in declared if each.written_by in writers or each.default is not None)
    of_states = (key for state in definition.states.values() for key in (*state.own_keys, *state.outputs.values()))
    return frozenset((*by_others, *of_states))


def handed_in(view: MachineView) -> frozenset[str]:
    """Name the keys that a machine gets from those that run it; all of its own where that is not seen from here."""
    if view.outer is None:
        return frozenset()
    if not view.runs_in:
        return view.definition.named_keys
    return frozenset(key for state in view.runs_in for key in state.inputs)


def handed_out(view: MachineView) -> frozenset[str]:
    """Name the keys that a machine gives back to those that run it; all of its own where that is not seen from here."""
    if view.outer is not None and not view.runs_in:
        return view.definition.named_keys
    return frozenset(key for state in view.runs_in for key in state.outputs)


def guarded_keys(definition: FSMDefinition) -> frozenset[str]:
    """Name the keys that the conditions of a machine read."""
    return frozenset[str]().union(*(each.transition.reads for each in placed_transitions(definition)))


def collected_keys(definition: FSMDefinition) -> frozenset[str]:
    """Name the keys that the states of a machine collect."""
    return frozenset(key for state in definition.states.values() for key in state.own_keys)


def read_keys(definition: FSMDefinition) -> frozenset[str]:
    """Name the keys that a machine reads, sub-machines aside: in conditions, texts, lookups; and those it asks for."""
    return frozenset(_read(definition)) | guarded_keys(definition) | collected_keys(definition)


def passed_in(definition: FSMDefinition) -> frozenset[str]:
    """Name the keys that a machine hands to its sub-machines."""
    return frozenset(key for state in definition.states.values() for key in state.inputs.values())


def is_shown(definition: FSMDefinition, key: str) -> bool:
    """Say whether a prompt of a machine shows a key: in a state that has not said which keys it shows, or says this."""
    declared = definition.declared(key)
    if declared is not None and declared.secret:
        return False
    return any(_calls_a_model(state) and _shows(state, key) for state in definition.states.values())


def _read(definition: FSMDefinition) -> Iterator[str]:
    for text in texts_of(definition):
        yield from Template(text).roots
    for lookup in (definition.store or {}).values():
        for text in (*lookup.namespace, lookup.key):
            yield from Template(text).roots
    for declared in (definition.context or {}).values():
        yield from declared.depends_on
    for state in definition.states.values():
        yield from state.visible_context_keys or ()
    for placed in placed_transitions(definition):
        for condition in placed.transition.conditions:
            yield from (path.partition(".")[0] for path in condition.confirms)


def _calls_a_model(state: State) -> bool:
    return not state.silent and state.subflow is None


def _shows(state: State, key: str) -> bool:
    return state.visible_context_keys is None or key in state.visible_context_keys

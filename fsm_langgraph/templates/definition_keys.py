"""The keys of a definition, by name: those of its context, and those that its tags begin with.

A definition that declares its keys has these and no others. Another one has the keys that its states and conditions
name, and those that a template names outside of a section; within one a name may be that of an item's member.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fsm_langgraph.context.writes import is_writable
from fsm_langgraph.definition import EVERYTHING, FSMDefinition, State
from fsm_langgraph.templates.store_lookups import STORE
from fsm_langgraph.templates.template import Template


def keys_of(definition: FSMDefinition) -> frozenset[str]:
    """Name the keys of a definition's context."""
    if definition.context is not None:
        return frozenset(definition.context)
    named = frozenset[str]().union(*(Template(text).outer_roots for text in texts_of(definition)))
    return (_named_keys(definition) | named) - _no_keys(definition)


def tag_roots(definition: FSMDefinition) -> frozenset[str]:
    """Name all that a tag of a definition, or of a sub-machine of it, may begin with."""
    own = _named_keys(definition).union(
        definition.context or (),
        *(Template(text).roots for text in texts_of(definition)),
        *((*state.inputs, *state.outputs) for state in definition.states.values()),
        [STORE] if definition.store else [],
    )
    inner = (tag_roots(each) for each in definition.subflows.values())
    return (own - {"", EVERYTHING}).union(*inner)


def tags_left(definition: FSMDefinition, state: State, texts: Sequence[Template]) -> frozenset[str]:
    """Name the keys of a state's texts whose tags are left to the writer of a message for it, in another state.

    A section over a key is told in both forms, so that nobody has to write a tag within it where the key is not known.
    """
    shown = state.visible_context_keys
    names = frozenset[str]().union(*(text.bare_names for text in texts)) - definition.secret_keys - _no_keys(definition)
    if any(text.has_sections for text in texts):
        names &= keys_of(definition)  # within a section it may be a member's
    return frozenset(
        name for name in names if (shown is None or name in shown) and is_writable(definition, name, "model")
    )


def texts_of(definition: FSMDefinition) -> Iterator[str]:
    """Go through the texts of a definition that are templates, those of sub-machines left out."""
    yield from (definition.persona, definition.fallback_message)
    for state in definition.states.values():
        yield from state.texts.values()


def _named_keys(definition: FSMDefinition) -> frozenset[str]:
    found = set[str]()
    for state in definition.states.values():
        found.update(state.own_keys, state.visible_context_keys or (), state.forget)
        found.update(state.inputs.values(), state.outputs.values())
        found.update(*(transition.reads for transition in state.transitions))
    found.update(*(transition.reads for transition in definition.global_transitions))
    return frozenset(found - {EVERYTHING})


def _no_keys(definition: FSMDefinition) -> frozenset[str]:
    return frozenset(["", STORE] if definition.store is not None else [""])

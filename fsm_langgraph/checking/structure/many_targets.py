"""States with more targets than a provider takes in one schema.

The reply's schema holds the model to the targets of its state. Where they are too many for the provider they stand in
the prompt only, and a target that is none makes the reply a bad one, which is asked for again.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.structure.machine_shape import Shape
from fsm_langgraph.checking.trial import is_watched
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition, State

_WORTH_COUNTING = 250
"""No provider's limit is known that fewer targets exceed."""


def many_targets(shape: Shape) -> Iterator[Finding]:
    """Tell of each state whose targets are too many for the schema of the strictest provider that is known."""
    definition = shape.definition
    for state in definition.states.values():
        if state.silent or len(state.transitions) + len(definition.global_transitions) < _WORTH_COUNTING:
            continue
        targets = _targets(definition, state)
        if _is_too_long(targets):
            message = (
                f"{state.id!r} leads to {len(targets) - 1:,} states, more than a reply's schema can list for OpenAI: "
                "nothing but the prompt, which tells of all of them, holds the model to these."
            )
            advice = "Lead to states that tell them apart, by topic perhaps."
            yield Finding(at("states", state.id, "transitions"), "too-many-targets", message, advice)


def _targets(definition: FSMDefinition, state: State) -> list[str]:
    """List what a reply can name as its target."""
    is_open = is_watched(state, is_conditional=False)
    transitions = (*state.transitions, *(definition.global_transitions if is_open else ()))
    return [*dict.fromkeys((*(definition.proposal(state, each) for each in transitions), state.id))]


def _is_too_long(targets: list[str]) -> bool:
    # Imported where it is needed: it takes longer than all these checks.
    from fsm_langgraph.models.enum_limits import within
    from fsm_langgraph.models.providers import PROVIDERS

    limits = [provider.enum_values for provider in PROVIDERS.values() if provider.enum_values is not None]
    return "enum" not in within(min(limits), {"type": "string", "enum": targets})

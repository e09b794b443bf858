"""The rivals of single states' prompts: one long prompt that tells all of a machine, on every turn.

`file_prompt` has the definition as it is, as compact JSON; `by_hand_prompt` is what somebody would write who knows how
our prompts are made, all the states as briefly as those tell one, and once what the states share. Both begin with our
own words on how to answer.
"""

from __future__ import annotations

import json
from typing import Any

from fsm_langgraph import FSMDefinition
from fsm_langgraph.definition import State
from fsm_langgraph.prompts.transitions import told
from fsm_langgraph.prompts.updates import described, example_updates
from fsm_langgraph.prompts.wording import TASKS, guidelines, message_rules, response, target_rules, to_do, updates_rule


def file_prompt(definition: FSMDefinition) -> str:
    """Write the prompt that has the definition as it is."""
    return f"{_how_to_answer(definition)}\n{_compact(definition.model_dump(mode='json', exclude_defaults=True))}"


def by_hand_prompt(definition: FSMDefinition) -> str:
    """Write all the states together, and once what they share."""
    machines = [machine for _, machine in definition.machines()]
    anywhere = definition.states[definition.initial_state]
    exits = [_compact(told(definition, anywhere, transition)) for transition in definition.global_transitions]
    return "\n".join(
        [
            _how_to_answer(definition),
            definition.persona,
            *map(_keys, machines),
            *(_compact([_state(machine, state) for state in machine.states.values()]) for machine in machines),
            *(["Transitions out of every state:", *exits] if exits else []),
        ]
    )


def _how_to_answer(definition: FSMDefinition) -> str:
    """Write what a state's prompt says besides the state."""
    asks = next(state for state in definition.states.values() if state.own_keys and state.transitions)
    returns = any(transition.returns for transition in definition.global_transitions)
    return "\n".join(
        [
            TASKS["understand"],
            guidelines("understand"),
            response("understand", example_updates(definition, asks), reasoning=False),
            target_rules(asks, facts={"if", "requires"}, has_digressions=returns),
            updates_rule(asks, takes_any=definition.model_keys is None),
            message_rules(),
            to_do("understand", asks),
        ]
    )


def _keys(machine: FSMDefinition) -> str:
    own = [key for state in machine.states.values() for key in state.own_keys]
    return described(machine, dict.fromkeys([*own, *(machine.model_keys or ())]))


def _state(machine: FSMDefinition, state: State) -> dict[str, Any]:
    """Write down one state, as briefly as its own prompt does."""
    facts = {
        "state": state.id,
        "description": state.description,
        "purpose": state.purpose,
        "say": state.say,
        "instructions": state.instructions,
        "collects": state.required_context_keys,
        "optional": state.optional_context_keys,
        "example_dialogue": state.example_dialogue,
        "transitions": [told(machine, state, transition) for transition in state.by_priority],
    }
    return {name: fact for name, fact in facts.items() if fact}


def _compact(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

"""The sections of a state's prompt, before any data is known: what stands in each, or what it is made from.

    You are … / rules / <response_format> / rules      how to answer; it has no tag of its own
    <current_state> … <transitions>                    the state
    <example>                                          how such a conversation goes

A prompt that only speaks has no form of a reply, and tells of the state what to say and ask for, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition, State, Transition
from fsm_langgraph.prompts.escaping import to_json
from fsm_langgraph.prompts.transitions import Transitions
from fsm_langgraph.prompts.updates import example_updates, keys_section, keys_to_collect, update_rules
from fsm_langgraph.prompts.wording import (
    CHANGING_PERSONA,
    REASONING_RULE,
    TASKS,
    Mode,
    guidelines,
    message_rules,
    response,
    target_rules,
)
from fsm_langgraph.templates.template import Template

Text = str | Template | Transitions

INSTRUCTIONS = "instructions"
"""The section that live instructions replace."""
_EXTRACTION = "extraction_instructions"


def sections(
    definition: FSMDefinition,
    state: State,
    mode: Mode,
    *,
    reasoning: bool,
    exits: Sequence[Transition],
    outside: Mapping[str, FSMDefinition],
) -> list[tuple[str, Text]]:
    """Return the tag and the text of each section, the head without a tag first; a text may be empty.

    Args:
        definition: The definition that the state belongs to.
        state: The state that the model is called in.
        mode: The purpose of the call.
        reasoning: Whether replies are to end with their reasons.
        exits: The transitions of the machines around this one that are open to a proposal here.
        outside: The keys of those machines that may be told here too, with the definitions that they are of.
    """
    persona = Template(as_persona(definition.persona), "persona")
    head = [*_first_lines(persona, mode), guidelines(mode, has_tools=bool(state.tools))]
    about: list[tuple[str, Text]] = [
        ("current_state", state.id),
        ("purpose", Template(_purpose(state, mode), at("states", state.id, "purpose"))),
        (INSTRUCTIONS, Template(state.instructions, at("states", state.id, INSTRUCTIONS))),
        ("keys", keys_section(definition, state, outside) if mode != "speak" else keys_to_collect(definition, state)),
    ]
    if mode != "speak":
        transitions = Transitions(definition, state, exits, mode)
        entries = example_updates(definition, state, has_outside=bool(outside))
        head += [response(mode, entries, reasoning=reasoning), _target_rules(definition, state, transitions)]
        head += update_rules(definition, state, outside)
        if mode == "understand":
            head.append(
                message_rules(
                    tells_more=bool(transitions), has_tags=transitions.has_tags, has_forms=transitions.has_forms
                )
            )
        if reasoning:
            head.append(REASONING_RULE)
        about += [
            (_EXTRACTION, Template(state.extraction_instructions, at("states", state.id, _EXTRACTION))),
            ("transitions", transitions.text),
            ("targets", transitions),
        ]
    if mode != "think" and state.example_dialogue:
        about.append(("example", to_json(state.example_dialogue)))
    changing = [("persona", persona)] if persona.has_tags else []
    return [("", "\n".join(head)), *changing, *about]


def as_persona(persona: str) -> str:
    """Word a persona so that the model is told to be it.

    "A friendly receptionist."  ->  "You are a friendly receptionist."
    "Friendly and brief."       ->  "You are: Friendly and brief."
    "You are Luigi."            ->  as it is
    """
    persona = persona.strip()
    first, _, rest = persona.partition(" ")
    if not persona or first.lower() in ("you", "you're", "your"):
        return persona
    return f"You are {first.lower()} {rest}" if first in ("A", "An", "The") else f"You are: {persona}"


def _purpose(state: State, mode: Mode) -> str:
    """Tell what a state is for; its description adds to that where nothing else does, and a choice is to be made."""
    if not state.purpose or mode == "speak" or state.instructions or state.description in ("", state.purpose):
        return state.purpose or state.description
    return f"{state.purpose}\n({state.description})"


def _first_lines(persona: Template, mode: Mode) -> list[str]:
    """Tell the model who it is; a persona that changes is told below, for the sake of what stands before it."""
    told = CHANGING_PERSONA if persona.has_tags else persona.fill({})
    return [told] if told and mode != "think" else [*filter(None, (told, TASKS[mode]))]


def _target_rules(definition: FSMDefinition, state: State, transitions: Transitions) -> str:
    return target_rules(
        state,
        facts=transitions.facts,
        again=definition.again if transitions.go_round else "",
        has_digressions=transitions.has_digressions,
        has_wishes=transitions.has_wishes,
        has_any=bool(transitions.text),
    )

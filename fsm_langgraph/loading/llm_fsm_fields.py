"""Fields that LLM-FSM has from version 4 on, which no definition of version 3.0 has.

LLM-FSM ignores the fields that it does not know, so a file may name them and still say `"version": "3.0"`. What they
ask for would silently not happen; so each is a problem, which says how the same is written here.
"""

from __future__ import annotations

NEWER_FIELDS = {
    "transition_evaluation_mode": "Leave it out, or write 'decision' in the states: 'model' or 'logic'.",
    "field_extractions": (
        "Name the keys in 'required_context_keys', and declare them in 'context', with their types and descriptions."
    ),
    "classification_extractions": (
        "Name the keys in 'required_context_keys', and declare them in 'context', with their choices as 'enum'."
    ),
    "transition_classification": "Leave it out, and write in each transition's 'description' when it is taken.",
    "context_scope": "Name the keys that the model is to see in 'visible_context_keys'.",
    "extraction_retries": "Leave it out: what is missing is asked for.",
    "extraction_confidence_threshold": "Leave it out: a reply tells no confidence.",
    "auto_transition_threshold": "Leave it out: a reply tells no confidence.",
    "response_type": "Leave it out, and write it into the 'instructions'.",
    "is_deterministic": "Leave it out: conditions alone decide where the state says 'decision': 'logic'.",
    "llm_description": "Leave it out, and write it as the transition's 'description'.",
    "evaluation_priority": "Leave it out: all conditions of a transition have to hold.",
}
"""How to say the same in a definition, for each of these fields."""

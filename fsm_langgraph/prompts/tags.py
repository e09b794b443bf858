"""The tags of our own prompts: none of them is meant for a user, should a model write one."""

from __future__ import annotations

TAGS = frozenset(
    {
        "task",
        "fsm",
        "response",
        "response_format",
        "reply_schema",
        "instructions",
        "persona",
        "current_state",
        "current_state_description",
        "current_purpose",
        "state_instructions",
        "information_to_collect",
        "extraction_instructions",
        "information_extraction_instructions",
        "available_state_transitions",
        "transition_targets",
        "transition_rules",
        "example_dialogue",
        "current_context",
        "this_turn",
    }
)
"""Their names; a test holds that no prompt has another."""

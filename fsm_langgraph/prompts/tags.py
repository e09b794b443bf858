"""The tags of our own prompts: none of them is meant for a user, should a model write one."""

from __future__ import annotations

TAGS = frozenset(
    {
        "response",  # no prompt has it, but models make it of `response_format`
        "response_format",
        "reply_schema",
        "persona",
        "current_state",
        "purpose",
        "instructions",
        "keys",
        "extraction_instructions",
        "transitions",
        "targets",
        "example",
        "context",
        "this_turn",
    }
)
"""Their names; a test holds that no prompt has another."""

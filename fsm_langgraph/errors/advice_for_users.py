"""The advice of errors for those who hold a conversation: at a terminal, or through an MCP client.

Errors advise those who write programs; who merely talks cannot call what they name. A stored error is a text alone, so
the advice is found in the text.
"""

from __future__ import annotations

import re

from fsm_langgraph.errors.turn_errors import GO_ON_ELSEWHERE, MEND


def for_users(error: str) -> str:
    """Return what an error says, with advice that can be followed without a program."""
    for written, instead in _INSTEAD:
        error = written.sub(instead, error)
    return error


_INSTEAD = (
    (
        re.compile(re.escape(MEND)),
        "The conversation is as it was. Send the message again, or go on: the next one is read together with it.\n"
        "  Where each turn fails, this has to be mended first.",
    ),
    (
        re.compile(re.escape(GO_ON_ELSEWHERE)),
        ", or say where it goes on: under 'migrate', in the definition.",
    ),
    (re.compile(r" To take longer ones, give limits=\{.*?\}\."), ""),
    (re.compile(r", or make max_steps larger"), ""),
)
"""The advice of errors, and what is said instead."""

"""The texts of a transition's target, read back: what a prompt has left open in them is decided by values known since.

The offline model reads them so, as any model does. `transitions.py` writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fsm_langgraph.templates.copied_tags import CopiedTags


def completed(text: str, known: Mapping[str, Any], write: Callable[[Any], str]) -> str:
    """Return a text with its tags filled and its sections decided.

    Args:
        text: The text, as a prompt tells it.
        known: The values; nothing stands where there is none.
        write: Writes a value.
    """
    return CopiedTags(None, known, write=write, gap="").fill(text)

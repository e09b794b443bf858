"""`Code`: one kind of finding, as the table of codes, its page and `check --explain` tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding."""

    number: str
    """Its number, which never changes: `FSM101`."""
    name: str
    """Its name: `unreachable-state`."""
    severity: Literal["error", "warning", "note"]
    """How much a finding of this kind matters."""
    title: str
    """The fault in one line: "A state that nothing leads to"."""
    explanation: str
    """The meaning for a conversation, and why it is told, in a few sentences of Markdown."""
    example: str
    """A definition in YAML, as short as can be, in which it is found; a test loads it."""
    mended: str
    """The same, mended; nothing of this kind is found in it."""
    unshown: str = ""
    """Why no definition can show it, in a sentence, where `example` is empty."""

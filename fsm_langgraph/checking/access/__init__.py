"""Access: who may write what, and what that opens.

key_origins      how the model comes to write a key
key_writers      who can write a key, in words
openings         who opens a transition
machine_access   how far the model alone comes
guarding_keys    the keys that guards read on the way to a state
privileges       privileged transitions that the model alone can open
access_rows      the table of who opens what
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fsm_langgraph.checking.access.privileges import find_open_privileges
from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView

ACCESS_CHECKS: tuple[Callable[[MachineView], Iterator[Finding]], ...] = (find_open_privileges,)

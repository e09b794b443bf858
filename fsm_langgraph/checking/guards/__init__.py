"""The checks of guards: conditions that never hold, always hold, hide another transition or leave a value out.

guard_parts       a guard, and what it asks for, one by one
guard_words       expressions and values in words
constant_logic    logic that reads nothing
read_comparisons  a comparison of one key with constants
compared_values   comparisons with a value that a declared key never has
    unlike_types      a text or a list compared with a number
    representative_values  the values that tell so
    misfits           why it never has it
proof_questions   a prover that is asked each question once
proved_conditions guards that never hold, or always; parts that never hold
proved_order      transitions that an earlier one hides, or that are open together
meeting_ranges    ranges that share the number at which they meet
gaps_between      values that open no transition
    gap_keys          the keys and the values that count
    entry_facts       what holds as a silent state is entered
guard_check       all of it

`constant_logic` and `compared_values` need no solver. A fault that they tell is not asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.guards.guard_check import find_guard_faults
from fsm_langgraph.checking.machine_view import MachineView

GUARD_CHECKS: tuple[Callable[[MachineView], Iterator[Finding]], ...] = (find_guard_faults,)

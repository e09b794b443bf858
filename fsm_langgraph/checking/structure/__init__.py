"""The checks of states and transitions, each linear in the size of the machine.

unreachable_states  what nothing leads to, what nothing runs
endings             conversations and sub-machines that cannot end
silent_rings        turns that never come to rest
transition_order    transitions that are never looked at
idle_transitions    those that change or decide nothing
many_targets        more targets than a reply's schema can list
prompt_sizes        prompts that become too long
exchanged_keys      what goes into sub-machines and comes back
machine_shape       a machine as all of them look at it: reach, components
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.structure.endings import endless_machine, traps
from fsm_langgraph.checking.structure.exchanged_keys import inputs, outputs
from fsm_langgraph.checking.structure.idle_transitions import (
    idle_self_transitions,
    idle_thoughts,
    lone_transitions,
    unheard_confirmations,
)
from fsm_langgraph.checking.structure.machine_shape import Shape
from fsm_langgraph.checking.structure.many_targets import many_targets
from fsm_langgraph.checking.structure.prompt_sizes import prompt_sizes
from fsm_langgraph.checking.structure.silent_rings import long_silent_walks, silent_rings, silent_rounds
from fsm_langgraph.checking.structure.transition_order import duplicate_transitions, hidden_transitions
from fsm_langgraph.checking.structure.unreachable_states import unreachable_states, unused_sub_machines

_CHECKS: tuple[Callable[[Shape], Iterator[Finding]], ...] = (
    unreachable_states,
    unused_sub_machines,
    endless_machine,
    traps,
    silent_rings,
    silent_rounds,
    long_silent_walks,
    hidden_transitions,
    duplicate_transitions,
    idle_self_transitions,
    lone_transitions,
    idle_thoughts,
    unheard_confirmations,
    many_targets,
    inputs,
    outputs,
    prompt_sizes,
)


def _structure(view: MachineView) -> Iterator[Finding]:
    """Find everything that is wrong with the shape of one machine."""
    shape = Shape(view)
    for check in _CHECKS:
        yield from check(shape)


STRUCTURE_CHECKS: tuple[Callable[[MachineView], Iterator[Finding]], ...] = (_structure,)

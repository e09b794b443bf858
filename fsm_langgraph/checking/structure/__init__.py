"""The checks of states and transitions, each linear in the size of the machine.

unreachable_states  what nothing leads to, what nothing runs
endings             conversations and sub-machines that cannot end
silent_rings        turns that never come to rest
needless_questions  what `ask: missing` would spare the user
passing_rings       passes by `ask: missing` that go in a circle
transition_order    transitions that are never looked at
idle_transitions    those that change or decide nothing
many_targets        more targets than a reply's schema can list
prompt_sizes        prompts that become too long
exchanged_keys      what goes into sub-machines and comes back
unfit_values        what is refused on the other side of a sub-machine's border
missing_inputs      what their caller is to write, and nobody does
machine_shape       a machine as all of them look at it: reach, components
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.structure.endings import find_endless_machine, find_traps
from fsm_langgraph.checking.structure.exchanged_keys import find_input_faults, find_output_faults
from fsm_langgraph.checking.structure.idle_transitions import (
    find_idle_self_transitions,
    find_idle_thoughts,
    find_lone_transitions,
    find_unheard_confirmations,
)
from fsm_langgraph.checking.structure.machine_shape import Shape
from fsm_langgraph.checking.structure.many_targets import find_many_targets
from fsm_langgraph.checking.structure.missing_inputs import find_missing_inputs
from fsm_langgraph.checking.structure.needless_questions import find_needless_questions
from fsm_langgraph.checking.structure.passing_rings import find_passing_rings
from fsm_langgraph.checking.structure.prompt_sizes import find_long_prompts
from fsm_langgraph.checking.structure.silent_rings import find_long_silent_walks, find_silent_rings, find_silent_rounds
from fsm_langgraph.checking.structure.transition_order import find_duplicate_transitions, find_hidden_transitions
from fsm_langgraph.checking.structure.unfit_values import find_unfit_values
from fsm_langgraph.checking.structure.unreachable_states import find_unreachable_states, find_unused_sub_machines

_CHECKS: tuple[Callable[[Shape], Iterator[Finding]], ...] = (
    find_unreachable_states,
    find_unused_sub_machines,
    find_endless_machine,
    find_traps,
    find_silent_rings,
    find_silent_rounds,
    find_long_silent_walks,
    find_hidden_transitions,
    find_duplicate_transitions,
    find_idle_self_transitions,
    find_lone_transitions,
    find_idle_thoughts,
    find_unheard_confirmations,
    find_needless_questions,
    find_passing_rings,
    find_many_targets,
    find_input_faults,
    find_missing_inputs,
    find_output_faults,
    find_unfit_values,
    find_long_prompts,
)


def find_structure_faults(view: MachineView) -> Iterator[Finding]:
    """Find everything that is wrong with the shape of one machine."""
    shape = view.once(Shape)
    for check in _CHECKS:
        yield from check(shape)


STRUCTURE_CHECKS: tuple[Callable[[MachineView], Iterator[Finding]], ...] = (find_structure_faults,)

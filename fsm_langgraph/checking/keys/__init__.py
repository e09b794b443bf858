"""The checks of keys: who writes them, who reads them, and where they can be there.

key_use           who writes and reads the keys of a machine
needed_keys       the names without which a condition is closed
key_flow          where keys can be there, by data flow over the states
    state_flow        data flow over the states of a machine
uncollected_keys  conditions that wait for what nobody is asked for
kept_inside       keys on the other side of a sub-machine's border
forgotten_keys    keys that are forgotten before they are needed, or asked for afterwards
circling_keys     keys that depend on each other by way of a sub-machine
one_way_answers   questions to which a no leads nowhere
    given_noes        noes that a sub-machine gives back
    other_answers     answers to the other questions, where a no is shown
unheard_ends      final states that ask
broken_paths      paths into values that have nothing inside
unused_keys       declared keys that nobody collects and nobody reads
absent_keys       texts over keys that may be absent
holding_without   conditions that hold though their key is absent
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.keys.absent_keys import find_absent_keys
from fsm_langgraph.checking.keys.broken_paths import find_broken_paths
from fsm_langgraph.checking.keys.circling_keys import find_circling_keys
from fsm_langgraph.checking.keys.forgotten_keys import find_forgotten_keys
from fsm_langgraph.checking.keys.holding_without import find_conditions_holding_without
from fsm_langgraph.checking.keys.key_flow import KeyFlow
from fsm_langgraph.checking.keys.key_use import KeyUse
from fsm_langgraph.checking.keys.one_way_answers import find_one_way_answers
from fsm_langgraph.checking.keys.uncollected_keys import find_uncollected_keys
from fsm_langgraph.checking.keys.unheard_ends import find_unheard_ends
from fsm_langgraph.checking.keys.unused_keys import find_unused_keys
from fsm_langgraph.checking.machine_view import MachineView


def find_key_faults(view: MachineView) -> Iterator[Finding]:
    """Tell what is wrong with the keys of a machine."""
    use, flow = view.once(KeyUse), view.once(KeyFlow)
    yield from find_uncollected_keys(use)
    yield from find_forgotten_keys(flow)
    yield from find_circling_keys(view)
    yield from find_one_way_answers(use)
    yield from find_unheard_ends(flow)
    yield from find_broken_paths(use)
    yield from find_unused_keys(use)
    yield from find_absent_keys(flow)
    yield from find_conditions_holding_without(flow)


KEY_CHECKS: tuple[Callable[[MachineView], Iterator[Finding]], ...] = (find_key_faults,)

"""Keys that are collected on the other side of a sub-machine's border, and that nobody carries over.

A sub-machine's context is its own. A state that runs one gets back what its `outputs` name, and the sub-machine gets
what its `inputs` name. A condition that waits for a key which only the other side collects, under the same name, was
written as if there were one context. A handler could write the key on this side too; where it is declared as a
handler's or the caller's, nothing is said.
"""

from __future__ import annotations

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.keys.key_use import KeyUse, Reading


def kept_inside(use: KeyUse, reading: Reading) -> Finding | None:
    """Tell that a key, which no state here collects, is collected on the other side of a border.

    Args:
        use: The keys of the machine that reads it.
        reading: Where it is read.
    """
    key, state_id = reading.key, reading.state
    state = use.definition.states[state_id] if state_id is not None else None
    if state is not None and state.subflow is not None:
        inside = use.definition.subflows[state.subflow].states.values()
        if any(key in (*each.own_keys, *each.outputs.values()) for each in inside):
            message = (
                f"the condition reads {reading.name!r}, which the sub-machine {state.subflow!r} collects and "
                f"{state.id!r} does not take back: what it collects stays inside."
            )
            return Finding(reading.path, "not-handed-over", message, f"Name {key!r} in the 'outputs' of {state.id!r}.")
    around = next((outer for outer in use.view.runs_in if key in use.collected_around), None)
    if around is None:
        return None
    message = (
        f"the condition reads {reading.name!r}, which the machine around collects and {around.id!r} does not hand in: "
        "the sub-machine has a context of its own."
    )
    return Finding(reading.path, "not-handed-over", message, f"Name {key!r} in the 'inputs' of {around.id!r}.")

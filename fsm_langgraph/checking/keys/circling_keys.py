"""Keys that depend on each other by way of a sub-machine: `city` depends on `hotel`, which is found there for `city`.

Within one machine loading refuses such a circle. Here it goes through what is handed in and given back:

    key -> its `depends_on` -> an output's key inside -> its `depends_on` there -> the key that it was handed in for

What comes back is a change, so that the key is forgotten which it was made of.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.structure.components import components
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition


def find_circling_keys(view: MachineView) -> Iterator[Finding]:
    """Tell each key of a machine that depends on what a sub-machine makes of it.

    It holds if what comes back differs from what was there before.
    """
    definition = view.definition
    if not definition.dependents or not any(state.outputs for state in definition.states.values()):
        return
    group_of = {key: index for index, group in enumerate(components(_origins(definition))) for key in group}
    for key, declared in (definition.context or {}).items():
        for index, of in enumerate(declared.depends_on):
            if group_of[key] == group_of[of]:
                message = (
                    f"{key!r} depends on {of!r}, which a sub-machine makes of {key!r} and gives back: "
                    f"as {of!r} comes back, {key!r} is forgotten."
                )
                advice = f"Leave {of!r} out of the 'depends_on' of {key!r}, or {key!r} out of the 'inputs'."
                yield Finding(at("context", key, "depends_on", index), "stale-answer", message, advice)


def _origins(definition: FSMDefinition) -> dict[str, list[str]]:
    """Return the keys that each key is made of, those inside by the path of the state that runs their machine."""
    found: dict[str, list[str]] = {}
    for path, machine in definition.machines():
        for key, declared in (machine.context or {}).items():
            found.setdefault(f"{path}{key}", []).extend(f"{path}{of}" for of in declared.depends_on)
        for state in machine.states.values():
            for inside, outside in state.inputs.items():
                found.setdefault(f"{path}{state.id}/{inside}", []).append(f"{path}{outside}")
            for inside, outside in state.outputs.items():
                found.setdefault(f"{path}{outside}", []).append(f"{path}{state.id}/{inside}")
    return found

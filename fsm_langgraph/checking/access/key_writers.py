"""Who can write a key, in words: the model and in which states, a handler, the caller, a machine around or inside."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from fsm_langgraph.definition import FSMDefinition


class KeyWriters:
    """Who can write the keys of a definition and of those inside it, by the keys' paths.

    Args:
        definition: The definition.
    """

    def __init__(self, definition: FSMDefinition) -> None:
        self._machines = dict(definition.machines())

    def of(self, path: str) -> tuple[str, ...]:
        """Name who can write a key: `model in ask`, `handler`, `caller`, `inputs`, `outputs of payment`."""
        prefix, _, key = path.rpartition("/")
        prefix = f"{prefix}/" if prefix else ""
        machine = self._machines[prefix]
        declared = machine.declared(key)
        coming = self._coming.get(path, ())
        if declared is not None and declared.written_by != "model":
            by_default = ("default",) if declared.default is not None else ()
            return (*by_default, *(coming or (declared.written_by,)))
        if declared is None and machine.context is not None:
            return coming or ("nobody",)
        states = self._collecting.get(path, ())
        model = f"model in {', '.join(states)}" if states else "model, unasked"
        return (model, *coming, *(("handler", "caller") if declared is None else ()))

    @cached_property
    def _collecting(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for prefix, machine in self._machines.items():
            for state in machine.states.values():
                for key in state.own_keys:
                    found.setdefault(f"{prefix}{key}", []).append(f"{prefix}{state.id}")
        return found

    @cached_property
    def _coming(self) -> Mapping[str, tuple[str, ...]]:
        """The keys that come in from the machine around, or back from one inside, with whence."""
        found: dict[str, tuple[str, ...]] = {}
        for prefix, machine in self._machines.items():
            for state in machine.states.values():
                for inside, outside in state.inputs.items():
                    path = f"{prefix}{state.id}/{inside}"
                    found[path] = (*found.get(path, ()), f"from {prefix}{outside}")
                for inside, outside in state.outputs.items():
                    path = f"{prefix}{outside}"
                    found[path] = (*found.get(path, ()), f"from {prefix}{state.id}/{inside}")
        return found

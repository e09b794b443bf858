"""Who can write a key in the end, through the machines around and inside: the model, a handler, the caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
        """Name who can write a key in the end: `model`, `model unasked`, `handler`, `caller`, `default`, `nobody`.

        A key that comes in by `inputs`, or back by `outputs`, has the writers of the key that it comes from.
        """
        found = dict.fromkeys(self._writers(path, set()))
        if len(found) > 1:
            found.pop(_NOBODY, None)
        if _MODEL in found:
            found.pop(_UNASKED, None)
        return tuple(found)

    def _writers(self, path: str, seen: set[str]) -> Iterator[str]:
        if path in seen:
            return
        seen.add(path)
        prefix, _, key = path.rpartition("/")
        machine = self._machines[f"{prefix}/" if prefix else ""]
        declared = machine.declared(key)
        sources = self._sources.get(path, ())
        if declared is not None and declared.default is not None:
            yield "default"
        if machine.context is None or (declared is not None and declared.written_by == "model"):
            yield _MODEL if path in self._collected else _UNASKED
        for source in sources:
            yield from self._writers(source, seen)
        if machine.context is None:
            yield from ("handler", "caller")
        elif declared is None and not sources:
            yield _NOBODY
        elif declared is not None and declared.written_by != "model" and not sources:
            yield declared.written_by

    @cached_property
    def _collected(self) -> frozenset[str]:
        return frozenset(
            f"{prefix}{key}"
            for prefix, machine in self._machines.items()
            for state in machine.states.values()
            for key in state.own_keys
        )

    @cached_property
    def _sources(self) -> Mapping[str, tuple[str, ...]]:
        """The keys of the machine around, or of one inside, that a key is filled from."""
        found: dict[str, tuple[str, ...]] = {}
        for prefix, machine in self._machines.items():
            for state in machine.states.values():
                for inside, outside in state.inputs.items():
                    path = f"{prefix}{state.id}/{inside}"
                    found[path] = (*found.get(path, ()), f"{prefix}{outside}")
                for inside, outside in state.outputs.items():
                    path = f"{prefix}{outside}"
                    found[path] = (*found.get(path, ()), f"{prefix}{state.id}/{inside}")
        return found


_MODEL, _UNASKED, _NOBODY = "model", "model unasked", "nobody"

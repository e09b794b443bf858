"""Who opens what, as rows: each privileged transition, handoff, tool, handler and final state, and the ways to it.

For each it is told which keys the guards on every way to it read, and which those on some ways, with who can write
each; and whether the model alone comes there. A reviewer sees at a glance what stands between whoever talks and an
effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from fsm_langgraph.checking.access.guarding_keys import GuardingKeys, entered
from fsm_langgraph.checking.access.key_writers import KeyWriters
from fsm_langgraph.checking.access.machine_access import MachineAccess, Reach
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.handlers import Handler, Handlers

Door = Literal["privileged", "handoff", "tool", "handler", "end"]


@dataclass(frozen=True, slots=True)
class ReadKey:
    """A key that guards read."""

    name: str
    """Its path: `payment/card`."""
    writers: tuple[str, ...]
    """Who can write it in the end: `model`, `handler`."""


@dataclass(frozen=True, slots=True)
class AccessRow:
    """Something that a conversation can come to, and what stands on the ways there."""

    door: Door
    """Its kind."""
    name: str
    """Its name: that of a state, a tool or a handler, or `ask -> vault` of a transition."""
    where: tuple[str, ...]
    """The paths of the states in which it is; none for a handler of every state."""
    always: tuple[ReadKey, ...]
    """The keys that the guards on every way read."""
    sometimes: tuple[ReadKey, ...]
    """The further keys that the guards on some ways read."""
    model: Literal["alone", "not alone", "not proved", "never"]
    """Whether the model alone comes there; `never` where no way leads there."""


def access_table(definition: FSMDefinition, handlers: Handlers | None = None) -> list[AccessRow]:
    """Return a row for each privileged transition, handoff, tool, handler and final state of a definition.

    Args:
        definition: The definition.
        handlers: The handlers of its graph, where they are to be told of too.
    """
    return [*_Table(definition).rows(handlers or Handlers())]


class _Table:
    def __init__(self, definition: FSMDefinition) -> None:
        self._definition = definition
        self._guarding = GuardingKeys(definition)
        self._writers = KeyWriters(definition)
        self._accesses = dict(_accesses(MachineAccess(MachineView(definition), proves_all=True), ""))

    def rows(self, handlers: Handlers) -> Iterator[AccessRow]:
        yield from self._transitions()
        yield from self._tools()
        for handler in handlers:
            yield self._of_handler(handler)
        for state in self._definition.states.values():
            if state.is_final:
                yield self._row("end", state.id, [(state.id, frozenset(), self._reach("", state))], (state.id,))

    def _transitions(self) -> Iterator[AccessRow]:
        for step in self._guarding.steps:
            transition = step.transition
            if transition is None or not (transition.privileged or transition.handoff):
                continue
            prefix, state, name = self._state_of(step.source)
            access = self._accesses[prefix]
            opened = access.opening(transition, state).by
            left = access.left(state, access.reach(state.id)) if state is not None else "model"
            reach: Reach | None = None
            if opened != "others" and left is not None:
                reach = "model" if opened == left == "model" else "unknown"
            way = [(step.source, frozenset(step.keys), reach)]
            title = f"{name} -> {prefix}{transition.target_state}"
            if transition.privileged:
                yield self._row("privileged", title, way, (name,))
            if transition.handoff:
                yield self._row("handoff", f"{title} ({transition.handoff})", way, (name,))

    def _tools(self) -> Iterator[AccessRow]:
        found: dict[str, list[tuple[str, State]]] = {}
        for prefix, machine in self._definition.machines():
            for state in machine.states.values():
                for tool in state.tools:
                    found.setdefault(tool, []).append((prefix, state))
        for tool, places in found.items():
            ways = [
                (self._node(prefix, state), frozenset[str](), self._reach(prefix, state)) for prefix, state in places
            ]
            yield self._row("tool", tool, ways, tuple(f"{prefix}{state.id}" for prefix, state in places))

    def _of_handler(self, handler: Handler) -> AccessRow:
        needed = frozenset(handler.has)
        paths = {path for path in self._definition.by_path if handler.runs_in(path)}
        targets = {path for path in handler.targets if path in self._definition.by_path}
        ways = [
            (self._node(prefix, state), needed, self._reach(prefix, state))
            for prefix, machine in self._definition.machines()
            for state in machine.states.values()
            if f"{prefix}{state.id}" in (targets or paths)
        ]
        is_everywhere = len(paths) == len(self._definition.by_path) and not targets
        where = () if is_everywhere else tuple(sorted(targets or paths))
        return self._row("handler", f"{handler.name} ({', '.join(sorted(handler.moments))})", ways, where)

    def _row(
        self, door: Door, name: str, ways: list[tuple[str, frozenset[str], Reach | None]], where: tuple[str, ...]
    ) -> AccessRow:
        reached = [
            (self._guarding.always(node) | own, self._guarding.sometimes(node) | own, reach)
            for node, own, reach in ways
            if self._guarding.is_reached(node)
        ]
        always = frozenset.intersection(*(each[0] for each in reached)) if reached else frozenset[str]()
        sometimes = frozenset[str]().union(*(each[1] for each in reached)) - always
        reaches = {each[2] for each in reached}
        model: Literal["alone", "not alone", "not proved", "never"] = "not alone" if reached else "never"
        if "model" in reaches:
            model = "alone"
        elif "unknown" in reaches:
            model = "not proved"
        return AccessRow(door, name, where, self._told(always), self._told(sometimes), model)

    def _told(self, keys: frozenset[str]) -> tuple[ReadKey, ...]:
        return tuple(ReadKey(key, self._writers.of(key)) for key in sorted(keys))

    def _reach(self, prefix: str, state: State) -> Reach | None:
        return self._accesses[prefix].reach(state.id)

    def _node(self, prefix: str, state: State) -> str:
        return entered(self._accesses[prefix].view.definition, prefix, state)

    def _state_of(self, node: str) -> tuple[str, State | None, str]:
        """Return the prefix, the state and the name of the place where a step begins."""
        prefix, _, name = node.rpartition("/")
        prefix = f"{prefix}/" if prefix else ""
        if name == "*":
            return prefix, None, f"{prefix}any state"
        return prefix, self._accesses[prefix].view.definition.states[name], node


def _accesses(access: MachineAccess, prefix: str) -> Iterator[tuple[str, MachineAccess]]:
    yield prefix, access
    for state in access.view.definition.states.values():
        if state.subflow is not None:
            yield from _accesses(access.inside(state), f"{prefix}{state.id}/")

"""How far the model alone comes in a machine: the keys that it may write, and the states that it can lead to.

    model    it gets there by transitions that it opens alone
    unknown  it gets there if some transitions can be opened by it of which nobody knows
    (absent) every way there has a transition that somebody else has to open

A guard that the model can open by itself is taken for one that it will open: it may write its keys anew at any time.
What it writes in a sub-machine comes back where the model alone can bring that to an end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Literal

from fsm_langgraph.checking.access.openings import Opening, Openings
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.trial import is_watched
from fsm_langgraph.context.machine_keys import MACHINE_KEYS
from fsm_langgraph.context.writes import is_writable
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import GlobalTransition, State, Transition

Reach = Literal["model", "unknown"]


class MachineAccess:
    """How far the model alone comes in one machine.

    Args:
        view: The machine.
        outer: The same for the machine around it.
        proves_all: Whether also a guard that the model alone may open is shown to hold at all, which takes its time.
    """

    def __init__(self, view: MachineView, outer: MachineAccess | None = None, *, proves_all: bool = False) -> None:
        self.view = view
        self._proves_all = proves_all
        self._outer = outer if outer is not None or view.outer is None else view.outer.once(MachineAccess)
        self._inside: dict[str, MachineAccess] = {}
        self._may_write: dict[str, bool] = {}
        self._openings = Openings(view, self.may_write)

    def may_write(self, key: str) -> bool:
        """Say whether the model may write a key; the machine's own come about by what the user does."""
        if key not in self._may_write:
            self._may_write[key] = False  # what goes in and only comes back again is nobody's
            self._may_write[key] = (
                key in MACHINE_KEYS
                or is_writable(self.view.definition, key, "model")
                or any(other.may_write(name) for _, other, name in self.comes_from(key))
            )
        return self._may_write[key]

    def comes_from(self, key: str) -> Iterator[tuple[State, MachineAccess, str]]:
        """Go through the keys of other machines from which a key comes, each with the state at the border.

        They are those of the machine around that go in, and those that the model may write in sub-machines that it
        alone can end.
        """
        for state, around in self._running:
            if key in state.inputs:
                yield state, around, state.inputs[key]
        for state, inside in self._outputs.get(key, ()):
            inner = self.inside(state)
            if inner.may_write(inside) and inner.end == "model":
                yield state, inner, inside

    def opening(self, transition: Transition, state: State | None = None) -> Opening:
        """Say who opens a transition out of a state, or a global one."""
        if self._proves_all:
            return self.witness(transition, state)
        return self._openings.of(transition, None if isinstance(transition, GlobalTransition) else state)

    def witness(self, transition: Transition, state: State | None = None) -> Opening:
        """Say the same of one that the model opens, with a context that shows it."""
        return self._openings.witness(transition, None if isinstance(transition, GlobalTransition) else state)

    def inside(self, state: State) -> MachineAccess:
        """Return the same for the sub-machine that a state runs."""
        if state.id not in self._inside:
            inner = self.view.definition.subflows[str(state.subflow)]
            self._inside[state.id] = MachineAccess(
                MachineView(inner, at("subflows", str(state.subflow)), self.view, (state,)),
                self,
                proves_all=self._proves_all,
            )
        return self._inside[state.id]

    def reach(self, state: str) -> Reach | None:
        """Say how the model alone comes to a state of this machine; `None` where it does not."""
        return _both(self._entered, self._reached.get(state))

    @cached_property
    def end(self) -> Reach | None:
        """How the model alone brings the machine to an end, once it has begun."""
        states = self.view.definition.states.values()
        return _best(self.left(each, self._reached.get(each.id)) for each in states if each.is_final)

    @cached_property
    def _entered(self) -> Reach | None:
        """How the model alone comes to a state in which the machine runs."""
        if not self._running:
            return "model"
        return _best(around.reach(state.id) for state, around in self._running)

    @cached_property
    def _running(self) -> list[tuple[State, MachineAccess]]:
        """The states that run it, each with its machine: the one right around it, or one that this has inside."""
        around = self._outer.with_inner() if self._outer is not None else ()
        return [
            (state, access)
            for access in around
            for state in self.view.runs_in
            if access.view.definition.states.get(state.id) is state
        ]

    def with_inner(self) -> Iterator[MachineAccess]:
        """Go through this machine and those that its states run, those inside of these too."""
        yield self
        for state in self.view.definition.states.values():
            if state.subflow is not None:
                yield from self.inside(state).with_inner()

    @cached_property
    def _reached(self) -> Mapping[str, Reach]:
        """The states that the model alone comes to, once the machine has begun: those that are sure first."""
        found: dict[str, Reach] = {self.view.definition.initial_state: "model"}
        for wanted in _SURE_FIRST:
            waiting = [*found]
            while waiting:
                for target in self._next(waiting.pop(), wanted):
                    if target not in found:
                        found[target] = wanted
                        waiting.append(target)
        return found

    def _next(self, name: str, wanted: Reach) -> Iterator[str]:
        """Go through the states that transitions lead to which are open to the model, for sure or perhaps."""
        state = self.view.definition.states[name]
        ended = self.left(state, "model")
        for transition in (*state.transitions, *self._globals_of(state)):
            left = "model" if isinstance(transition, GlobalTransition) else ended
            opened = self.opening(transition, state).by
            if left is not None and opened != "others" and (wanted == "unknown" or left == opened == "model"):
                yield transition.target_state

    def _globals_of(self, state: State) -> tuple[Transition, ...]:
        leading = self.view.definition.global_transitions
        return tuple(each for each in leading if is_watched(state, is_conditional=bool(each.conditions)))

    def left(self, state: State, how: Reach | None) -> Reach | None:
        """Say how the model alone comes to the transitions of a state, where a sub-machine may have to end first."""
        return how if state.subflow is None else _both(how, self.inside(state).end)

    @cached_property
    def _outputs(self) -> Mapping[str, list[tuple[State, str]]]:
        """The keys that come back from sub-machines, each with the states that run these and its name inside."""
        found: dict[str, list[tuple[State, str]]] = {}
        for state in self.view.definition.states.values():
            for inside, outside in state.outputs.items():
                found.setdefault(outside, []).append((state, inside))
        return found


_SURE_FIRST: tuple[Reach, ...] = ("model", "unknown")


def _best(found: Iterable[Reach | None]) -> Reach | None:
    ways = {*found}
    return next((reach for reach in _SURE_FIRST if reach in ways), None)


def _both(one: Reach | None, other: Reach | None) -> Reach | None:
    if one is None or other is None:
        return None
    return "model" if one == other == "model" else "unknown"

"""The listener of one machine: it notes what its turns cover.

Conditions and their comparisons are noted where a transition is judged, in the context that it is judged by. A turn
that fails later counts too, as a line of code does that was run. All else is read from the record of a turn, so that of
a turn that failed does not count: the conversation is as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.context.answered_keys import is_answered
from fsm_langgraph.context.presence import missing_keys
from fsm_langgraph.definition import Condition, FSMDefinition, GlobalTransition, Transition
from fsm_langgraph.exits import joined
from fsm_langgraph.handlers import Event, Handler
from fsm_langgraph.testing.coverage.coverable import handler_place, logic_place, transitions_of
from fsm_langgraph.testing.coverage.logic_leaves import Leaves, find_leaves
from fsm_langgraph.testing.coverage.measured import Measured

_Judge = Callable[[Mapping[str, JsonValue], Set[str]], None]


class MachineListener:
    """Notes what the turns of a machine cover.

    Args:
        definition: The definition of the outermost machine.
        measured: Where it is noted.
    """

    def __init__(self, definition: FSMDefinition, measured: Measured) -> None:
        self._measured = measured
        self._machines = {prefix.removesuffix("/"): machine for prefix, machine in definition.machines()}
        self._judges: dict[tuple[str, int], list[_Judge]] = {}
        self._places: dict[tuple[str, int], str] = {}
        self._confirming: list[tuple[str, str, frozenset[str]]] = []
        for path, machine in self._machines.items():
            for place, _, transition in transitions_of(f"{path}/" if path else "", machine):
                key = path, id(transition)
                self._places[key] = place
                conditions = [(f"{place}.conditions[{i}]", each) for i, each in enumerate(transition.conditions)]
                self._judges[key] = [self._judge(machine, where, each) for where, each in conditions]
                self._confirming += (
                    (path, where, frozenset(each.confirming)) for where, each in conditions if each.confirms
                )

    def judged(self, machine: str, transition: Transition, context: Mapping[str, JsonValue], written: Set[str]) -> None:
        """Note the outcomes of a transition's conditions, and of their comparisons."""
        for judge in self._judges[machine, id(transition)]:
            judge(context, written)

    def ran(self, handler: Handler, event: Event) -> None:
        """Note a handler that runs."""
        state = event.state if handler.states else ""
        self._measured.note("handler", handler_place(handler.name, event.moment, state), "ran")

    def landed(self, record: Mapping[str, Any]) -> None:
        """Note where a turn has gone through, and what was said there."""
        note = self._measured.note
        for path in record["path"]:
            parts = path.split("/")
            for depth in range(1, len(parts) + 1):
                state = "/".join(parts[:depth])
                note("state", state, "entered")
                if depth < len(parts):
                    note("sub-machine", state, "entered")
        for path in record["said"]:
            note("words", path, "said")
        for step in record["steps"]:
            self._note_step(step)
        self._note_unconfirmed(record)

    def _judge(self, definition: FSMDefinition, place: str, condition: Condition) -> _Judge:
        """Make what notes the outcomes of one condition."""
        declared, defaults, note = frozenset(definition.context or ()), definition.defaults, self._measured.note
        logic = find_leaves(condition.logic, declared) if condition.logic is not None else _ALWAYS

        def note_leaf(leaf: str, is_true: bool) -> None:
            note("comparison", f"{place}.{logic_place(leaf)}", _told(is_true))

        def judge(context: Mapping[str, JsonValue], written: Set[str]) -> None:
            holds = logic.evaluate(context, note_leaf)
            for index, key in enumerate(condition.requires_context_keys):
                is_there = not missing_keys(context, (key,), declared)
                note("comparison", f"{place}.requires_context_keys[{index}]", _told(is_there))
                holds = holds and is_there
            for index, key in enumerate(condition.answered_context_keys):
                answered = is_answered(context, key, defaults, written)
                note("comparison", f"{place}.answered_context_keys[{index}]", _told(answered))
                holds = holds and answered
            if holds and condition.confirms:
                note("comparison", f"{place}.confirms", "true")
            note("condition", place, _told(holds))

        return judge

    def _note_step(self, step: Mapping[str, Any]) -> None:
        machine, _, state_id = step["state"].rpartition("/")
        state = self._machines[machine].states[state_id]
        if step["why"] == "returned":
            for digression in self._machines[machine].global_transitions:
                if digression.returns and state_id in _onward(self._machines[machine], digression.target_state):
                    self._measured.note("digression", self._places[machine, id(digression)], "returned")
            return
        judged = [*_paired(step["candidates"], self._candidates(machine, state_id))]
        # While a sub-machine runs only the global transitions are looked at around it.
        if state.subflow is not None and any(not isinstance(each, GlobalTransition) for _, _, each in judged):
            self._measured.note("sub-machine", step["state"], "ended")
        if step["target_state"] is None:
            return
        for found, owner, transition in judged:
            leads_there = joined(owner, transition.target_state) == step["target_state"]
            if leads_there and found["enabled"] and not found["passed_over"]:
                self._measured.note("transition", self._places[owner, id(transition)], "taken")
                return

    def _candidates(self, machine: str, state_id: str) -> Iterator[tuple[str, Transition]]:
        """Yield all that may be looked at in a state, with the machines that they belong to, in the router's order."""
        definition = self._machines[machine]
        offered = definition.transitions_from(definition.states[state_id])
        watched = [each for each in definition.global_transitions if not any(each is other for other in offered)]
        yield from ((machine, each) for each in (*offered, *watched))
        while machine:
            machine = machine.rpartition("/")[0]
            yield from ((machine, each) for each in self._machines[machine].global_transitions)

    def _note_unconfirmed(self, record: Mapping[str, Any]) -> None:
        """Note the confirmations that did not count, in the machines that the turn has gone through."""
        refused = {each["key"] for each in record["rejected"] if each["kind"] == "unconfirmed"}
        machines = {path.rpartition("/")[0] for path in record["path"]}
        for machine, place, keys in self._confirming if refused else ():
            if machine in machines and not keys.isdisjoint(refused):
                self._measured.note("comparison", f"{place}.confirms", "false")


_ALWAYS = Leaves((), lambda _, __: True)


def _told(is_true: bool) -> str:
    return "true" if is_true else "false"


def _paired(
    candidates: Sequence[Mapping[str, Any]], transitions: Iterator[tuple[str, Transition]]
) -> Iterator[tuple[Mapping[str, Any], str, Transition]]:
    """Find the transition of each candidate of a record, which stand in the same order; some were not looked at."""
    waiting = [*transitions]
    for candidate in candidates:
        named = candidate["target_state"], candidate["description"]
        at = next((i for i, (_, t) in enumerate(waiting) if (t.target_state, t.description) == named), None)
        if at is not None:
            yield candidate, *waiting[at]
            del waiting[at]


def _onward(definition: FSMDefinition, target: str) -> set[str]:
    """Return the states that are reached from one by the transitions of states."""
    reached: set[str] = set()
    waiting = [target]
    while waiting:
        state_id = waiting.pop()
        if state_id not in reached:
            reached.add(state_id)
            waiting += (each.target_state for each in definition.states[state_id].transitions)
    return reached

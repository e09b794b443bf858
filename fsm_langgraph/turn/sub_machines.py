"""From a machine into the sub-machine that runs in one of its states, and back: what goes in, and what comes out.

A turn that goes inside stays the same turn, with a scope for the machine inside. Keys go in as `inputs` when the
sub-machine begins, and again when the machine around it learns better; they come back as `outputs` when it has ended.
`inside.py` has the steps.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from fsm_langgraph.context.writes import Writes, apply, check_writes
from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.errors import StateError
from fsm_langgraph.machine import Machine
from fsm_langgraph.routing import Verdict
from fsm_langgraph.turn.frames import Frame, make_frame
from fsm_langgraph.turn.record import rejected_write
from fsm_langgraph.turn.scope import Scope
from fsm_langgraph.turn.turn import Turn


def open_frame(machine: Machine, state: State) -> Frame:
    """Begin the sub-machine that runs in a state."""
    inner = machine.inner[state.id].definition
    return make_frame(state.id, inner.initial_state, inner.defaults)


def frame_of(state: State, inside: Scope, current: str) -> Frame:
    """Write down where a sub-machine has come to."""
    return make_frame(state.id, current, inside.context, left=inside.left, sub_machine=inside.frame)


def descend(
    machine: Machine, state: State, turn: Turn, scope: Scope, frame: Frame, *, is_new: bool
) -> tuple[Turn, Scope]:
    """Make the turn and the scope that go on inside.

    Args:
        machine: The machine that the state belongs to.
        state: The state that the sub-machine runs in.
        turn: The turn, as it has come there.
        scope: The machine's part of it.
        frame: Where the sub-machine stands.
        is_new: Whether it begins now.

    Raises:
        StateError: The sub-machine was stored in a state that its definition no longer has.
    """
    inner = machine.inner[state.id]
    if frame["current_state"] not in inner.definition.states:
        raise StateError(inner.path(frame["current_state"]), map(inner.path, inner.definition.states))
    # Once it has begun it has values of its own, and takes only what the machine around it has learned since.
    news = scope.context.keys() if is_new else scope.changed
    writes = _inputs(inner.definition, state, scope.context, news)
    foreseen = _inputs(inner.definition, state, scope.foreseen, state.inputs.values())
    inside = Scope(
        base=frame["context"],
        context=apply(frame["context"], writes.accepted),
        foreseen=apply(frame["context"], foreseen.accepted),
        given=[key for key, outer in state.inputs.items() if outer in (*scope.learned, *scope.given)],
        left=frame["left"],
        frame=frame["sub_machine"],
        closed_exits=_closed(machine, state, scope),
    )
    return replace(turn, rejected=[*turn.rejected, *map(rejected_write, writes.rejected)]), inside


def outputs(definition: FSMDefinition, state: State, inside: Mapping[str, Any]) -> Writes:
    """Return what comes back from a sub-machine that has ended."""
    # With a handler's rights: what was checked inside may go into keys that no model may write.
    given = ((outer, inside.get(key)) for key, outer in state.outputs.items())
    return check_writes(definition, given, "handler")


def exit_verdicts(machine: Machine, scope: Scope, state: State) -> list[Verdict]:
    """Say of the exits that a state knows which are open, as the machines around it have found."""
    verdicts: list[Verdict] = []
    for transition in machine.exits_in[state.id]:
        missing, failed = scope.closed_exits.get(transition.target_state, ((), ()))
        verdicts.append(Verdict(transition, tuple(missing), tuple(failed)))
    return verdicts


def _inputs(definition: FSMDefinition, state: State, outside: Mapping[str, Any], keys: Collection[str]) -> Writes:
    """Return what goes into a sub-machine, of these keys of the machine around it."""
    given = ((key, outside.get(outer)) for key, outer in state.inputs.items() if outer in keys)
    return check_writes(definition, given, "caller")


def _closed(machine: Machine, state: State, scope: Scope) -> dict[str, tuple[list[str], list[str]]]:
    """Judge the exits of the sub-machine in this state, whose conditions read the context of this machine."""
    own = machine.routers[state.id].judge_globals(scope.context)
    verdicts = {verdict.transition.target_state: verdict for verdict in own}
    outer = {name: why for name, why in scope.closed_exits.items() if name not in verdicts}
    closed = {
        name: ([*verdict.missing], [*verdict.failed]) for name, verdict in verdicts.items() if not verdict.enabled
    }
    return {**outer, **closed}

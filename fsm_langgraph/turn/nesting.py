"""From a machine into the sub-machine that runs in one of its states, and back.

A turn that goes inside keeps what belongs to the turn (its message, its record) and changes what belongs to a machine:
the context, what was learned in it, where digressions left. Keys go in as `inputs` when the sub-machine begins, and
again when the machine around it learns better; they come back as `outputs` when it has ended.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

from fsm_langgraph.context.writes import Writes, apply, check_writes
from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.errors import StateError
from fsm_langgraph.machine import Machine
from fsm_langgraph.routing import Verdict
from fsm_langgraph.turn.frames import Frame
from fsm_langgraph.turn.record import rejected_write
from fsm_langgraph.turn.turn import How, Turn

_OWN = frozenset({"base", "context", "entered", "learned", "forgotten", "left", "frame", "closed_exits", "foreseen"})
"""What of a turn belongs to one machine and not to those around it or inside."""


def open_frame(machine: Machine, state: State) -> Frame:
    """Begin the sub-machine that runs in a state."""
    inner = machine.inner[state.id].definition
    return Frame(of=state.id, current_state=inner.initial_state, context=inner.defaults, left=[], sub_machine=None)


def descend(machine: Machine, state: State, turn: Turn, frame: Frame, *, is_new: bool) -> tuple[Turn, How]:
    """Make the turn that goes on inside, and say how it does.

    Args:
        machine: The machine that the state belongs to.
        state: The state that the sub-machine runs in.
        turn: The turn, as it has come there.
        frame: Where the sub-machine stands.
        is_new: Whether it begins now.

    Raises:
        StateError: The sub-machine was stored in a state that its definition no longer has.
    """
    inner = machine.inner[state.id]
    if frame["current_state"] not in inner.definition.states:
        raise StateError(inner.path(frame["current_state"]), map(inner.path, inner.definition.states))
    news = turn.context.keys() if is_new else turn.changed
    writes = _inputs(inner.definition, state, turn.context, news)
    foreseen = _inputs(inner.definition, state, turn.foreseen, state.inputs.values())
    inside = replace(
        turn,
        base=frame["context"],
        context=apply(frame["context"], writes.accepted),
        foreseen=apply(frame["context"], foreseen.accepted),
        entered=[],
        learned=[],
        forgotten=[],
        left=[*frame["left"]],
        frame=frame["sub_machine"],
        closed_exits=_closed(machine, state, turn),
        rejected=[*turn.rejected, *map(rejected_write, writes.rejected)],
    )
    return inside, "enter" if is_new else "begin"


def ascend(turn: Turn, inside: Turn, place: str) -> None:
    """Take back what a turn has become inside the sub-machine at this place."""
    for part in fields(Turn):
        if part.init and part.name not in _OWN:
            setattr(turn, part.name, getattr(inside, part.name))
    turn.changed_inside = [*turn.changed_inside, *(f"{place}/{key}" for key in sorted(inside.changed))]


def frame_of(state: State, inside: Turn, current: str) -> Frame:
    """Write down where a sub-machine has come to."""
    return Frame(of=state.id, current_state=current, context=inside.context, left=inside.left, sub_machine=inside.frame)


def _inputs(definition: FSMDefinition, state: State, outside: Mapping[str, Any], keys: Collection[str]) -> Writes:
    """Return what goes into a sub-machine, of these keys of the machine around it."""
    given = ((key, outside.get(outer)) for key, outer in state.inputs.items() if outer in keys)
    return check_writes(definition, given, "caller")


def outputs(definition: FSMDefinition, state: State, inside: Mapping[str, Any]) -> Writes:
    """Return what comes back from a sub-machine that has ended."""
    given = ((outer, inside.get(key)) for key, outer in state.outputs.items())
    return check_writes(definition, given, "handler")


def exit_verdicts(machine: Machine, turn: Turn, state: State) -> list[Verdict]:
    """Say of the exits that a state knows which are open, as the machines around it have found."""
    verdicts: list[Verdict] = []
    for transition in machine.exits_in[state.id]:
        missing, failed = turn.closed_exits.get(transition.target_state, ((), ()))
        verdicts.append(Verdict(transition, tuple(missing), tuple(failed)))
    return verdicts


def _closed(machine: Machine, state: State, turn: Turn) -> dict[str, tuple[list[str], list[str]]]:
    """Judge the exits of the sub-machine in this state, whose conditions read the context of this machine."""
    own = machine.routers[state.id].judge_globals(turn.context)
    verdicts = {verdict.transition.target_state: verdict for verdict in own}
    outer = {name: why for name, why in turn.closed_exits.items() if name not in verdicts}
    closed = {
        name: ([*verdict.missing], [*verdict.failed]) for name, verdict in verdicts.items() if not verdict.enabled
    }
    return {**outer, **closed}

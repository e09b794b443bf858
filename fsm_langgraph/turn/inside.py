"""A state that runs a sub-machine: the turn goes on inside, and comes out when that has ended or is left."""

from __future__ import annotations

from fsm_langgraph.context.writes import apply, changed_keys
from fsm_langgraph.definition import GlobalTransition
from fsm_langgraph.turn.asking import Descend
from fsm_langgraph.turn.leaving import digress, follow, leave
from fsm_langgraph.turn.nesting import ascend, descend, frame_of, open_frame, outputs
from fsm_langgraph.turn.part import Part, Steps
from fsm_langgraph.turn.record import rejected_write
from fsm_langgraph.turn.speaking import speak
from fsm_langgraph.turn.turn import Next, Turn


def go_inside(part: Part) -> Steps:
    """Have the sub-machine of this state go on; when it has ended, follow this state's own transitions."""
    state, turn, machine = part.state, part.turn, part.machine
    is_new = turn.frame is None
    if turn.frame is None:
        turn.frame = open_frame(machine, state)
        if turn.held_for == part.path:
            turn.held_for = machine.inner[state.id].path(turn.frame["current_state"])
    route = yield from leave(part, None)
    if route.transition is not None:
        return follow(part, route)
    inside, how = descend(machine, state, turn, turn.frame, is_new=is_new)
    landed = yield Descend(inside.pack(Next(turn.frame["current_state"], how)), part.history)
    assert isinstance(landed, dict)  # noqa: S101 - what answers a Descend; generators cannot say so
    inside = Turn.unpack(landed)
    ascend(turn, inside, part.path)
    turn.frame = frame_of(state, inside, landed["at"])
    match landed["how"]:
        case "exit":
            return go_out(part, landed["next"])
        case "ended":
            return (yield from come_out(part, inside))
    return None


def go_out(part: Part, target: str) -> Next:
    """Leave the sub-machine of this state by a global transition of this machine, or of one around it."""
    for way in part.machine.definition.transitions_from(part.state):
        if isinstance(way, GlobalTransition) and way.target_state == target:
            digress(part, way, part.turn)
            return Next(target)
    return Next(target, "exit")


def come_out(part: Part, inside: Turn) -> Steps:
    """Leave the sub-machine of this state, which has ended: what it has found comes back."""
    turn, before = part.turn, part.turn.context
    turn.frame = None
    writes = outputs(part.machine.definition, part.state, inside.context)
    turn.context = apply(turn.context, writes.accepted)
    turn.rejected = [*turn.rejected, *map(rejected_write, writes.rejected)]
    if changed_keys(before, turn.context):
        yield from part.handle("CONTEXT_UPDATE")
    onward = follow(part, (yield from leave(part, None)))
    if onward is None:
        turn.path.append(part.path)
        return (yield from speak(part))
    return onward

"""What the model is asked to decide, and what becomes of its reply.

The reply is judged the moment all but its message is there: what of it holds is applied, handlers run, the route is
chosen, and then it is said whether the message that follows fits the state where that leads. This runs in the middle
of the model's stream, by the gate of the model.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import partial
from typing import Any

from langchain_core.messages import AIMessage

from fsm_langgraph.context.writes import Context, apply, changed_keys, check_writes
from fsm_langgraph.handlers import Event, Handle, Moment, Outcome
from fsm_langgraph.models.call import Decision
from fsm_langgraph.prompts.lookups import NOTHING, Live
from fsm_langgraph.prompts.prompt import Mode, visible_context
from fsm_langgraph.replies.reply import read_reply
from fsm_langgraph.routing import Route
from fsm_langgraph.turn.asking import Inquiry
from fsm_langgraph.turn.leaving import digress, find_route, follow, leave
from fsm_langgraph.turn.nesting import descend, open_frame
from fsm_langgraph.turn.part import Part, Steps
from fsm_langgraph.turn.record import RejectedWrite, rejected_write
from fsm_langgraph.turn.speaking import is_outdated


def ask_to_decide(part: Part, mode: Mode) -> Steps:
    """Ask the model for a decision; what of it holds is applied while the reply comes in."""
    turn = part.turn
    yield from part.handle("PRE_PROCESSING")
    routes: list[Route] = []
    known, inquiry = turn.context, Inquiry(part.machine, part.state, turn, part.history, mode)
    while True:
        live = yield from part.look_up(mode)
        judge = partial(decide, part, known=known, mode=mode, live=live, routes=routes)
        call, message = yield from inquiry.ask(live, decide=judge)
        if call.tool_calls is None:
            break
        yield from inquiry.use_tools(call)
    turn.reasoning = call.reasoning or turn.reasoning
    turn.rejected += (RejectedWrite(key=key, reason="came after the message", kind="key") for key in call.late)
    if message.text:
        turn.message = message
    elif call.held.strip():
        turn.message, turn.held_for = AIMessage(call.held.strip(), id=turn.message_id), turn.proposed
    return follow(part, routes[-1])


def decide(
    part: Part, members: dict[str, Any], *, known: Context, mode: Mode, live: Live, routes: list[Route]
) -> Generator[Handle, Outcome, Decision]:
    """Judge a reply the moment it is complete but for its message; say what becomes of the message."""
    turn = part.turn
    reply = read_reply(members)
    writes = check_writes(part.machine.definition, reply.updates, "model")
    turn.foreseen = apply(visible_context(part.machine.definition, part.state, turn.context), writes.accepted)
    turn.context = apply(turn.context, writes.accepted)
    turn.why = None  # where the conversation began has decided something after all
    turn.proposed, turn.reasoning = part.named(reply.target_state), reply.reasoning or turn.reasoning
    turn.learned = [*turn.learned, *writes.accepted]
    turn.rejected = [*turn.rejected, *map(rejected_write, writes.rejected)]

    if changed_keys(known, turn.context):
        yield from part.handle("CONTEXT_UPDATE")
    yield from part.handle("POST_PROCESSING")
    route = yield from leave(part, reply.target_state)
    routes.append(route)
    if mode == "think" or part.turn.refused_values:
        return "refuse"
    return fate(part, route, reply.target_state, live)


def fate(part: Part, route: Route, proposed: str, live: Live) -> Decision:
    """Say what becomes of a message that was written for the proposed state, with what the store had for it."""
    transition = route.transition
    landing = transition.target_state if transition is not None else part.state.id
    if landing != proposed or route.is_exit:
        return "refuse"
    if transition is None:
        return "refuse" if is_outdated(part) or not live.still_holds(landing, part.turn.context) else "show"
    ahead = Part(part.machine, part.machine.definition.states[landing], replace(part.turn), part.history)
    digress(part, transition, ahead.turn)
    return welcome(ahead, live)


def welcome(part: Part, live: Live) -> Decision:
    """Say what would become of a message that was written for this state, if the turn entered it now."""
    state, turn = part.state, part.turn
    if len(turn.path) >= part.machine.max_steps:
        return "refuse"  # the turn is going to fail there
    if (not state.listens and not state.silent) or (state.is_final and state.silent and turn.left):
        return "refuse"
    if part.has_ended and part.machine.place:
        return "refuse"
    if state.tools and part.path != turn.path[-1]:
        return "refuse"  # another state has written it, and only this one's calls may use the tools
    turn.path = [*turn.path, part.path]
    if state.is_entered_once:
        turn.entered = [*turn.entered, state.id]
    turn.forget(state.forget)
    if has_entry_handlers(part):
        # What they write, in the context or the store, may be what the state's texts read there.
        return "refuse" if live.is_read_by(state.id) else "hold"
    if is_outdated(part) or not live.still_holds(state.id, turn.context):
        return "refuse"
    if state.subflow is None:
        return "show" if find_route(part, None).transition is None else "refuse"
    frame = open_frame(part.machine, state)
    inside, _ = descend(part.machine, state, turn, frame, is_new=True)
    inside.learned = [key for key, outer in state.inputs.items() if outer in turn.learned]
    inner = part.machine.inner[state.id]
    return welcome(Part(inner, inner.definition.states[frame["current_state"]], inside, part.history), NOTHING)


def has_entry_handlers(part: Part) -> bool:
    """Say whether handlers are going to run as the state is entered, which may yet lead the turn elsewhere."""
    moments: list[Moment] = ["POST_TRANSITION"]
    if part.has_ended:
        moments.append("END_CONVERSATION")
    seen = Event("POST_TRANSITION", part.path, part.turn.context, updated=part.turn.changed)
    handlers = (handler for moment in moments for handler in part.machine.handlers.in_state(moment, seen.state))
    return any(handler.applies(seen) for handler in handlers)

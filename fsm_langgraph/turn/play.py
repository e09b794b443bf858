"""One state's part in a turn, from the top: a coroutine that awaits what it wants from outside.

    begin ──┬─ only speaks: pass the message on ──────────────┐
            ├─ a message to read: understand ── route ──┬─────┤
            └─ otherwise: arrive                        │     ├──> the next state enters
    enter ── forget ── arrive ──┬─ moves on by itself ──│─────┘
                                ├─ message unread: understand
                                └─ give the message ──> land
    in all of them ── a sub-machine runs here: go inside ──┬─ it waits: land
                                                           └─ it has ended, or is left: route

Logic only: no I/O, and nothing of LangGraph's. It wants model calls (`AskModel`, `ShowMessage`), handlers
(`RunHandler`), tools (`UseTool`), items of the store (`Fetch`) and sub-machines (`Descend`). In the middle of a model
call, when all but the message is there, the gate of the model runs `decide` in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage

from fsm_langgraph.definition import State
from fsm_langgraph.errors import TurnError
from fsm_langgraph.machine import Machine
from fsm_langgraph.models.asking import ShowMessage
from fsm_langgraph.models.gate import GatedModel
from fsm_langgraph.turn.beginning import new_turn, take_edits
from fsm_langgraph.turn.decision import ask_to_decide
from fsm_langgraph.turn.inside import go_inside
from fsm_langgraph.turn.landing import land
from fsm_langgraph.turn.leaving import back, follow, leave
from fsm_langgraph.turn.message import give_message, speak
from fsm_langgraph.turn.part import Part
from fsm_langgraph.turn.record import passing
from fsm_langgraph.turn.stored_turn import pack, unpack
from fsm_langgraph.turn.turn import How, Next, Turn


async def play(machine: Machine, state: State, values: Mapping[str, Any], model: GatedModel) -> dict[str, Any]:
    """Play one state's part in a turn; return the update of the graph's state.

    Args:
        machine: The machine that the state belongs to.
        state: The state whose part it is.
        values: The graph's state: `messages`, `context`, `turn`, and `sub_machine` where there is any.
        model: The model that answers in this run.

    Raises:
        TurnError: The turn failed.
    """
    stored = values["turn"]
    how: How = stored.get("how", "begin")
    if "next" in stored:
        turn, scope = unpack(stored)
        if not machine.runs_in:  # the stored context is the outermost machine's
            take_edits(turn, scope, values["context"])
    else:
        turn, scope = new_turn(machine.definition, state, values, stored)
    part = Part(machine, state, turn, scope, history_of(turn, values), model)
    onward = await go(part, how)
    if onward is None and machine.runs_in:
        onward = Next(state.id, "ended" if part.has_ended else "waits")
    if onward is not None:
        return {"turn": pack(part.turn, scope, onward, at=state.id)}
    return land(state, part.turn, scope, values["context"], nests=bool(machine.inner))


async def recover(
    machine: Machine, state: State, values: Mapping[str, Any], model: GatedModel, error: TurnError
) -> dict[str, Any] | None:
    """Ask the `ERROR` handlers about a turn that has failed in this state of the outermost machine.

    Args:
        machine: The machine.
        state: The state.
        values: The graph's state.
        model: A model, to show a message with.
        error: The error.

    Returns:
        The update of a turn that ends where it began, with the message that a handler gave; `None` where none did.
    """
    stored = values["turn"]
    began = machine.definition.states[stored["began"]] if "next" in stored else state
    # Nothing that the failed turn has found is kept: a new one begins where it began, and ends there.
    turn, scope = new_turn(machine.definition, began, values, stored)
    turn.why, known = "failed", scope.context
    part = Part(machine, state, turn, scope, history_of(turn, values), model)
    text = await part.handle("ERROR", error=error)
    if not text:
        return None
    turn.message = AIMessage(text, id=turn.message_id)
    await ShowMessage(model, text, turn.message_id)
    update = land(began, turn, scope, known, nests=bool(machine.inner))
    # What was news to this turn is news to the next one; a conversation that was to begin has still to begin.
    return {**update, "turn": {**update["turn"], "base": stored.get("base")}}


async def go(part: Part, how: How) -> Next | None:
    """Go on in the state, in the way in which the turn has come to it."""
    match how:
        case "enter":
            return await enter(part)
        case "return":
            return await come_back(part)
        case _:
            return await begin(part)


async def begin(part: Part) -> Next | None:
    """Start a turn in the state that the conversation is in."""
    state, turn, scope = part.state, part.turn, part.scope
    if turn.is_first:
        await part.handle("START_CONVERSATION")
    # Without a frame the sub-machine has ended, and the state is one like any other.
    if state.subflow is not None and (turn.is_first or turn.is_moved or scope.frame is not None):
        turn.why = "began" if turn.is_first else None
        return await go_inside(part)
    if turn.unread and state.is_final and scope.left:  # a digression is over; what it left reads the message
        return back(part)
    if turn.is_first or state.is_final:
        turn.why = "began" if turn.is_first else "ended"
    elif turn.unread and state.only_speaks:
        target = state.transitions[0].target_state
        turn.steps = [*turn.steps, passing(part.path, part.machine.path(target))]
        await part.handle("PRE_TRANSITION", target=part.machine.path(target))
        return Next(target)
    elif turn.unread and state.hears:
        return await understand(part)
    return await arrive(part)


async def enter(part: Part) -> Next | None:
    """Come into the state along a transition."""
    state, scope = part.state, part.scope
    scope.frame = None  # that of the state before; a digression has kept it
    part.step_in()
    if state.is_entered_once:
        scope.entered = [*scope.entered, state.id]
    draft = part.turn.draft
    # A message for another state than its writer's is written with what that state forgets in mind.
    scope.forget(state.forget, is_foreseen=draft is not None and draft.written_in != part.path == draft.written_for)
    await part.handle("POST_TRANSITION", source=part.turn.path[-2])
    return await (arrive(part) if state.subflow is None else go_inside(part))


async def come_back(part: Part) -> Next | None:
    """Go on where a digression had left."""
    part.step_in()
    if part.scope.frame is not None:
        return await go_inside(part)
    if part.turn.unread and part.state.hears:
        return await understand(part)
    return await speak(part)


async def arrive(part: Part) -> Next | None:
    """Stand in the state: go on from it, read the message that waits, or give the turn's message."""
    state, turn = part.state, part.turn
    if state.is_final and part.scope.left and state.silent:  # a digression that has nothing to say
        return back(part)
    if part.has_ended and part.machine.runs_in:
        turn.message = turn.draft = None  # the machine around this one goes on, and has its own words
        return None
    if part.has_ended and turn.why != "ended":
        await part.handle("END_CONVERSATION")
    if not state.listens and not state.silent:
        onward = await ask_to_decide(part, "think", go)
    else:
        onward = follow(part, await leave(part, None))
    if onward is not None:
        return onward
    has_message = turn.message is not None or turn.draft is not None
    if turn.unread and not has_message and state.listens and not state.only_speaks and not state.is_final:
        turn.steps = turn.steps[:-1]  # that it waits on arrival says nothing: the message is still to be read
        return await understand(part)
    return await give_message(part)


async def understand(part: Part) -> Next | None:
    """Read the user's message, and answer it if the answer fits where that leads."""
    # In two calls the first brings no message; the landing state writes it in the second.
    onward = await ask_to_decide(part, "understand" if part.state.calls == "one" else "think", go)
    part.turn.unread = False
    return onward if onward is not None else await give_message(part)


def history_of(turn: Turn, values: Mapping[str, Any]) -> list[AnyMessage]:
    """Return the conversation, without the copies of a message that was sent again."""
    return [message for message in values["messages"] if message.id not in turn.repeated]

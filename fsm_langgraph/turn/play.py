"""One state's part in a turn: a generator that yields what it needs from the outside and returns what to store.

    begin ──┬─ only speaks: pass the message on ──────────────┐
            ├─ a message to read: understand ── route ──┬─────┤
            └─ otherwise: arrive                        │     ├──> the next state enters
    enter ── forget ── arrive ──┬─ moves on by itself ──│─────┘
                                ├─ message unread: understand
                                └─ message written? ── no: speak ──> land
    in all of them ── a sub-machine runs here: go inside ──┬─ it waits: land
                                                           └─ it has ended, or is left: route

Logic only: no I/O, no LangGraph. What it wants is a model call (`Ask`), a handler (`Handle`), a tool (`UseTool`), items
of the store (`Fetch`), messages to go there (`PutAway`) or a sub-machine to go on (`Descend`); in the middle of a model
call, when all but the message is there, the model's gate runs `decide` in the same way.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage

from fsm_langgraph.context.writes import Context
from fsm_langgraph.definition import State
from fsm_langgraph.errors import TurnError
from fsm_langgraph.graph.putting_away import put_away
from fsm_langgraph.machine import Machine
from fsm_langgraph.models.call import Call
from fsm_langgraph.turn.asking import Ask, Effect, Result
from fsm_langgraph.turn.beginning import new_turn
from fsm_langgraph.turn.deciding import ask_to_decide
from fsm_langgraph.turn.inside import go_inside
from fsm_langgraph.turn.landing import land
from fsm_langgraph.turn.leaving import back, follow, leave
from fsm_langgraph.turn.part import Part, Steps
from fsm_langgraph.turn.record import passing
from fsm_langgraph.turn.speaking import release, speak
from fsm_langgraph.turn.turn import How, Next, Turn


def play(machine: Machine, state: State, values: Mapping[str, Any]) -> Generator[Effect, Result, dict[str, Any]]:
    """Play one state's part in a turn; return the update of the graph's state.

    Args:
        machine: The machine that the state belongs to.
        state: The state whose part it is.
        values: The graph's state: `messages`, `context`, `turn`, and `sub_machine` and `older_messages` where there are
            any.
    """
    flight = values["turn"]
    goes_on = "next" in flight
    turn = Turn.unpack(flight) if goes_on else new_turn(machine.definition, state, values, flight)
    if goes_on and not machine.place:
        turn.take_edits(values["context"])
    part = Part(machine, state, turn, _history(values, turn))
    onward = yield from go(part, flight["how"] if goes_on else "begin")
    if onward is None and machine.place:
        onward = Next(state.id, "ended" if part.has_ended else "waits")
    if onward is not None:
        return {"turn": turn.pack(onward, at=state.id)}
    return (yield from come_to_rest(part, values, values["context"]))


def recover(
    machine: Machine, state: State, values: Mapping[str, Any], error: TurnError
) -> Generator[Effect, Result, dict[str, Any] | None]:
    """Ask the `ERROR` handlers about a turn that has failed in this state.

    Returns:
        The update of a turn that ends where it began, with the message that a handler gave; `None` where none did.
    """
    flight = values["turn"]
    began = machine.definition.states[flight["began"]] if "next" in flight else state
    turn = new_turn(machine.definition, began, values, flight)
    turn.why, known = "failed", turn.context
    part = Part(machine, state, turn, _history(values, turn))
    message = yield from part.handle("ERROR", error=error)
    if not message:
        return None
    turn.message = AIMessage(message, id=turn.message_id)
    yield Ask(Call(state.id, turn.message_id, ready=message), [])
    # What was news to this turn is news to the next one; a conversation that was to begin has still to begin.
    update = yield from come_to_rest(replace(part, state=began), values, known)
    return {**update, "turn": {**update["turn"], "base": flight.get("base")}}


def come_to_rest(part: Part, values: Mapping[str, Any], stored: Context) -> Generator[Effect, Result, dict[str, Any]]:
    """End the turn in this state; a conversation that has become long hands its oldest messages over to the store."""
    machine, before = part.machine, values.get("older_messages")
    moved = yield from put_away(part.history, before, limit=machine.messages_limit, seen=machine.history_limit)
    return land(part.state, part.turn, stored, nests=bool(machine.inner), moved=moved)


def _history(values: Mapping[str, Any], turn: Turn) -> list[AnyMessage]:
    """Return the conversation, without what was sent again."""
    return [message for message in values["messages"] if message.id not in turn.repeated]


def go(part: Part, how: How) -> Steps:
    """Go on in the state, in the way in which the turn has come to it."""
    match how:
        case "enter":
            return enter(part)
        case "return":
            return come_back(part)
    return begin(part)


def begin(part: Part) -> Steps:
    """Start a turn in the state that the conversation is in."""
    state, turn = part.state, part.turn
    if turn.is_first:
        yield from part.handle("START_CONVERSATION")
    if state.subflow is not None and (turn.is_first or turn.is_moved or turn.frame is not None):
        turn.why = "began" if turn.is_first else None
        return (yield from go_inside(part))
    if turn.unread and state.is_final and turn.left:
        return back(part)
    if turn.is_first or state.is_final:
        turn.why = "began" if turn.is_first else "ended"
    elif turn.unread and state.only_speaks:
        target = state.transitions[0].target_state
        turn.steps.append(passing(part.path, part.machine.path(target)))
        yield from part.handle("PRE_TRANSITION", target=part.machine.path(target))
        return Next(target)
    elif turn.unread and state.hears:
        return (yield from understand(part))
    return (yield from arrive(part))


def enter(part: Part) -> Steps:
    """Come into the state along an edge."""
    state, turn = part.state, part.turn
    turn.frame = None
    part.step_in()
    if state.is_entered_once:
        turn.entered.append(state.id)
    turn.forget(state.forget)
    yield from part.handle("POST_TRANSITION", source=turn.path[-2])
    return (yield from (arrive(part) if state.subflow is None else go_inside(part)))


def come_back(part: Part) -> Steps:
    """Go on where a digression had left."""
    part.step_in()
    if part.turn.frame is not None:
        return (yield from go_inside(part))
    if part.turn.unread and part.state.hears:
        return (yield from understand(part))
    return (yield from speak(part))


def arrive(part: Part) -> Steps:
    """Stand in the state: go on from it, read the message that waits, or speak."""
    state, turn = part.state, part.turn
    if state.is_final and turn.left and state.silent:
        return back(part)
    if part.has_ended and part.machine.place:
        turn.message = turn.held_for = None  # the machine around this one goes on, and has its own words
        return None
    if part.has_ended and turn.why != "ended":
        yield from part.handle("END_CONVERSATION")
    if not state.listens and not state.silent:
        onward = yield from ask_to_decide(part, "think")
    else:
        onward = follow(part, (yield from leave(part, None)))
    if onward is not None:
        return onward
    if turn.message is not None:
        yield from release(part)
    elif turn.unread and state.listens and not state.only_speaks and not state.is_final:
        turn.steps.pop()  # that it waits on arrival says nothing: the message is still to be read
        return (yield from understand(part))
    if turn.message is None:
        return (yield from speak(part))
    return None


def understand(part: Part) -> Steps:
    """Read the user's message, and answer it if the answer fits where that leads."""
    onward = yield from ask_to_decide(part, "understand" if part.state.calls == "one" else "think")
    part.turn.unread = False
    if onward is None and part.turn.message is None:
        return (yield from speak(part))
    return onward

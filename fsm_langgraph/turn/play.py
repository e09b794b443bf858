"""One state's part in a turn, from the top: a coroutine that awaits what it wants from outside.

    begin ───────────────────┐
    enter ── forget ── say ──┴─ arrive ──┬─ a message waits, and is heard here: understand ── route ──┐
                                         ├─ the user is handed over: give the message that is there, and land
                                         ├─ otherwise: route ─────────────────────────────────────────┤
                                         │        the next state enters <── a transition is taken ────┤
                                         └─ give the message, and land <── it stays ──────────────────┘
    in both ── a sub-machine runs here: go inside ──┬─ it waits: land
                                                    └─ it has ended, or is left: route

Logic only: no I/O, and nothing of LangGraph's. It wants model calls (`AskModel`, `ShowMessage`), handlers
(`RunHandler`), tools (`UseTool`), items of the store (`Fetch`) and sub-machines (`Descend`). In the middle of a model
call, when all but the message is there, the gate of the model runs `decide` in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langchain_core.messages import AIMessage

from fsm_langgraph.context.machine_keys import NOW, STAYS
from fsm_langgraph.context.secret_tokens import Secrets, Vault
from fsm_langgraph.definition import State
from fsm_langgraph.errors import StuckError, TurnError
from fsm_langgraph.machine import Machine
from fsm_langgraph.models.asking import ShowMessage
from fsm_langgraph.models.gate import GatedModel
from fsm_langgraph.turn.beginning import new_turn, take_edits
from fsm_langgraph.turn.clear_secrets import with_tokens
from fsm_langgraph.turn.clock import KeepTime
from fsm_langgraph.turn.decision import ask_to_decide
from fsm_langgraph.turn.handoff import FindAgents
from fsm_langgraph.turn.inside import go_inside
from fsm_langgraph.turn.landing import land
from fsm_langgraph.turn.leaving import back, follow, leave
from fsm_langgraph.turn.message import give_message, speak
from fsm_langgraph.turn.part import Part
from fsm_langgraph.turn.record import closed, told_of
from fsm_langgraph.turn.saying import fallback_words, never_rests, say, tell_shown
from fsm_langgraph.turn.stored_turn import pack, unpack
from fsm_langgraph.turn.turn import Next
from fsm_langgraph.turn.unread_messages import history_of


async def play(
    machine: Machine, state: State, values: Mapping[str, Any], model: GatedModel, vault: Vault | None = None
) -> dict[str, Any]:
    """Play one state's part in a turn; return the update of the graph's state.

    Args:
        machine: The machine that the state belongs to.
        state: The state whose part it is.
        values: The graph's state: `messages`, `context`, `turn`, and `sub_machine` where there is any. In a
            sub-machine it is `turn`, with the `messages` of the machine around.
        model: The model that answers in this run.
        vault: The secrets that the run knows; `None` where the machine has none.

    Raises:
        TurnError: The turn failed.
    """
    channel = values.get("context", {})
    values = _with_tokens(machine, values, vault)
    stored = values["turn"]
    onward = Next(state.id, stored.get("how", "begin"), stored.get("may_pass", state.ask == "missing"))
    is_new = "next" not in stored
    if not is_new:
        turn, scope = unpack(stored)
        if not machine.runs_in:  # the stored context is the outermost machine's
            take_edits(turn, scope, values["context"])
    else:
        reads_stays = STAYS in machine.machine_keys
        turn, scope = new_turn(
            machine.definition, state, values, stored, reads_stays=reads_stays, limits=machine.limits
        )
    scope.secrets = _secrets_of(machine, vault)
    part = Part(machine, state, turn, scope, history_of(turn, values), model)
    try:
        if is_new and NOW in turn.machine_keys:
            now = await KeepTime(str(turn.machine_keys[NOW]), turn.key("time"))
            turn.machine_keys = {**turn.machine_keys, NOW: now}
        then = await go(part, onward)
        if then is None and part.turn.handoff is not None and not machine.runs_in:
            await FindAgents(part.path, part.turn.handoff.agents)
    except TurnError as error:
        tell_shown(error, part.turn.said)
        raise
    if then is None and machine.runs_in:
        then = Next(state.id, "ended" if part.has_ended else "waits")
    if then is not None:
        return {"turn": pack(part.turn, scope, then, at=state.id)}
    return land(machine.definition, state, part.turn, scope, channel, nests=bool(machine.inner))


async def recover(
    machine: Machine,
    state: State,
    values: Mapping[str, Any],
    model: GatedModel,
    error: TurnError,
    vault: Vault | None = None,
) -> dict[str, Any] | None:
    """Answer for a turn that has failed in this state of the outermost machine: by `ERROR` handlers, or the fallback.

    Args:
        machine: The machine.
        state: The state.
        values: The graph's state.
        model: A model, to show a message with.
        error: The error.
        vault: The secrets that the run knows; `None` where the machine has none.

    Returns:
        The update of a turn that ends where it began, with what the failed one has shown and the message that a handler
        gave, else the definition's `fallback_message`; `None` where there is neither.
    """
    channel = values["context"]
    values = _with_tokens(machine, values, vault)
    stored = values["turn"]
    began = machine.definition.states[stored["began"]] if "next" in stored else state
    # Nothing that the failed turn has found is kept: a new one begins where it began, and ends there.
    # A conversation that was to begin has still to begin.
    base = None if stored.get("is_first") else stored.get("base")
    reads_stays = STAYS in machine.machine_keys
    turn, scope = new_turn(machine.definition, began, values, {**stored, "base": base}, reads_stays=reads_stays)
    turn.why, turn.failure = "failed", told_of(error)
    known = {**scope.context, **channel}
    scope.secrets = _secrets_of(machine, vault)
    part = Part(machine, state, turn, scope, history_of(turn, values), model)
    text = await part.handle("ERROR", error=error) or await fallback_words(part, error)
    if not text:
        return None
    # It was read, so the history tells it; nothing else of the failed turn is kept.
    turn.said = [
        AIMessage(said, id=said_id, name=model.speaker)
        for said, said_id in zip(error.shown, error.shown_ids, strict=True)
    ]
    turn.message = AIMessage(text, id=turn.answer_id, name=model.speaker)
    await ShowMessage(model, text, turn.answer_id)
    update = land(machine.definition, began, turn, scope, known, nests=bool(machine.inner))
    # What was news to this turn is news to the next one.
    return {**update, "turn": {**update["turn"], "base": base}}


def _secrets_of(machine: Machine, vault: Vault | None) -> Secrets | None:
    return Secrets(vault, machine.definition.secret_keys) if vault is not None else None


def _with_tokens(machine: Machine, values: Mapping[str, Any], vault: Vault | None) -> Mapping[str, Any]:
    """Return the graph's state with tokens in the places of secrets; a node of somebody's own may have written one."""
    return values if vault is None or machine.runs_in else with_tokens(machine.definition, vault, values)


async def go(part: Part, onward: Next) -> Next | None:
    """Go on in the state, in the way in which the turn has come to it."""
    match onward.how:
        case "enter":
            return await enter(part, may_pass=onward.may_pass)
        case "return":
            return await come_back(part)
        case _:
            return await begin(part, may_pass=onward.may_pass)


async def begin(part: Part, *, may_pass: bool) -> Next | None:
    """Start a turn in the state that the conversation is in."""
    state, turn, scope = part.state, part.turn, part.scope
    # The message is read in the digression; one that begins where a digression has ended is read where that returns.
    turn.has_digressed = turn.has_digressed or bool(scope.left and not state.is_final)
    if turn.is_moved or len(turn.path) > 1:  # a digression has come back to a sub-machine
        part.forget_confirmations()
    part.settle()  # the caller may have changed something
    if turn.is_first:
        await part.handle("START_CONVERSATION")
    # Without a frame the sub-machine has ended, and the state is one like any other.
    if state.subflow is not None and (turn.is_first or turn.is_moved or scope.frame is not None):
        turn.why = "began" if turn.is_first else None
        return await go_inside(part, understand)
    if turn.unread and state.is_final and scope.left:  # a digression is over; what it left reads the message
        return back(part)
    if state.is_final and not turn.is_first:
        turn.why = "ended"  # a later message is answered from here, and moves nothing
        return await give_message(part)
    turn.why = "began" if turn.is_first else None
    # Nobody has heard it yet; but a message that waits is read first, and answered.
    part.is_new = (turn.is_first or turn.is_moved) and not (turn.unread and state.hears)
    # Once it has asked, a state is passed no more: it speaks again where nothing new leads on.
    return await resume(part) or await arrive(part, may_pass=may_pass and turn.is_first)


async def enter(part: Part, *, may_pass: bool) -> Next | None:
    """Come into the state along a transition."""
    scope = part.scope
    scope.frame = None  # that of the state before; a digression has kept it
    part.is_new = True
    part.step_in()
    draft = part.turn.draft
    # A message for another state than its writer's is written with what that state forgets in mind.
    is_foreseen = draft is not None and draft.written_in != part.path == draft.written_for
    if forgotten := [key for key in part.state.forget if key not in scope.ahead]:
        part.tell_news()
        scope.forget(forgotten, is_foreseen=is_foreseen)
    part.forget_confirmations(is_foreseen=is_foreseen)
    await part.handle("POST_TRANSITION", source=part.turn.path[-2])
    return await (arrive(part, may_pass=may_pass) if part.state.subflow is None else go_inside(part, understand))


async def come_back(part: Part) -> Next | None:
    """Go on where a digression had left."""
    part.step_in()
    part.forget_confirmations()
    if part.scope.frame is not None:
        return await go_inside(part, understand)
    if (onward := await resume(part)) is not None:
        return onward
    if part.state.hears and not part.turn.unread:
        return await speak(part)
    return await arrive(part, may_pass=False)


async def resume(part: Part) -> Next | None:
    """Follow the news that a digression has interrupted, which counts once."""
    if not part.scope.resumed:
        return None
    route = await leave(part, None)
    part.tell_news()
    part.scope.resumed = []
    return follow(part, route) if route.transition is not None else None


async def arrive(part: Part, *, may_pass: bool) -> Next | None:
    """Stand in the state: read the message that waits, go on from it, or give the turn's message.

    Raises:
        StuckError: No transition leads on, and nobody can wait in the state.
    """
    state, turn = part.state, part.turn
    if state.say and never_rests(part):
        await say(part)
    if state.is_final and part.scope.left and state.silent:  # a digression that has nothing to say
        return back(part)
    if part.has_ended and part.machine.runs_in:
        turn.message = turn.draft = None  # the machine around this one goes on, and has its own words
        return None
    if part.has_ended:
        await part.handle("END_CONVERSATION")
    if turn.handoff is not None and (state.hears or state.is_final):
        if turn.unread:
            turn.read = turn.read_before  # the agent that gets the user reads it
        return await give_message(part)
    if turn.unread and state.hears:
        return await understand(part)
    if not state.listens and not state.silent:
        onward = await ask_to_decide(part, "think", go)
    else:
        onward = follow(part, await leave(part, None, may_pass=may_pass))
    if onward is not None:
        return onward
    if not state.is_final and (state.silent or not state.listens):
        raise StuckError(part.path, closed(turn.steps[-1]))
    return await give_message(part)


async def understand(part: Part) -> Next | None:
    """Read the user's message, and answer it if the answer fits where that leads."""
    # In two calls the first brings no message; the landing state writes it in the second.
    onward = await ask_to_decide(part, "understand" if part.state.calls == "one" else "think", go)
    part.turn.unread = False
    return onward if onward is not None else await give_message(part)

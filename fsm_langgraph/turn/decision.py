"""The decision: the model is asked for a reply, and the reply is judged.

The reply is judged the moment all but its message is there. What of it holds is applied, handlers run, and the route is
chosen. Then the fate of the message that follows is forecast. The gate of the model has this done in the middle of the
stream, so `decide` is handed down to it with the request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from fsm_langgraph.context.told import check_told
from fsm_langgraph.context.user_words import UserWords
from fsm_langgraph.context.writes import Context, apply, changed_keys
from fsm_langgraph.data.in_part import in_part
from fsm_langgraph.definition import GlobalTransition
from fsm_langgraph.models.request import Decision
from fsm_langgraph.prompts.lookups import Live
from fsm_langgraph.prompts.prompt import Mode
from fsm_langgraph.replies.reply import read_reply
from fsm_langgraph.routing import Route
from fsm_langgraph.turn.consequences import withhold, withhold_from
from fsm_langgraph.turn.forecast import Go, forecast
from fsm_langgraph.turn.inquiry import Inquiry
from fsm_langgraph.turn.leaving import follow, leave, refuses_proposal
from fsm_langgraph.turn.part import Part
from fsm_langgraph.turn.record import RejectedWrite, hindrances, rejected_write, step
from fsm_langgraph.turn.sub_machines import asked_around
from fsm_langgraph.turn.turn import Draft, Next


async def ask_to_decide(part: Part, mode: Mode, go: Go) -> Next | None:
    """Ask the model for a decision; what of it holds is applied while the reply comes in.

    Args:
        part: The state that asks.
        mode: Whether the reply brings the message too (`understand`) or not (`think`).
        go: Plays the parts of the states that follow, for the forecast.
    """
    turn = part.turn
    turn.draft = None  # its writer did not know what is decided now
    await part.handle("PRE_PROCESSING")
    known, inquiry = part.scope.context, Inquiry(part, mode)
    while True:
        live = await part.look_up(mode)
        judge = partial(decide, part, known=known, mode=mode, live=live, go=go)
        answer = await inquiry.ask(live, decide=judge)
        if answer.decided is not None:
            break
        await inquiry.use_tools(answer)
        if turn.handoff is not None:
            if changed_keys(known, part.scope.context):
                await part.handle("CONTEXT_UPDATE")
            await part.handle("POST_PROCESSING")
            return None
    # The route was chosen without it, so it may not count any more.
    late = (RejectedWrite(key=key, reason="came after the message", kind="key") for key in answer.late)
    turn.rejected = [*turn.rejected, *late]
    if answer.message.text:
        turn.message = answer.message
    elif answer.held.strip() and not answer.cut:  # nothing of it was shown, so a whole one can be written
        turn.draft = Draft(
            answer.held.strip(), written_for=turn.proposed or "", written_in=part.path, tag_roots=live.tag_roots
        )
    return follow(part, answer.decided)


async def decide(
    part: Part, members: dict[str, Any], *, known: Context, mode: Mode, live: Live, go: Go
) -> tuple[Decision, Route]:
    """Judge a reply the moment it is complete but for its message; return the fate of the message, and the route.

    Args:
        part: The state that asked.
        members: The members of the reply that are not its message.
        known: The context before the reply.
        mode: What the reply was asked for.
        live: What the store held for its prompt.
        go: Plays the parts of the states that follow.

    Raises:
        BadReply: It names no target.
    """
    turn, scope, definition = part.turn, part.scope, part.machine.definition
    reply = read_reply(members)
    outside, words = part.machine.outside_keys, part.user_words()
    updates = [pair for pair in reply.updates if pair[0] not in outside]
    limits = part.machine.limits
    writes = check_told(definition, updates, words, state=part.state, known=scope.revealed, limits=limits)
    _take_around(part, [pair for pair in reply.updates if pair[0] in outside], words)
    accepted, prompted = scope.hidden(writes.accepted), part.shown_of(scope.context)
    told = withhold(definition, part.state, accepted, turn, scope, has_spoken=part.has_spoken)
    _write_told(part, prompted, told, writes.none)
    if part.state.hears:
        turn.model_stayed = part.state.decision == "model" and reply.target_state == part.state.id
    turn.has_guessed = _is_guess(part, reply.target_state)
    turn.why = None  # where the conversation began has decided something after all
    turn.proposed = part.path_to(reply.target_state)
    turn.reasoning = in_part(reply.reasoning, limits.model_message) or turn.reasoning
    turn.rejected = [*turn.rejected, *map(rejected_write, writes.rejected)]

    if changed_keys(known, scope.context):
        await part.handle("CONTEXT_UPDATE")
    await part.handle("POST_PROCESSING")
    route = await leave(part, reply.target_state, has_heard=True)
    is_unfit = mode == "think" or not _is_told_of(part, route, reply.target_state)
    decision = Decision("refuse") if is_unfit else forecast(part, route, live, go)
    if refuses_proposal(part, route):
        decision = replace(decision, veto=_veto(part, route, reply.target_state))
    return decision, route


def _veto(part: Part, route: Route, target: str) -> str:
    """Say why a proposal is not followed."""
    verdicts = step(part.path, None, route)["candidates"]
    judged = next((each for each in verdicts if each["target_state"] == target), None)
    if route.transition is not None:
        why = f"{route.transition.target_state!r} goes first"
    elif judged is None:
        why = "where nothing leads"
    else:
        why = "; ".join(hindrances(judged))
    return f"it proposes {target!r}, {why}"


def _write_told(part: Part, prompted: Context, told: Context, none: frozenset[str]) -> None:
    """Write what a reply tells, and note what the writer of its message knew.

    Args:
        part: The state that asked.
        prompted: What its prompt showed of the context, with the confirmations that the reply has overturned.
        told: The writes of the reply that hold.
        none: The keys to which the answer is "none".
    """
    state, scope = part.state, part.scope
    # All that the writer of the message can know; what handlers write from here on is news to it.
    scope.foreseen = apply(prompted, told, none)
    scope.rewritten = sorted(changed_keys(prompted, scope.foreseen))
    scope.overtaken = [key for key in scope.rewritten if key in prompted and key not in state.own_keys]
    scope.write(told, "message", none)
    scope.learned = [*scope.learned, *dict.fromkeys(key for key in told if key not in scope.learned)]
    if state.hears:
        given = [key for key in told if key in scope.context]
        scope.retold = [key for key in given if key in state.own_keys and key not in scope.changed]
        scope.ahead = [key for key in given if key not in state.own_keys]


def _take_around(part: Part, updates: Sequence[tuple[str, Any]], words: UserWords) -> None:
    """Take what is told in a sub-machine for the machines around it."""
    turn, outside, told = part.turn, part.machine.outside_keys, Context()
    for key in dict.fromkeys(key for key, _ in updates):
        pairs = [pair for pair in updates if pair[0] == key]
        around = check_told(outside[key], pairs, words, limits=part.machine.limits)
        secrets = part.scope.secrets_of(outside[key])
        told |= around.accepted if secrets is None else secrets.hide(around.accepted)
        turn.rejected = [*turn.rejected, *map(rejected_write, around.rejected)]
    if told:
        asked = asked_around(part.machine, part.state, turn, part.scope, told)
        counting = withhold_from(told, asked, turn, part.scope, has_spoken=part.has_spoken)
        turn.told_around = {**turn.told_around, **counting}


def _is_guess(part: Part, target: str) -> bool:
    """Say whether a reply's target is a mere guess: conditions decide, but for the wish to be elsewhere altogether."""
    transitions = part.machine.definition.transitions_from(part.state)
    wishes = [each.target_state for each in transitions if isinstance(each, GlobalTransition)]
    return part.state.decision == "logic" and target not in wishes


def _is_told_of(part: Part, route: Route, target: str) -> bool:
    """Say whether the writer was told of the state that it names; it cannot have written for any other."""
    if target == part.machine.definition.again:  # to go round and to stay lead to the same state
        return route.why == "proposed"
    return target == part.state.id or any(verdict.transition.target_state == target for verdict in route.verdicts)

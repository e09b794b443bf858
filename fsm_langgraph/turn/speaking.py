"""The message of the state where a turn ends: written there, or kept back until it was certain that it fits."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from fsm_langgraph.context.writes import changed_keys
from fsm_langgraph.models.call import Call
from fsm_langgraph.prompts.prompt import visible_context
from fsm_langgraph.templates.template import Template
from fsm_langgraph.turn.asking import Ask, Effect, Inquiry, Result
from fsm_langgraph.turn.leaving import follow, leave
from fsm_langgraph.turn.part import Part, Steps


def speak(part: Part) -> Steps:
    """Write the message of the state where the turn ends; what a tool finds for it may yet lead elsewhere."""
    turn, inquiry = part.turn, Inquiry(part.machine, part.state, part.turn, part.history, "speak")
    while True:
        live = yield from part.look_up("speak")
        call, message = yield from inquiry.ask(live, this_turn=news(part))
        if call.tool_calls is None:
            turn.message = message
            return None
        known = turn.context
        yield from inquiry.use_tools(call)
        if changed_keys(known, turn.context):
            yield from part.handle("CONTEXT_UPDATE")
            route = yield from leave(part, None)
            if route.transition is not None:
                return follow(part, route)


def release(part: Part) -> Generator[Effect, Result, None]:
    """Show the message that was kept back, if it was written for the state where the turn has landed."""
    turn = part.turn
    if turn.held_for is None or turn.message is None:
        return
    held, held_for, turn.message, turn.held_for = turn.message, turn.held_for, None, None
    if held_for == part.path and not (turn.refused_values or is_outdated(part)):
        yield Ask(Call(part.path, turn.message_id, ready=held.text), [])
        turn.message = held


def is_outdated(part: Part) -> bool:
    """Say whether the state's texts read what the writer of a message for it did not know.

    That is what handlers have written since, and what the state is shown while the writer's was not. Or they have parts
    that depend on what the reply itself has brought, which nobody knew when its prompt was filled.
    """
    turn, prompts = part.turn, part.machine.prompts[part.state.id]
    if not (prompts.reads or prompts.branches):
        return False
    foreseen, known = (
        visible_context(part.machine.definition, part.state, context) for context in (turn.foreseen, turn.context)
    )
    changed = changed_keys(foreseen, known) - {*turn.forgotten}
    return not prompts.reads.isdisjoint(changed) or not prompts.branches.isdisjoint({*changed, *turn.learned})


def news(part: Part) -> dict[str, Any]:
    """Tell what the turn has brought, for the message to take up."""
    state, turn = part.state, part.turn
    visible = visible_context(part.machine.definition, state, turn.context)
    facts = {
        "came_from": turn.path[-2] if len(turn.path) > 1 else None,
        "learned": {key: visible[key] for key in turn.learned if key in visible and key in turn.changed},
        "rejected": [{"key": value["key"], "reason": value["reason"]} for value in turn.refused_values],
        "refused": turn.refused if turn.refused != part.path else None,
        "then_lead_back_to": purpose_to_return_to(part) if state.is_final else None,
    }
    return {name: fact for name, fact in facts.items() if fact}


def purpose_to_return_to(part: Part) -> str | None:
    """Tell what the state that a digression returns to is for."""
    if not part.turn.left:
        return None
    definition = part.machine.definition
    place = definition.states[part.turn.left[-1]["state"]]
    return Template(place.purpose).fill(visible_context(definition, place, part.turn.context))

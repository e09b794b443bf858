"""The message of the state where a turn ends: the one that was written for it, if it fits, or one that is written now.

There is one rule, for a message that handlers kept back and for a forecast (`forecast.py`): it fits if it was written
for this state, no value was rejected, and the state's texts read nothing that its writer did not know.

The state's own words come first, where it has some and the turn has come into it. A model speaks after them only where
a value was rejected, to say why.
"""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage

from fsm_langgraph.context.writes import changed_keys
from fsm_langgraph.data.in_part import in_part
from fsm_langgraph.data.json_data import at
from fsm_langgraph.errors import TemplateLimit
from fsm_langgraph.models.asking import ShowMessage
from fsm_langgraph.models.request import ModelAnswer
from fsm_langgraph.templates.filling import OverfullError
from fsm_langgraph.templates.template import Template
from fsm_langgraph.turn.gaps import without_tags
from fsm_langgraph.turn.inquiry import Inquiry
from fsm_langgraph.turn.leaving import follow, leave
from fsm_langgraph.turn.part import Part
from fsm_langgraph.turn.saying import say
from fsm_langgraph.turn.turn import Draft, Next


async def give_message(part: Part) -> Next | None:
    """See that the turn has a message that fits this state.

    None is written where the user is handed over: whoever gets the user speaks.

    Returns:
        Where the turn goes on, should a tool lead elsewhere while the message is written.
    """
    turn = part.turn
    turn.unread = False  # whatever is said now answers it
    draft, turn.draft = turn.draft, None
    if part.state.say and await say(part) and not turn.rejected_values:
        return None
    if draft is not None and fits(part, draft) and (text := without_tags(part, draft)) is not None:
        await ShowMessage(part.model, text, turn.answer_id, turn.untold)
        turn.untold = None
        turn.message = AIMessage(text, id=turn.answer_id, name=part.model.speaker)
    return await speak(part) if turn.message is None and turn.handoff is None else None


async def speak(part: Part) -> Next | None:
    """Write the message of the state where the turn ends; what a tool finds for it may yet lead elsewhere."""
    scope, inquiry = part.scope, Inquiry(part, "speak")
    while True:
        live = await part.look_up("speak")
        answer: ModelAnswer[None] = await inquiry.ask(live, this_turn=facts_of(part))
        if answer.tool_calls is None:
            part.turn.message = answer.message
            return None
        known = scope.context
        await inquiry.use_tools(answer)
        has_changed = bool(changed_keys(known, scope.context))
        if has_changed:
            await part.handle("CONTEXT_UPDATE")
        if part.turn.handoff is not None:
            return None
        if has_changed:
            route = await leave(part, None)
            if route.transition is not None:
                return follow(part, route)


def fits(part: Part, draft: Draft) -> bool:
    """Say whether a message that is written already is one that this state would give now."""
    if draft.written_for != part.path or part.turn.rejected_values or is_outdated(part, draft):
        return False
    if part.state.tools and draft.written_in != part.path:
        return False  # only this state's own calls may use the tools
    return draft.live is None or draft.live.still_holds(part.state.id, part.known)


def is_outdated(part: Part, draft: Draft) -> bool:
    """Say whether the state's texts read what the writer of a message for it did not know.

    It did not know what handlers have written since, nor what this state is shown while its own was not. For a value
    that says nothing it took a placeholder. It knew what its own reply has brought, but its prompt was filled before
    that. Sections over keys that the reply might bring were told in both forms; those that were decided by another
    value are outdated.
    """
    prompts, scope = part.machine.prompts[part.state.id], part.scope
    if not (prompts.reads or prompts.branches):
        return False
    changed = changed_keys(part.shown_of(scope.foreseen), part.shown_of(scope.context))
    empty = {write["key"] for write in part.turn.rejected if write["kind"] == "placeholder"}
    # Its own state's texts have no open keys; another's were told as if the keys that it forgets were not known.
    decided = scope.rewritten if draft.written_in == part.path else scope.overtaken
    forgotten = (key for key in scope.rewritten if key in part.state.forget or key not in scope.context)
    is_read = not prompts.reads.isdisjoint({*changed, *empty})
    return is_read or not prompts.branches.isdisjoint({*changed, *empty, *decided, *forgotten})


def facts_of(part: Part) -> dict[str, Any]:
    """Tell what the turn has brought, for the message to take up."""
    state, turn, scope = part.state, part.turn, part.scope
    visible = part.shown_of(scope.context)
    facts = {
        "came_from": turn.path[-2] if len(turn.path) > 1 else None,
        "learned": {key: visible[key] for key in scope.learned if key in visible and key in scope.changed},
        "rejected": [{"key": each["key"], "reason": each["reason"]} for each in turn.rejected_values[:_MOST_TOLD]],
        # A proposal that the turn has come to after all was not refused.
        "refused": turn.refused if turn.refused != part.path else None,
        "then_lead_back_to": purpose_to_return_to(part) if state.is_final else None,
    }
    return {name: fact for name, fact in facts.items() if fact}


_MOST_TOLD = 20
"""How many rejected values a message is to tell of."""


def purpose_to_return_to(part: Part) -> str | None:
    """Tell what the state that a digression returns to is for."""
    states, left = part.machine.definition.states, part.scope.left
    if not left or left[-1]["state"] not in states:
        return None
    origin = part.at(left[-1]["state"])
    template = Template(origin.state.purpose, at("states", origin.state.id, "purpose"))
    try:
        told = template.fill({**origin.shown_of(part.scope.context), **part.turn.machine_keys})
    except OverfullError as error:
        raise TemplateLimit(part.path, error.place) from error
    return in_part(told, part.machine.limits.value)

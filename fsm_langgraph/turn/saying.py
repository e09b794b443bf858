"""The words that a state says itself: its `say`, said without a model, once each time that the turn comes into it.

    passed on the way    said at once, before the route goes on: a silent state, a sub-machine's final state
    landed in            said instead of a model's message; where a value was rejected a model speaks after it
    passed otherwise     not said: the words are for somebody who is going to answer in the state

Each is a message of its own. It is shown when it is said, and stored with the others when the turn lands.
"""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import AIMessage

from fsm_langgraph.errors import ModelError, ReplyError, TemplateLimit, TurnError
from fsm_langgraph.models.asking import SayWords
from fsm_langgraph.templates.filling import OverfullError
from fsm_langgraph.templates.store_lookups import STORE
from fsm_langgraph.templates.template import Template
from fsm_langgraph.turn.part import Part


async def say(part: Part) -> bool:
    """Say the state's own words, if the turn has just come into it and it has any; return whether something was said.

    Raises:
        MissingDataError: A lookup that the words require has found nothing.
        TemplateLimit: They would fill the memory.
    """
    if not part.is_new or not part.state.say:
        return False
    part.is_new = False
    text = await words_of(part)
    if not text:
        return False
    turn = part.turn
    message = await SayWords(part.model, text, turn.key(part.path, "say"), turn.untold)
    turn.untold = None
    turn.said, turn.said_in = [*turn.said, message], [*turn.said_in, part.path]
    turn.said_early += 1 if turn.unread else 0
    return True


async def words_of(part: Part) -> str:
    """Return the state's own words as they are to be said now; empty where nothing is left of them."""
    return await _filled(part, part.machine.words[part.state.id])


async def fallback_words(part: Part, error: TurnError) -> str:
    """Return what is to be said in the stead of a model that has not answered; empty where the error has to be told.

    A model that refuses has answered. Nothing is said after a message that broke off, since that was read.
    """
    template = part.machine.fallback
    if template is None or not isinstance(error, ModelError | ReplyError):
        return ""
    if isinstance(error, ModelError) and error.broke_off:
        return ""
    try:
        return await _filled(part, template)
    except TurnError:  # the words read the store, and that fails as well: the first error is the one to tell
        return ""


async def _filled(part: Part, template: Template) -> str:
    machine, context = part.machine, part.scope.context
    definition = machine.definition
    values = {key: value for key, value in context.items() if key not in definition.secret_keys}
    values |= part.turn.machine_keys
    if machine.lookups is not None and definition.store is not None and STORE in template.roots:
        values[STORE] = dict(await machine.lookups.bring_for(template, part.known, path=part.path))
    try:
        return template.fill(values).strip()
    except OverfullError as error:
        raise TemplateLimit(part.path, error.place) from error


def never_rests(part: Part) -> bool:
    """Say whether no turn rests in the state, whatever is open: its words are said on the way."""
    if part.state.is_final:
        return bool(part.machine.runs_in) if part.has_ended else part.state.silent
    return part.state.silent


def tell_shown(error: TurnError, said: Sequence[AIMessage]) -> None:
    """Tell in the error of a turn what the machine had said itself, before the part of a message that broke off."""
    new = [message for message in said if str(message.id) not in error.shown_ids]
    error.shown = (*(message.text for message in new), *error.shown)
    error.shown_ids = (*(str(message.id) for message in new), *error.shown_ids)

"""The forecast: the fate of a message, decided while it is still being written.

When a reply is decided on, what follows is played on a copy of the turn, and closed at its first effect. Nothing is
carried out. Routes are found, states are passed and sub-machines are entered by the very code that does it in earnest
afterwards, so the two cannot differ.

    the message is shown     it fits where the turn is going to land: show it as it streams; but hold it where its
                             writer was told a tag that nothing fills, until it is certain not to hold one
    a handler runs           it may write what changes the rest: hold the message until it has run; but refuse it
                             where the state's texts read the store, in which a handler may write too
    anything else            the landing state speaks for itself: refuse the message
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from fsm_langgraph.effects import Effect
from fsm_langgraph.errors import TurnError
from fsm_langgraph.handlers import RunHandler
from fsm_langgraph.models.asking import ShowMessage
from fsm_langgraph.models.request import Decision
from fsm_langgraph.prompts.lookups import NOTHING, Live
from fsm_langgraph.routing import Route
from fsm_langgraph.turn.gaps import may_have_gaps, values_for_tags
from fsm_langgraph.turn.inside import Descend
from fsm_langgraph.turn.leaving import follow
from fsm_langgraph.turn.message import give_message
from fsm_langgraph.turn.part import Part
from fsm_langgraph.turn.turn import Draft, Next

Steps = Coroutine[Effect[Any], Any, Next | None]
"""Some steps of a turn: they return where it goes on, or `None` where it comes to rest."""
Go = Callable[[Part, Next], Steps]
"""Plays a state's part from where the turn comes into it."""


def forecast(part: Part, route: Route, live: Live, go: Go) -> Decision:
    """Say what becomes of the message that is about to be written.

    Args:
        part: The state whose reply is decided on; its turn stands where the route is about to be followed.
        route: The route.
        live: What the store held for the reply's prompt.
        go: Plays the parts of the states that follow.
    """
    draft = Draft("", written_for=part.turn.proposed or "", written_in=part.path, live=live)
    ahead = part.copy(draft)
    ahead.turn.unread = False  # the reply has read it
    found = follow(ahead, route) or _first(give_message(ahead))
    while ahead.turn.draft is not None or isinstance(found, ShowMessage):
        match found:
            case ShowMessage():
                known = values_for_tags(ahead, draft.written_in)
                has_gaps = may_have_gaps(ahead, draft.written_in, live, known)
                return Decision("hold") if has_gaps else Decision("show", known)
            case RunHandler():
                # It may write, in the context or the store, what the state's texts read there.
                return Decision("refuse" if live.is_read_by(ahead.state.id) else "hold")
            case Descend(machine, turn, scope, onward):
                # Inside, the store is read anew: a message for a sub-machine that reads it first is given up before.
                ahead, live = replace(ahead, machine=machine, turn=turn, scope=scope).at(onward.state), NOTHING
                found = _first(go(ahead, onward))
            case Next() if found.how != "exit":
                ahead = ahead.at(found.state)
                found = _first(go(ahead, found))
            case _:
                return Decision("refuse")
    return Decision("refuse")


def _first(steps: Steps) -> Effect[Any] | Next | None:
    """Play some steps up to their first effect, and close them there.

    Returns:
        That effect; where there was none, what the steps came to.
    """
    try:
        return steps.send(None)
    except StopIteration as stop:
        result: Next | None = stop.value
        return result
    except TurnError:
        return None  # the turn is going to fail there
    finally:
        steps.close()

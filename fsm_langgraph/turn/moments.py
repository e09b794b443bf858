"""A moment of a turn: its handlers run one after the other, and what each of them wants is done to the turn.

A handler writes keys, refuses a value, or, at `ERROR`, gives a message to show. Each sees what those before it wrote.
What cannot be done is the handler's fault, and is told or logged as any other of its errors.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial

from fsm_langgraph.context.growth import within
from fsm_langgraph.context.writes import Context, Rejection, check_writes
from fsm_langgraph.data.size_limits import UNLIMITED, Limits
from fsm_langgraph.data.surrogates import mended
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import misspelt
from fsm_langgraph.handlers import Event, Handler, Outcome, RejectValue, RunHandler
from fsm_langgraph.turn.record import RejectedWrite, rejected_write
from fsm_langgraph.turn.scope import Scope
from fsm_langgraph.turn.turn import Turn

_log = logging.getLogger("fsm_langgraph.handlers")


async def run_moment(
    definition: FSMDefinition,
    handlers: Sequence[Handler],
    turn: Turn,
    scope: Scope,
    moment: Event,
    limits: Limits = UNLIMITED,
) -> str:
    """Run the handlers of a moment that apply; return the message that the last of them gave, if one did.

    Args:
        definition: Says what a handler may write.
        handlers: The handlers of the moment that may run in this state, in order.
        turn: The turn that they change.
        scope: The machine's part of it.
        moment: What there is to see at this moment, but for the context, which is the scope's.
        limits: How large values and the context may become.
    """
    message = ""
    now: Event | None = None
    for handler in handlers:
        now = now or replace(moment, context=scope.revealed, updated=scope.changed | {*scope.late})
        if not handler.applies(now, definition.context or ()):
            continue
        # Copied only for one that runs, which then cannot reach into the turn.
        seen, now = replace(now, context=deepcopy(now.context)), None  # the next one sees what this one wrote
        key = turn.key(seen.state, seen.moment, seen.target, seen.source, handler.name)
        outcome = await RunHandler(handler, seen, partial(_check, definition, handler, scope, seen), key)
        if isinstance(outcome, RejectValue):
            _reject(turn, scope, outcome, keys=_refused_keys(handler, seen, outcome))
        elif isinstance(outcome, str):
            message = outcome or message
        elif outcome is not None:
            kept, refused = within(limits, definition, scope.context, dict(scope.read(outcome)), "handler")
            if refused:
                _tell_refused(turn, handler, seen, refused)
            scope.write(scope.hidden(kept), "handler")
    return message


def _tell_refused(turn: Turn, handler: Handler, event: Event, refused: Sequence[Rejection]) -> None:
    """Note what a handler wrote that there is no room for: the turn goes on, as it could not ever if it failed."""
    turn.rejected = [*turn.rejected, *map(rejected_write, refused)]
    place = (handler.name, event.moment, event.state)
    for each in refused[:_MOST_LOGGED]:
        _log.warning("handler %r at %s in state %r writes %r, but its value %s", *place, each.key, each.reason)
    if more := len(refused[_MOST_LOGGED:]):
        _log.warning("handler %r at %s in state %r writes %s further keys that are refused", *place, f"{more:,}")


def _tell_misspelt(definition: FSMDefinition, handler: Handler, event: Event, writes: Context) -> None:
    """Tell of keys that nothing in the definition names, and that misspell a declared one by a letter.

    They are written all the same: a handler may have keys of its own.
    """
    for key in writes:
        meant = misspelt(key, definition.context or ()) if key not in definition.named_keys else None
        if meant is not None and meant not in writes:
            place = (handler.name, event.moment, event.state)
            _log.warning("handler %r at %s in state %r writes %r; did you mean %r?", *place, key, meant)


_MOST_LOGGED = 20
"""How many refused writes of one run of a handler are logged each."""


def _check(definition: FSMDefinition, handler: Handler, scope: Scope, event: Event, outcome: Outcome) -> Outcome:
    """Make JSON data of what a handler wants, with tokens in the places of secrets, as the journal has it.

    Raises:
        TypeError, ValueError: What it wants cannot be done.
    """
    if isinstance(outcome, RejectValue):
        if not _refused_keys(handler, event, outcome):
            raise ValueError("it refuses a value, but neither RejectValue nor the handler names a key")
        key = mended(str(outcome.key)) if outcome.key else None
        return RejectValue(mended(str(outcome.reason)), key)
    if isinstance(outcome, Mapping):
        writes = check_writes(definition, scope.read(outcome).items(), "handler", known=event.context)
        for rejection in writes.rejected:
            raise ValueError(f"it writes {rejection.key!r}, but its value {rejection.reason}")
        _tell_misspelt(definition, handler, event, writes.accepted)
        return scope.hidden(writes.accepted)
    if isinstance(outcome, str) and event.moment == "ERROR":
        return mended(outcome).strip()
    if outcome is not None:
        raise TypeError(f"it returned a {type(outcome).__name__}, not a dict of keys to write")
    return None


def _refused_keys(handler: Handler, event: Event, refusal: RejectValue) -> list[str]:
    return [mended(str(refusal.key))] if refusal.key else sorted(handler.keys & event.updated)


def _reject(turn: Turn, scope: Scope, refusal: RejectValue, keys: Sequence[str]) -> None:
    """Take back the values that a handler refuses: what was there before the turn is there again."""
    for key in keys:
        turn.rejected = [*turn.rejected, RejectedWrite(key=key, reason=refusal.reason, kind="value")]
        scope.take_back(key)

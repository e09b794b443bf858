"""A moment of a turn: its handlers run one after the other, and what each of them wants is done to the turn.

A handler writes keys, refuses a value, or, at `ERROR`, gives a message to show. Each sees what those before it wrote.
What cannot be done is the handler's fault, and is told or logged as any other of its errors.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any

from fsm_langgraph.context.values import same
from fsm_langgraph.context.writes import Context, apply, check_writes
from fsm_langgraph.data.surrogates import mended
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.handlers import Event, Handle, Handler, Outcome, RejectValue
from fsm_langgraph.turn.record import RejectedWrite
from fsm_langgraph.turn.turn import Turn

Handling = Generator[Handle, Outcome, str]
"""Some handlers that run one after the other: returns the message that the last of them gave, if one did."""


def run_moment(definition: FSMDefinition, handlers: Sequence[Handler], turn: Turn, moment: Event) -> Handling:
    """Run the handlers of a moment that apply.

    Args:
        definition: Says what a handler may write.
        handlers: The handlers of the moment that may run in this state, in order.
        turn: The turn that they change.
        moment: What there is to see at this moment, but for the context, which is the turn's.
    """
    message = ""
    now: Event | None = None
    for handler in handlers:
        now = now or replace(moment, context=turn.context, updated=turn.changed)
        if not handler.applies(now):
            continue
        # Copied only for one that runs, which then cannot reach into the turn.
        seen, now = replace(now, context=deepcopy(turn.context)), None  # the next one sees what this one wrote
        deed = turn.deed(seen.state, seen.moment, seen.target, seen.source, handler.name)
        outcome = yield Handle(handler, seen, partial(_take, definition, turn, handler, seen), deed)
        if isinstance(outcome, str):
            message = outcome or message
    return message


def _take(definition: FSMDefinition, turn: Turn, handler: Handler, event: Event, outcome: Outcome) -> Outcome:
    """Do what a handler wants; raise `TypeError` or `ValueError`, and do nothing, where that cannot be."""
    if isinstance(outcome, RejectValue):
        return _refuse(turn, handler, event, outcome)
    if isinstance(outcome, Mapping):
        return _write(definition, turn, outcome)
    if isinstance(outcome, str) and event.moment == "ERROR":
        return mended(outcome).strip()
    if outcome is not None:
        raise TypeError(f"it returned a {type(outcome).__name__}, not a dict of keys to write")
    return None


def _write(definition: FSMDefinition, turn: Turn, updates: Mapping[str, Any]) -> Context:
    writes = check_writes(definition, updates.items(), "handler")
    for rejection in writes.rejected:
        raise ValueError(f"it writes {rejection.key!r}, but its value {rejection.reason}")
    turn.context = apply(turn.context, writes.accepted)
    return writes.accepted


def _refuse(turn: Turn, handler: Handler, event: Event, refusal: RejectValue) -> RejectValue:
    """Take back the values that a handler refuses: what was there before the turn is there again."""
    keys = [mended(str(refusal.key))] if refusal.key else sorted(handler.keys & event.updated)
    if not keys:
        raise ValueError("it refuses a value, but neither RejectValue nor the handler names a key")
    reason = mended(str(refusal.reason))
    for key in keys:
        turn.rejected = [*turn.rejected, RejectedWrite(key=key, reason=reason, kind="value")]
        before = turn.base.get(key) if key not in turn.forgotten else None
        # A value that was refused is not its own replacement.
        turn.context = apply(turn.context, {key: None if same(before, turn.context.get(key)) else before})
    return RejectValue(reason, keys[0] if refusal.key else None)

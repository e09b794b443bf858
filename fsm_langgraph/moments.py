"""A moment of a turn: its handlers run one after the other, and what each of them wants is done to the turn.

A handler writes keys, refuses a value, or, at `ERROR`, gives a message to show. Each sees what those before it wrote.
What cannot be done is the handler's fault, and is told or logged as any other of its errors.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

from fsm_langgraph.context import apply, check_writes
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.handlers import Event, Handle, Handler, RejectValue, take_error
from fsm_langgraph.models.call import Outcome
from fsm_langgraph.record import RejectedWrite
from fsm_langgraph.surrogates import mended
from fsm_langgraph.turn import Turn
from fsm_langgraph.values import same

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
        outcome = yield Handle(handler, seen)
        if isinstance(outcome, str) and moment.moment == "ERROR":
            message = mended(outcome).strip() or message
            continue
        try:
            _take(definition, turn, handler, seen, outcome)
        except (TypeError, ValueError) as fault:
            take_error(Handle(handler, seen), fault)
    return message


def _take(definition: FSMDefinition, turn: Turn, handler: Handler, event: Event, outcome: Outcome) -> None:
    """Do what a handler wants; raise `TypeError` or `ValueError`, and do nothing, where that cannot be."""
    if isinstance(outcome, RejectValue):
        _refuse(turn, handler, event, outcome)
    elif isinstance(outcome, Mapping):
        _write(definition, turn, outcome)
    elif outcome is not None:
        raise TypeError(f"it returned a {type(outcome).__name__}, not a dict of keys to write")


def _write(definition: FSMDefinition, turn: Turn, updates: Mapping[str, Any]) -> None:
    writes = check_writes(definition, updates.items(), "handler")
    for rejection in writes.rejected:
        raise ValueError(f"it writes {rejection.key!r}, but its value {rejection.reason}")
    turn.context = apply(turn.context, writes.accepted)


def _refuse(turn: Turn, handler: Handler, event: Event, refusal: RejectValue) -> None:
    """Take back the values that a handler refuses: what was there before the turn is there again."""
    keys = [refusal.key] if refusal.key else sorted(handler.keys & event.updated)
    if not keys:
        raise ValueError("it refuses a value, but neither RejectValue nor the handler names a key")
    for key in keys:
        noted = RejectedWrite(key=mended(str(key)), reason=mended(str(refusal.reason)), kind="value")
        turn.rejected = [*turn.rejected, noted]
        before = turn.base.get(key) if key not in turn.forgotten else None
        # A value that was refused is not its own replacement.
        turn.context = apply(turn.context, {key: None if same(before, turn.context.get(key)) else before})

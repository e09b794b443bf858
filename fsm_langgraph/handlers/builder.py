"""A builder of handlers: one condition after the other, and `do` at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fsm_langgraph.handlers.event import Action, Event, Moment
from fsm_langgraph.handlers.handler import Handler, OnError, known_moments


def create_handler(name: str) -> HandlerBuilder:
    """Begin to describe a handler, one condition after the other; `do` makes it."""
    return HandlerBuilder(Handler(name, _does_nothing))


class HandlerBuilder:
    """Describes a handler. Every method but `do` returns a builder that knows one thing more; conditions combine."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def at(self, *moments: Moment) -> HandlerBuilder:
        """Run at these moments."""
        return self._with(moments=self._handler.moments | known_moments(moments))

    def on_state(self, *states: str) -> HandlerBuilder:
        """Run in these states only."""
        return self._with(states=self._handler.states | set(states))

    def not_on_state(self, *states: str) -> HandlerBuilder:
        """Run in any state but these."""
        return self._with(not_states=self._handler.not_states | set(states))

    def on_target_state(self, *states: str) -> HandlerBuilder:
        """Run for transitions to these states only."""
        return self._with(targets=self._handler.targets | set(states))

    def on_state_entry(self, *states: str) -> HandlerBuilder:
        """Run when one of these states has been entered."""
        return self.at("POST_TRANSITION").on_state(*states)

    def on_state_exit(self, *states: str) -> HandlerBuilder:
        """Run when one of these states is about to be left."""
        return self.at("PRE_TRANSITION").on_state(*states)

    def when(self, condition: Callable[[Event], bool]) -> HandlerBuilder:
        """Run only where this function returns true."""
        return self._with(conditions=(*self._handler.conditions, condition))

    def when_context_has(self, *keys: str) -> HandlerBuilder:
        """Run only where all of these keys are present."""
        return self._with(has=self._handler.has | set(keys))

    def when_keys_updated(self, *keys: str) -> HandlerBuilder:
        """Run only where the turn has changed one of these keys."""
        return self._with(keys=self._handler.keys | set(keys))

    def with_priority(self, priority: int) -> HandlerBuilder:
        """Run before handlers of a higher number; 100 where it is not set."""
        return self._with(priority=priority)

    def with_timeout(self, seconds: float) -> HandlerBuilder:
        """Fail after this many seconds."""
        return self._with(timeout=seconds)

    def on_error(self, errors: OnError) -> HandlerBuilder:
        """Say what an error does: `raise` fails the turn, `continue` logs it."""
        return self._with(errors=errors)

    def critical(self) -> HandlerBuilder:
        """Let an error fail the turn, whatever `on_error` says."""
        return self._with(is_critical=True)

    def do(self, action: Action) -> Handler:
        """Make the handler that runs this function."""
        return replace(self._handler, action=action)

    def _with(self, **changes: Any) -> HandlerBuilder:
        return HandlerBuilder(replace(self._handler, **changes))


def _does_nothing(_: Event) -> None:
    return None

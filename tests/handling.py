"""Handlers under test: plain and async ones alike, and one that notes every moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fsm_langgraph import Event, Handlers
from fsm_langgraph.handlers import MOMENTS, Action, Answer

Function = Callable[[Event], Any]
Kind = Callable[[Function], Action]


def plain(function: Function) -> Action:
    """Make a handler's action of a function: the function itself."""
    return function


def coroutine(function: Function) -> Action:
    """Make a handler's action of a function: an async one."""

    async def run(event: Event) -> Answer:
        answer: Answer = function(event)
        return answer

    return run


KINDS: Sequence[Kind] = (plain, coroutine)


def handling(kind: Kind, function: Function, *moments: Any, **options: Any) -> Handlers:
    """Make the handlers of a graph: one, that runs the function."""
    handlers = Handlers()
    handlers.on(*moments, **{"name": "it", **options})(kind(function))
    return handlers


def noted(event: Event) -> str:
    """Write down where an event is: its moment and state, and where an edge leads to or comes from."""
    target = f" > {event.target}" if event.target is not None else ""
    source = f" < {event.source}" if event.source is not None else ""
    return f"{event.moment} {event.state}{target}{source}"


def noting(kind: Kind = plain) -> tuple[Handlers, list[str]]:
    """Make a handler that notes every moment, and the list of its notes."""
    notes: list[str] = []
    return handling(kind, lambda event: notes.append(noted(event)), *MOMENTS), notes


def writing(**keys: Any) -> Function:
    """Make a function that writes these keys."""
    return lambda _: keys


def raising(error: BaseException) -> Function:
    """Make a function that raises this error."""

    def fail(_: Event) -> None:
        raise error

    return fail

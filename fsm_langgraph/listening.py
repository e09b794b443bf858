"""Listening: whoever measures what conversations try hears the machines that are made meanwhile.

    with listening(make_listener):
        fsm = LLM_FSM("shop.yaml")      # its turns are heard from now on, wherever they run
    fsm.converse(…)                     # judged(…), ran(…), landed(record)

A machine is asked once, when it is made, whether anybody wants to hear it. One that nobody does is made as if there
were no such thing, so its turns cost nothing more. `testing/coverage` is who listens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from typing import Any, Protocol

from pydantic import JsonValue

from fsm_langgraph.definition import FSMDefinition, Transition
from fsm_langgraph.handlers import Event, Handler, Handlers


class Listener(Protocol):
    """Hears the turns of one machine and of those inside it, from whatever thread they run in."""

    def judged(self, machine: str, transition: Transition, context: Mapping[str, JsonValue], written: Set[str]) -> None:
        """Hear that the conditions of a transition are about to be judged.

        Args:
            machine: The path of the machine that the transition belongs to, empty for the outermost one.
            transition: The transition.
            context: The context that it is judged by.
            written: Keys that were written, which count as answered though they have their default's value.
        """

    def ran(self, handler: Handler, event: Event) -> None:
        """Hear that a handler is about to run."""

    def landed(self, record: Mapping[str, Any]) -> None:
        """Hear of a turn that has landed, by its record."""


MakeListener = Callable[[FSMDefinition, Handlers], Listener | None]
"""Makes the listener of a machine, from its definition and handlers; `None` where nobody wants to hear it."""

_makers: list[MakeListener] = []


@contextmanager
def listening(make: MakeListener) -> Iterator[None]:
    """Have the machines that are made in here heard, in whatever thread they are made."""
    _makers.append(make)
    try:
        yield
    finally:
        _makers.remove(make)


def listener_of(definition: FSMDefinition, handlers: Handlers) -> Listener | None:
    """Return who listens to a machine that is being made; of several the latest who wants to."""
    made = (make(definition, handlers) for make in reversed(_makers))
    return next((listener for listener in made if listener is not None), None)

"""An effect: something that a turn wants from outside, as a value that knows how to be carried out.

A turn is a coroutine that does no I/O. It awaits effects; each is handed to the driver that runs the turn, which
carries it out in its own kind of call and sends the answer back. The effect knows the type of that answer:

    found = await Fetch(path, store_keys)     in the turn
    drive(turn, outside)                      carries it out by `run`
    await adrive(turn, outside)               carries it out by `arun`

An effect lives in the room that means it: `RunHandler` with the handlers, `AskModel` with the models. Nothing else has
to learn of a new one. But the forecast of a message ends at the first effect (`turn/forecast.py`), and at one that it
does not know the message is refused, as it might change what is true.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from fsm_langgraph.effects.outside import Outside

AnswerT = TypeVar("AnswerT")


class Effect(ABC, Generic[AnswerT]):
    """Something wanted from outside, and the type of the answer to it."""

    __slots__ = ()

    @abstractmethod
    def run(self, outside: Outside) -> AnswerT:
        """Carry it out in a sync run; return the answer."""

    @abstractmethod
    async def arun(self, outside: Outside) -> AnswerT:
        """Carry it out in an async run; the twin of `run`."""

    def __await__(self) -> Generator[Effect[AnswerT], AnswerT, AnswerT]:
        """Hand the effect to the driver, and return the answer that it sends."""
        return (yield self)

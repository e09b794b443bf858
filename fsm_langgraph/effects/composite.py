"""An effect that is made of others: their order is written once, for both kinds of call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeVar

from fsm_langgraph.effects.drivers import adrive, drive
from fsm_langgraph.effects.effect import Effect
from fsm_langgraph.effects.outside import Outside

AnswerT = TypeVar("AnswerT")


class Composite(Effect[AnswerT], ABC):
    """An effect that is carried out by awaiting others, such as a look into the journal first."""

    __slots__ = ()

    @abstractmethod
    async def steps(self, outside: Outside) -> AnswerT:
        """Carry it out; a coroutine that awaits nothing but effects."""

    def run(self, outside: Outside) -> AnswerT:
        """Carry it out in a sync run; return the answer."""
        return drive(self.steps(outside), outside)

    async def arun(self, outside: Outside) -> AnswerT:
        """Carry it out in an async run; the twin of `run`."""
        return await adrive(self.steps(outside), outside)

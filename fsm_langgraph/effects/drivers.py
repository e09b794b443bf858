"""The two drivers of a generator that asks for things from the outside: one does them, the other awaits them.

A turn is such a generator, and so is the decision in the middle of a model's stream. Neither does any I/O: it yields
what it wants (a model call, a handler) and is sent the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import TypeVar

EffectT = TypeVar("EffectT")
AnswerT = TypeVar("AnswerT")
ResultT = TypeVar("ResultT")


def drive(part: Generator[EffectT, AnswerT, ResultT], do: Callable[[EffectT], AnswerT]) -> ResultT:
    """Run a generator to its end, doing what it asks for; return what it returns."""
    try:
        effect = next(part)
        while True:
            effect = part.send(do(effect))
    except StopIteration as stop:
        result: ResultT = stop.value
        return result


async def adrive(part: Generator[EffectT, AnswerT, ResultT], do: Callable[[EffectT], Awaitable[AnswerT]]) -> ResultT:
    """Run a generator to its end, awaiting what it asks for; the twin of `drive`."""
    try:
        effect = next(part)
        while True:
            effect = part.send(await do(effect))
    except StopIteration as stop:
        result: ResultT = stop.value
        return result

"""The two drivers of a coroutine that awaits effects: one carries them out, the other awaits them.

An error of an effect is raised in the coroutine, where the effect was awaited. Where a driver is cancelled or
interrupted, it closes the coroutine.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from fsm_langgraph.effects.effect import Effect
from fsm_langgraph.effects.outside import Outside

ResultT = TypeVar("ResultT")


def drive(steps: Coroutine[Effect[Any], Any, ResultT], outside: Outside) -> ResultT:
    """Run a coroutine to its end in a sync run; return its result.

    Args:
        steps: The coroutine; it awaits nothing but effects.
        outside: Where they are carried out.
    """
    try:
        effect = steps.send(None)
        while True:
            try:
                answer = effect.run(outside)
            except Exception as error:  # noqa: BLE001 - whoever awaits the effect decides
                effect = steps.throw(error)
            else:
                effect = steps.send(answer)
    except StopIteration as stop:
        result: ResultT = stop.value
        return result
    finally:
        steps.close()


async def adrive(steps: Coroutine[Effect[Any], Any, ResultT], outside: Outside) -> ResultT:
    """Run a coroutine to its end in an async run; the twin of `drive`."""
    try:
        effect = steps.send(None)
        while True:
            try:
                answer = await effect.arun(outside)
            except Exception as error:  # noqa: BLE001 - whoever awaits the effect decides
                effect = steps.throw(error)
            else:
                effect = steps.send(answer)
    except StopIteration as stop:
        result: ResultT = stop.value
        return result
    finally:
        steps.close()

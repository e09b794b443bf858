"""How one handler is run: in either kind of call, within its time, with its errors as it wants them taken.

A plain function in an async run goes to a thread, so that it does not block the loop; an async function in a sync run
gets a loop of its own. A function that is out of time is left behind in its thread, as Python cannot stop one.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from langgraph.errors import GraphBubbleUp

from fsm_langgraph.errors import HandlerError
from fsm_langgraph.handlers.event import Answer, Event, RejectValue
from fsm_langgraph.handlers.handler import Handler

T = TypeVar("T")

_log = logging.getLogger("fsm_langgraph.handlers")


@dataclass(frozen=True, slots=True)
class Handle:
    """A handler that a turn waits for."""

    handler: Handler
    event: Event


def run_handler(handle: Handle) -> Answer | RejectValue:
    """Run a handler, and return what it wants written, or its refusal of a value.

    Raises:
        HandlerError: It failed, and its errors fail the turn.
    """
    handler = handle.handler
    try:
        if handler.timeout is None:
            return _finished(handler.action(handle.event))
        return _in_thread(lambda: _finished(handler.action(handle.event)), handler.timeout)
    except RejectValue as refusal:
        return refusal
    except GraphBubbleUp:
        raise
    except Exception as error:  # noqa: BLE001 - the edge to the user's code: any error is told or logged
        _failed(handle, error)
        return None


async def arun_handler(handle: Handle) -> Answer | RejectValue:
    """Run a handler; the twin of `run_handler`."""
    handler = handle.handler
    try:
        async with asyncio.timeout(handler.timeout):
            if inspect.iscoroutinefunction(handler.action):
                answer: Answer | Awaitable[Answer] = handler.action(handle.event)
            else:
                answer = await asyncio.to_thread(handler.action, handle.event)
            return await answer if isinstance(answer, Awaitable) else answer
    except RejectValue as refusal:
        return refusal
    except GraphBubbleUp:
        raise
    except Exception as error:  # noqa: BLE001 - the edge to the user's code: any error is told or logged
        _failed(handle, error)
        return None


def _finished(answer: Answer | Awaitable[Answer]) -> Answer:
    """Return an answer; wait for it, in a loop of its own, where it is awaitable."""
    if not isinstance(answer, Awaitable):
        return answer

    async def wait() -> Answer:
        return await answer

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(wait())
    return _in_thread(lambda: asyncio.run(wait()), None)


def _in_thread(call: Callable[[], T], timeout: float | None) -> T:
    executor = ThreadPoolExecutor(1, thread_name_prefix="fsm-handler")
    try:
        return executor.submit(contextvars.copy_context().run, call).result(timeout)
    finally:
        executor.shutdown(wait=False)


def _failed(handle: Handle, error: Exception) -> None:
    handler, event = handle.handler, handle.event
    if isinstance(error, TimeoutError) and not str(error):
        error = TimeoutError(f"it was not done after {handler.timeout} seconds")
    if handler.errors == "continue" and not handler.is_critical:
        _log.warning("handler %r failed at %s in state %r", handler.name, event.moment, event.state, exc_info=error)
        return
    raise HandlerError(event.state, handler.name, event.moment, error) from error

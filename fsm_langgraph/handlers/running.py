"""How one handler is run: in either kind of call, within its time, with its errors as it wants them taken.

A plain function in an async run goes to a thread, so that it does not block the loop; an async function in a sync run
gets a loop of its own. A plain function that is out of time is left behind in its thread, as Python cannot stop one;
the thread keeps neither the loop nor the process from ending. The functions given to `when` run where the turn does.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
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
    """Run a handler if its conditions hold, and return what it wants written, or its refusal of a value.

    Raises:
        HandlerError: It failed, and its errors fail the turn.
    """
    timeout = handle.handler.timeout
    try:
        if not handle.handler.conditions_hold(handle.event):
            return None
        if timeout is None:
            return _finished(_call(handle), timeout)
        return _in_thread(lambda: _finished(_call(handle), timeout)).result(timeout)
    except RejectValue as refusal:
        return refusal
    except GraphBubbleUp:
        raise
    except Exception as error:  # noqa: BLE001 - the edge to the user's code: any error is told or logged
        take_error(handle, error)
        return None


async def arun_handler(handle: Handle) -> Answer | RejectValue:
    """Run a handler; the twin of `run_handler`."""
    try:
        if not handle.handler.conditions_hold(handle.event):
            return None
        async with asyncio.timeout(handle.handler.timeout):
            return await _answer(handle)
    except RejectValue as refusal:
        return refusal
    except GraphBubbleUp:
        raise
    except Exception as error:  # noqa: BLE001 - the edge to the user's code: any error is told or logged
        take_error(handle, error)
        return None


def take_error(handle: Handle, error: Exception) -> None:
    """Log an error of a handler, or raise it as a `HandlerError`, as the handler wants it taken."""
    handler, event = handle.handler, handle.event
    if isinstance(error, TimeoutError) and not str(error) and handler.timeout is not None:
        error = TimeoutError(f"it was not done after {handler.timeout} seconds")
    if handler.errors == "continue" and not handler.is_critical:
        _log.warning("handler %r failed at %s in state %r", handler.name, event.moment, event.state, exc_info=error)
        return
    raise HandlerError(event.state, handler.name, event.moment, error) from error


def _finished(answer: Answer | Awaitable[Answer], timeout: float | None) -> Answer:
    """Return an answer; wait for it, in a loop of its own, where it is awaitable."""
    if not isinstance(answer, Awaitable):
        return answer

    async def wait() -> Answer:
        async with asyncio.timeout(timeout):
            return await answer

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(wait())
    return _in_thread(lambda: asyncio.run(wait())).result()


async def _answer(handle: Handle) -> Answer:
    """Wait for a handler's answer, without holding up the loop."""
    if inspect.iscoroutinefunction(handle.handler.action):
        answer = _call(handle)
    elif handle.handler.timeout is None:
        answer = await asyncio.to_thread(_call, handle)
    else:  # not in the loop's own threads, whose end the loop waits for
        answer = await asyncio.wrap_future(_in_thread(lambda: _call(handle)))
    return await answer if isinstance(answer, Awaitable) else answer


def _call(handle: Handle) -> Answer | Awaitable[Answer]:
    try:
        return handle.handler.action(handle.event)
    except StopIteration as error:  # what waits for a thread would never hear of it
        raise RuntimeError("it raised StopIteration") from error


def _in_thread(call: Callable[[], T]) -> Future[T]:
    """Run a call in a thread of its own, which sees the context variables of this one."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the call
            future.set_exception(error)

    Thread(target=contextvars.copy_context().run, args=(run,), name="fsm-handler", daemon=True).start()
    return future

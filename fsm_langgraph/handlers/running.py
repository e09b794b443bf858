"""How one handler is run: in either kind of call, within its time, with its errors as it wants them taken.

`wants_to_run` asks its conditions, `run_handler` runs it; the journal comes between the two.

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

from fsm_langgraph.effects.idempotency_key import UNNAMED, Deed
from fsm_langgraph.errors import HandlerError
from fsm_langgraph.handlers.event import Answer, Event, RejectValue
from fsm_langgraph.handlers.handler import Handler

T = TypeVar("T")

_log = logging.getLogger("fsm_langgraph.handlers")


Outcome = Answer | RejectValue
"""What a handler comes to: the keys to write, a message at `ERROR`, or its refusal of a value."""


def _as_it_is(outcome: Outcome) -> Outcome:
    return outcome


@dataclass(frozen=True, slots=True)
class Handle:
    """A handler that a turn waits for."""

    handler: Handler
    event: Event
    take: Callable[[Outcome], Outcome] = _as_it_is
    """Does to the turn what the handler wants and returns that as JSON data; raises `TypeError` or `ValueError`, and
    does nothing, where it cannot be done."""
    deed: Deed = UNNAMED
    """What its run is written down as."""


@dataclass(frozen=True, slots=True)
class Done:
    """A handler has run to its end, and what it wants has been done."""

    outcome: Outcome


def wants_to_run(handle: Handle) -> bool:
    """Ask a handler's conditions.

    Raises:
        HandlerError: One of them failed, and the handler's errors fail the turn.
    """
    try:
        return handle.handler.conditions_hold(handle.event)
    except GraphBubbleUp:
        raise
    except Exception as error:  # noqa: BLE001 - the edge to the user's code: any error is told or logged
        take_error(handle, error)
        return False


def run_handler(handle: Handle) -> Done | None:
    """Run a handler and do what it wants; `None` where its error was logged.

    Raises:
        HandlerError: It failed, and its errors fail the turn.
    """
    timeout = handle.handler.timeout
    outcome: Outcome
    try:
        if timeout is None:
            outcome = _finished(_call(handle), timeout)
        else:
            outcome = _in_thread(lambda: _finished(_call(handle), timeout)).result(timeout)
    except RejectValue as refusal:
        outcome = refusal
    except GraphBubbleUp:
        raise
    except Exception as error:  # noqa: BLE001 - the edge to the user's code: any error is told or logged
        take_error(handle, error)
        return None
    return take_outcome(handle, outcome)


async def arun_handler(handle: Handle) -> Done | None:
    """Run a handler; the twin of `run_handler`."""
    outcome: Outcome
    try:
        async with asyncio.timeout(handle.handler.timeout):
            outcome = await _answer(handle)
    except RejectValue as refusal:
        outcome = refusal
    except GraphBubbleUp:
        raise
    except Exception as error:  # noqa: BLE001 - the edge to the user's code: any error is told or logged
        take_error(handle, error)
        return None
    return take_outcome(handle, outcome)


def take_outcome(handle: Handle, outcome: Outcome) -> Done | None:
    """Do what a handler wants; what cannot be done is an error of the handler's."""
    try:
        return Done(handle.take(outcome))
    except (TypeError, ValueError) as fault:
        take_error(handle, fault)
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

"""How one handler is run: once in a turn, within its time, with its errors as it wants them taken.

    in the journal? ── yes: its outcome is taken from there
                    └─ no: ask its conditions, run it, check what it wants, record that

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
from dataclasses import dataclass, replace
from threading import Thread
from typing import TypeVar

from langgraph.errors import GraphBubbleUp, ParentCommand

from fsm_langgraph.effects import Composite, Effect, Entry, IdempotencyKey, Outside
from fsm_langgraph.errors import HandlerError
from fsm_langgraph.handlers.event import Answer, Event, RejectValue
from fsm_langgraph.handlers.handler import Handler

T = TypeVar("T")

_COMMANDS = "it runs a graph that gives a command to the machine's, and the conditions decide where that goes"

_log = logging.getLogger("fsm_langgraph.handlers")


Outcome = Answer | RejectValue
"""The keys that a handler writes, its message at `ERROR`, or its refusal of a value."""


@dataclass(frozen=True, slots=True)
class RunHandler(Composite[Outcome]):
    """A handler that a turn waits for; the answer is its outcome, `None` where it did not run or its error was logged.

    Raises:
        HandlerError: It failed, and its errors fail the turn.
    """

    handler: Handler
    event: Event
    check: Callable[[Outcome], Outcome]
    """Makes JSON data of an outcome; raises `TypeError` or `ValueError` where the turn cannot do what is wanted."""
    key: IdempotencyKey

    async def steps(self, outside: Outside) -> Outcome:
        """Run the handler, unless the journal has its outcome."""
        journal = outside.journal
        name = journal.name(self.key, is_numbered=True)
        event = replace(self.event, runtime=outside.runtime, idempotency_key=name)
        entry = await journal.find(name, self.key)
        if entry is not None:
            done = self._checked(_outcome(entry))
            return done.outcome if done is not None else None
        is_error = event.moment == "ERROR"
        try:
            if not self._wants_to_run(event):
                return None
        except GraphBubbleUp:  # a condition asks a person: about the reply that led here
            if not is_error:
                await journal.begin()
            raise
        if outside.time is not None:
            outside.time.check(event.state)
        if not is_error:
            await journal.begin()  # the reply that led here is stored first, so that a further run decides alike
        done = await _CallHandler(self.handler, event)
        done = self._checked(done.outcome) if done is not None else None
        if done is None:
            return None
        # At every failure the ERROR handlers are asked anew, until one has answered.
        if not is_error or (isinstance(done.outcome, str) and done.outcome):
            await journal.record(name, _entry(done.outcome))
        return done.outcome

    def _wants_to_run(self, event: Event) -> bool:
        """Ask the handler's conditions."""
        try:
            return self.handler.conditions_hold(event)
        except GraphBubbleUp:  # `interrupt()` raises it to pause the turn: no failure
            raise
        except Exception as error:  # noqa: BLE001 - the edge to the user's code: any error is told or logged
            take_error(self.handler, event, error)
            return False

    def _checked(self, outcome: Outcome) -> _Done | None:
        """Check what the handler wants; what cannot be done is an error of the handler's."""
        try:
            return _Done(self.check(outcome))
        except (TypeError, ValueError) as fault:
            take_error(self.handler, self.event, fault)
            return None


@dataclass(frozen=True, slots=True)
class _Done:
    """The outcome of a handler that came to its end, be it `None`."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _CallHandler(Effect[_Done | None]):
    """The call of the handler's own code; the answer is `None` where its error was logged."""

    handler: Handler
    event: Event

    def run(self, outside: Outside) -> _Done | None:
        outside.end_if_superseded()
        handler, event = self.handler, self.event
        try:
            if handler.timeout is None:
                return _Done(_finished(_call(handler, event), None))
            in_time = _in_thread(lambda: _finished(_call(handler, event), handler.timeout))
            return _Done(in_time.result(handler.timeout))
        except RejectValue as refusal:
            return _Done(refusal)
        except ParentCommand:
            take_error(handler, event, TypeError(_COMMANDS))
            return None
        except GraphBubbleUp:
            raise
        except Exception as error:  # noqa: BLE001 - the edge to the user's code: any error is told or logged
            take_error(handler, event, error)
            return None

    async def arun(self, outside: Outside) -> _Done | None:
        outside.end_if_superseded()
        try:
            async with asyncio.timeout(self.handler.timeout):
                return _Done(await _answer(self.handler, self.event))
        except RejectValue as refusal:
            return _Done(refusal)
        except ParentCommand:
            take_error(self.handler, self.event, TypeError(_COMMANDS))
            return None
        except GraphBubbleUp:
            raise
        except Exception as error:  # noqa: BLE001 - the edge to the user's code: any error is told or logged
            take_error(self.handler, self.event, error)
            return None


def _entry(outcome: Outcome) -> Entry:
    if isinstance(outcome, RejectValue):
        return {"refused": [outcome.reason, outcome.key]}
    return {"outcome": outcome}


def _outcome(entry: Entry) -> Outcome:
    if "refused" in entry:
        return RejectValue(*entry["refused"])
    outcome: Outcome = entry.get("outcome")
    return outcome


def take_error(handler: Handler, event: Event, error: Exception) -> None:
    """Log an error of a handler, or raise it as a `HandlerError`, as the handler wants it taken."""
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

    # In a notebook or a server a loop runs in this thread already, and no second one can.
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(wait())
    return _in_thread(lambda: asyncio.run(wait())).result()


async def _answer(handler: Handler, event: Event) -> Answer:
    """Wait for a handler's answer, without holding up the loop."""
    if inspect.iscoroutinefunction(handler.action):
        answer = _call(handler, event)
    elif handler.timeout is None:
        answer = await asyncio.to_thread(_call, handler, event)
    else:  # not in the loop's own threads, whose end the loop waits for
        answer = await asyncio.wrap_future(_in_thread(lambda: _call(handler, event)))
    return await answer if isinstance(answer, Awaitable) else answer


def _call(handler: Handler, event: Event) -> Answer | Awaitable[Answer]:
    try:
        return handler.action(event)
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

"""How one handler is run, in either kind of call: what it comes to, its errors, its time and its threads."""

from __future__ import annotations

import asyncio
import functools
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from handling import KINDS, Function, Kind, coroutine, raising, writing
from outsides import CALLS, carry_out, outside
from real_time import WAIT

from fsm_langgraph import Event, HandlerError, RejectValue, create_handler
from fsm_langgraph.effects import IdempotencyKey
from fsm_langgraph.handlers import Answer, Handler, RunHandler

Run = Callable[[RunHandler], Any]


either_run = pytest.mark.parametrize("run", CALLS, ids=["sync", "async"])
either_kind = pytest.mark.parametrize("kind", KINDS)
EVENT = Event("PRE_TRANSITION", "here", {"a": 1}, target="there")


def running(handler: Handler) -> RunHandler:
    """Make the run of a handler whose outcome is taken as it is."""
    return RunHandler(handler, EVENT, lambda outcome: outcome, IdempotencyKey())


def handle(action: Any, **options: Any) -> RunHandler:
    """Make a handler that is to be run."""
    return running(Handler("it", action, **options))


# What it comes to


class Callable_:  # noqa: N801 - named for what it is
    """An object that is called, and answers with a coroutine."""

    async def __call__(self, _: Event) -> Answer:
        return {"x": 1}


@either_run
@pytest.mark.parametrize(
    "action",
    [
        writing(x=1),
        coroutine(writing(x=1)),
        functools.partial(lambda key, _: {key: 1}, "x"),
        Callable_(),
        lambda event: Callable_()(event),
    ],
    ids=["function", "coroutine", "partial", "object", "lambda with a coroutine"],
)
@pytest.mark.parametrize("timeout", [None, WAIT])
def test_whatever_can_be_called_is_run(action: Any, run: Run, timeout: float | None) -> None:
    assert run(handle(action, timeout=timeout)) == {"x": 1}


@either_kind
def test_an_async_handler_runs_in_a_sync_call_within_a_running_loop(kind: Kind) -> None:
    async def inside() -> Any:
        return carry_out(handle(kind(writing(x=1))))

    assert asyncio.run(inside()) == {"x": 1}


def test_a_plain_handler_does_not_hold_up_the_loop() -> None:
    is_free = threading.Event()

    async def both() -> Any:
        running = asyncio.create_task(handle(lambda _: {"free": is_free.wait(WAIT)}).arun(outside()))
        await asyncio.sleep(0)
        is_free.set()
        return await running

    assert asyncio.run(both()) == {"free": True}


@either_run
@either_kind
def test_a_refusal_is_an_answer(kind: Kind, run: Run) -> None:
    refusal = RejectValue("is too long", key="a")
    assert run(handle(kind(raising(refusal)))) is refusal


@either_run
@either_kind
@pytest.mark.parametrize("error", [KeyError("x"), StopIteration(), TimeoutError(), ExceptionGroup("g", [OSError()])])
@pytest.mark.parametrize("timeout", [None, WAIT])
def test_any_error_is_told_with_its_place(error: Exception, kind: Kind, run: Run, timeout: float | None) -> None:
    with pytest.raises(HandlerError) as caught:
        run(handle(kind(raising(error)), timeout=timeout))
    assert (caught.value.handler, caught.value.moment, caught.value.state) == ("it", "PRE_TRANSITION", "here")
    assert caught.value.__cause__ is not None


def test_a_handlers_own_timeout_error_is_not_taken_for_ours() -> None:
    with pytest.raises(HandlerError) as caught:
        carry_out(handle(raising(TimeoutError())))
    assert "not done after" not in str(caught.value)


@either_run
@either_kind
def test_an_error_that_is_to_be_passed_over_is_logged(kind: Kind, run: Run, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "fsm_langgraph.handlers"):
        assert run(handle(kind(raising(KeyError("x"))), errors="continue")) is None
    (logged,) = caplog.records
    assert logged.getMessage() == "handler 'it' failed at PRE_TRANSITION in state 'here'"
    assert logged.exc_info is not None
    assert isinstance(logged.exc_info[1], KeyError)


@either_run
@either_kind
def test_an_error_in_a_critical_handler_is_never_passed_over(kind: Kind, run: Run) -> None:
    with pytest.raises(HandlerError):
        run(handle(kind(raising(KeyError("x"))), errors="continue", is_critical=True))


# Conditions that are functions


@either_run
@pytest.mark.parametrize(("first", "second", "answer"), [(1, 1, {"x": 1}), (1, 0, None), (0, 1, None)])
def test_every_function_given_to_when_has_to_agree(run: Run, first: int, second: int, answer: Answer) -> None:
    handler = create_handler("it").at("ERROR").when(lambda _: bool(first)).when(lambda _: bool(second))
    assert run(running(handler.do(writing(x=1)))) == answer


@either_run
def test_a_condition_that_fails_is_the_handlers_failure(run: Run) -> None:
    with pytest.raises(HandlerError, match="handler 'it' failed at PRE_TRANSITION: KeyError: 'gone'") as caught:
        run(handle(writing(), conditions=(lambda event: bool(event.context["gone"]),)))
    assert isinstance(caught.value.__cause__, KeyError)


# Time


async def lingering(_: Event) -> None:
    """Take longer than anyone waits."""
    await asyncio.sleep(WAIT)


def released_later(released: threading.Event) -> Function:
    """Make a function that waits for an event."""
    return lambda _: {"released": released.wait(WAIT)}


@either_run
def test_an_async_handler_out_of_time_is_cancelled(run: Run) -> None:
    with pytest.raises(HandlerError, match=r"TimeoutError: it was not done after 0\.01 seconds"):
        run(handle(lingering, timeout=0.01))
    assert_no_thread_stays()


@either_run
def test_a_plain_handler_out_of_time_is_left_behind_and_waited_for_by_nobody(run: Run) -> None:
    released = threading.Event()
    with pytest.raises(HandlerError, match=r"TimeoutError: it was not done after 0\.01 seconds"):
        run(handle(released_later(released), timeout=0.01))
    released.set()
    assert_no_thread_stays()


@either_run
def test_running_out_of_time_can_be_passed_over(run: Run) -> None:
    assert run(handle(lingering, timeout=0.01, errors="continue")) is None


@either_run
@either_kind
def test_a_handler_in_time_leaves_no_thread(kind: Kind, run: Run) -> None:
    run(handle(kind(writing()), timeout=WAIT))
    assert_no_thread_stays()


def assert_no_thread_stays() -> None:
    """Wait until the threads of handlers have ended."""
    for thread in [thread for thread in threading.enumerate() if thread.name.startswith("fsm-handler")]:
        thread.join(WAIT)
        assert not thread.is_alive()


@pytest.mark.parametrize("run", ["carry_out(effect)", "acarry_out(effect)"])
def test_a_handler_that_hangs_keeps_no_process_alive(run: str) -> None:
    program = HANGING.format(run=run, tests=str(Path(__file__).parent))
    subprocess.run([sys.executable, "-c", program], check=True, timeout=WAIT)  # noqa: S603 - our own interpreter


HANGING = """
import sys, threading
sys.path.insert(0, {tests!r})
from fsm_langgraph import Event
from fsm_langgraph.effects import IdempotencyKey
from fsm_langgraph.handlers import Handler, RunHandler
from outsides import acarry_out, carry_out

hanging = Handler("it", lambda _: threading.Event().wait(), errors="continue", timeout=0.01)
effect = RunHandler(hanging, Event("ERROR", "here", {{}}), lambda outcome: outcome, IdempotencyKey())
assert {run} is None
"""

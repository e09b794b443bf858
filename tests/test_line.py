"""Whoever waits for a conversation in this process waits in one line, and whoever leaves wakes the next."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from real_time import WAIT

from fsm_langgraph.locking.line import LINES, Waiter, await_in_line, wait_in_line

KEY = "a conversation"


def waiter(key: str = KEY) -> Waiter:
    made = Waiter()
    made.key = key
    return made


@pytest.fixture
def first() -> Iterator[Waiter]:
    """The one that has the conversation."""
    holds = waiter()
    assert wait_in_line(holds, 0, supersedes=False)
    yield holds
    LINES.leave(holds)


def in_thread(order: list[str], name: str) -> threading.Thread:
    """Begin to wait in a thread; return it when its waiter stands in the line."""
    return _begun(lambda waits: wait_in_line(waits, WAIT, supersedes=False), order, name)


def in_loop(order: list[str], name: str) -> threading.Thread:
    """Begin to wait in an event loop of its own; return its thread when its waiter stands in the line."""
    return _begun(lambda waits: asyncio.run(await_in_line(waits, WAIT, supersedes=False)), order, name)


def _begun(wait: object, order: list[str], name: str) -> threading.Thread:
    waits = waiter()

    def run() -> None:
        assert callable(wait)
        assert wait(waits)
        order.append(name)
        LINES.leave(waits)

    thread = threading.Thread(target=run)
    thread.start()
    stands = threading.Event()
    while not stands.wait(0.001) and waits not in LINES._lines.get(KEY, ()):
        pass
    return thread


def test_the_first_to_come_is_the_first_served_be_it_a_thread_or_a_task(first: Waiter) -> None:
    order: list[str] = []
    threads = [begin(order, f"{n}") for n, begin in enumerate((in_thread, in_loop, in_thread, in_loop))]

    LINES.leave(first)
    for thread in threads:
        thread.join()

    assert order == ["0", "1", "2", "3"]


def test_a_line_is_gone_when_nobody_stands_in_it() -> None:
    holds = waiter("another")
    assert wait_in_line(holds, 0, supersedes=False)
    LINES.leave(holds)
    assert "another" not in LINES._lines


async def test_one_whose_time_is_up_stands_in_the_line_no_more(first: Waiter) -> None:
    assert not wait_in_line(waiter(), 0.001, supersedes=False)
    assert not await await_in_line(waiter(), 0.001, supersedes=False)
    assert [*LINES._lines[KEY]] == [first]


async def test_a_task_that_is_cancelled_stands_in_the_line_no_more(first: Waiter) -> None:
    task = asyncio.create_task(await_in_line(waiter(), WAIT, supersedes=False))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [*LINES._lines[KEY]] == [first]


def test_one_whose_event_loop_is_closed_is_passed_over(first: Waiter) -> None:
    gone = waiter()
    loop = asyncio.new_event_loop()
    gone.wake = lambda: loop.call_soon_threadsafe(print)
    loop.close()
    assert not LINES.join(gone, supersedes=False)
    order: list[str] = []
    thread = in_thread(order, "next")

    LINES.leave(first)
    thread.join()

    assert order == ["next"]


@pytest.mark.parametrize("supersedes", [True, False])
def test_one_that_supersedes_does_so_to_all_before_it(first: Waiter, supersedes: bool) -> None:
    between, newest = waiter(), waiter()
    between.wake = newest.wake = lambda: None
    LINES.join(between, supersedes=False)
    LINES.join(newest, supersedes=supersedes)

    assert (first.is_superseded, between.is_superseded, newest.is_superseded) == (supersedes, supersedes, False)

    LINES.leave(between)
    LINES.leave(newest)

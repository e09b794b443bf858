"""A thread reads a stream piece by piece, and is left behind where nobody waits for it any more."""

from __future__ import annotations

import contextvars
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

import pytest
from real_time import WAIT

from fsm_langgraph.models.thread_reader import ThreadReader

PieceT = TypeVar("PieceT")


def test_a_piece_is_read_when_it_is_asked_for() -> None:
    read: list[int] = []

    def stream() -> Iterator[int]:
        for piece in range(3):
            read.append(piece)
            yield piece

    reader = ThreadReader(_generator(stream()))
    assert reader.ask().result(WAIT) == 0
    assert read == [0]
    assert [reader.ask().result(WAIT) for _ in range(3)] == [1, 2, None]
    reader.close()


def test_an_error_belongs_to_whoever_asked() -> None:
    def stream() -> Iterator[int]:
        yield 1
        raise KeyError("gone")

    reader = ThreadReader(_generator(stream()))
    reader.ask().result(WAIT)
    with pytest.raises(KeyError, match="gone"):
        reader.ask().result(WAIT)
    reader.close()


def test_a_stream_that_was_left_behind_is_closed_and_read_no_further() -> None:
    goes_on, closed, read = threading.Event(), threading.Event(), list[int]()

    def stream() -> Iterator[int]:
        try:
            goes_on.wait(WAIT)
            for piece in range(3):
                read.append(piece)
                yield piece
        finally:
            closed.set()

    reader = ThreadReader(_generator(stream()))
    reader.ask()
    reader.close()
    goes_on.set()
    assert closed.wait(WAIT)
    assert read == [0]


def test_the_stream_sees_the_context_variables() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("seen")
    reader = ThreadReader(_generator(iter(lambda: variable.get(), "never")))
    assert reader.ask().result(WAIT) == "seen"
    reader.close()


def test_a_thread_that_waits_keeps_no_process_alive() -> None:
    done = subprocess.run([sys.executable, "-c", WAITING], check=False, timeout=WAIT, capture_output=True, text=True)  # noqa: S603 - our own interpreter
    assert (done.returncode, done.stdout) == (0, "over\n")


WAITING = """
import threading
from fsm_langgraph.models.thread_reader import ThreadReader

def stream():
    threading.Event().wait()
    yield 1

reader = ThreadReader(stream())
reader.ask()
reader.close()
print("over")
"""


def _generator(pieces: Iterator[PieceT]) -> Generator[PieceT]:
    yield from pieces

"""The growth of a conversation that `LLM_FSM` holds: what a turn late in it takes, to one at its beginning.

Two conversations of the room of `rooms.py`, each in a database of its own, of which one has come to turn 2,000 and the
other to turn 20, take turns. So whatever else the machine does slows both of them. The time of the processor is told
beside that of the clock, and what the database has grown by in these turns. The number of turns is a multiple of that
after which older messages move to the store.

    python -m benchmarks.growth [--turn 2000] [--rounds 132] [--places SQLite PostgreSQL]
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure
from benchmarks.long import PERIOD, REPLIES
from benchmarks.rooms import ROOMS
from benchmarks.savers import databases
from fsm_langgraph import LLM_FSM, ScriptedModel

Place = Literal["SQLite", "PostgreSQL"]
YOUNG = 20
"""The turn that the late ones are compared with."""


@dataclass(frozen=True, slots=True)
class Growth:
    """The costs of a late turn, to those of an early one."""

    place: Place
    clock: float
    processor: float
    """The medians of the ratios of two turns side by side."""
    stored: float
    kilobytes: float
    """The bytes of an early turn."""


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turn", type=int, default=2000, help="the late turn")
    parser.add_argument("--rounds", type=int, default=12 * PERIOD, help="turns of each conversation that are counted")
    parser.add_argument("--places", nargs="+", default=["SQLite", "PostgreSQL"], choices=["SQLite", "PostgreSQL"])
    arguments = parser.parse_args()
    table = Table(title=f"Turn {arguments.turn:,} to turn {YOUNG}")
    for column in ("kept in", "clock", "processor", "bytes", "kB at first"):
        table.add_column(column, justify="right" if column != "kept in" else "left")
    for place in arguments.places:
        found = measure(place, arguments.turn, arguments.rounds)
        cells = (found.clock, found.processor, found.stored)
        table.add_row(place, *(f"{cell:.2f}" for cell in cells), f"{found.kilobytes:.1f}")
    Console().print(table)


def figures() -> Iterator[Figure]:
    """Measure conversations in SQLite files."""
    found = measure("SQLite", 2000, 4 * PERIOD)
    for what, ratio in (("processor time", found.processor), ("bytes stored", found.stored)):
        yield Figure(f"LLM_FSM, {what} of turn 2,000 to turn 20", f"{ratio:.2f}", "at most 1.2", ratio <= 1.2)


def measure(place: Place, turn: int, rounds: int) -> Growth:
    """Have two conversations come to their turns; then count the turns around there, of each in turn."""
    with ExitStack() as stack:
        early, late = stack.enter_context(_two_databases(place))
        talks = [stack.enter_context(_talk(address)) for address in (early, late)]
        for fsm, until in zip(talks, (YOUNG, turn), strict=True):
            for _ in range(until - PERIOD // 2):
                fsm.converse("I like it here.", "1")
        sizes = [_size(place, address) for address in (early, late)]
        times: list[list[tuple[float, float]]] = [[], []]
        for number in range(rounds):
            for which in (0, 1) if number % 2 else (1, 0):
                times[which].append(_timed_turn(talks[which]))
        grown = [_size(place, address) - size for address, size in zip((early, late), sizes, strict=True)]
        clock, processor = (
            _ratio([pair[kind] for pair in times[0]], [pair[kind] for pair in times[1]]) for kind in (0, 1)
        )
        return Growth(place, clock, processor, grown[1] / grown[0], grown[0] / rounds / 1000)


def _talk(address: str) -> LLM_FSM:
    return LLM_FSM(ROOMS, ScriptedModel(replies=REPLIES, repeat=True), db=address)


def _timed_turn(fsm: LLM_FSM) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    fsm.converse("I like it here.", "1")
    return time.perf_counter() - clock, time.process_time() - processor


def _ratio(early: Sequence[float], late: Sequence[float]) -> float:
    return statistics.median(one / other for one, other in zip(late, early, strict=True))


@contextmanager
def _two_databases(place: Place) -> Iterator[tuple[str, str]]:
    if place == "SQLite":
        with tempfile.TemporaryDirectory(prefix="fsm-bench-") as folder:
            yield str(Path(folder) / "early.sqlite"), str(Path(folder) / "late.sqlite")
        return
    with databases() as addresses:
        server = addresses["PostgreSQL"]
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("CREATE DATABASE early")
            connection.execute("CREATE DATABASE late")
        yield server.replace("/postgres?", "/early?"), server.replace("/postgres?", "/late?")


def _size(place: Place, address: str) -> int:
    """Count the bytes of a database's tables, whether they are in the file itself by now or in its log."""
    if place == "SQLite":
        connection = sqlite3.connect(address)
        (pages,), (size,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
        connection.close()
        return int(pages * size)
    with psycopg.connect(address) as server:
        row = server.execute(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchone()
    return int(row[0]) if row is not None else 0


if __name__ == "__main__":
    main()

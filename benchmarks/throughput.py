"""How many turns a second one core has of many conversations at once, and what a conversation costs that waits.

All conversations run in one event loop, on one core, against one compiled graph; each sends its next message as soon as
it is answered. They go from room to room (`rooms.py`), two supersteps a turn, and their messages are streamed. The
model is the scripted one, which answers at once, or after 400 ms. PostgreSQL runs on the other cores.

"slowest" is the mean turn of the conversation that has waited most, to that of the median one: where one starves, it
grows. A second of CPU is one of this process, which counts the same on a busy machine. What a conversation keeps in
memory is measured after it has had two turns, by tracemalloc, which counts what Python's objects take.

    python -m benchmarks.throughput [--at-once 1 10 100 1000]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import statistics
import time
import tracemalloc
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure
from benchmarks.rooms import MESSAGE, ROOMS, reply, said
from benchmarks.savers import Place, databases, open_saver
from fsm_langgraph import Graph, ScriptedModel, compile_fsm

TURNS = 2
"""How many turns each conversation has at least."""
PLACES: tuple[Place, ...] = ("memory", "PostgreSQL")
DELAYS = {"at once": 0.0, "400 ms": 0.4}


@dataclass(frozen=True, slots=True)
class Result:
    """The result of some conversations at once."""

    rate: float
    """Turns a second."""
    cpu_rate: float
    """Turns a second of CPU."""
    turn: float
    """The median of a turn, in milliseconds."""
    slowest: float
    """The mean turn of the slowest conversation, to that of the median one."""


def main() -> None:
    """Measure, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 10, 100, 1000], help="numbers of conversations")
    numbers = parser.parse_args().at_once

    turns = Table(title="Turns a second on one core")
    for column in ("kept in", "model", "conversations", "turns/s", "a second of CPU", "turn, ms", "slowest"):
        turns.add_column(column, justify="left" if column in ("kept in", "model") else "right")
    kept = Table(title="What a conversation keeps in memory")
    for column in ("kept in", "bytes"):
        kept.add_column(column, justify="left" if column == "kept in" else "right")
    with databases() as found, one_core():
        for place in PLACES:
            for model, delay in DELAYS.items():
                for number in numbers:
                    result = asyncio.run(converse(place, found, number, delay))
                    rates = (f"{result.rate:.1f}", f"{result.cpu_rate:.0f}")
                    turns.add_row(place, model, str(number), *rates, f"{result.turn:.0f}", f"{result.slowest:.2f}")
            kept.add_row(place, f"{asyncio.run(idle(place, found)):.0f}")
    console = Console()
    console.print(turns)
    console.print(kept)


def figures() -> Iterator[Figure]:
    """Measure the quick set."""
    with databases() as found, one_core():
        one = asyncio.run(converse("memory", found, 1, 0.0))
        many = asyncio.run(converse("memory", found, 100, 0.0))
        yield Figure(
            "turns of 100 conversations at once, a second of one core's CPU, in memory", f"{many.cpu_rate:.0f}"
        )
        yield Figure("the same, to that of one conversation", f"{many.cpu_rate / one.cpu_rate:.2f}")
        yield Figure(
            "the slowest of 100 conversations, to the median",
            f"{many.slowest:.2f}",
            "no starving: at most 1.5",
            many.slowest <= 1.5,
        )
        for place in PLACES:
            yield Figure(
                f"memory of an idle conversation kept in {place}",
                f"{asyncio.run(idle(place, found, 50)) / 1000:.1f} kB",
            )


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, and not those that it has started before, to one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


async def converse(place: Place, found: dict[Place, str], number: int, delay: float) -> Result:
    """Hold so many conversations at once."""
    turns = max(TURNS, (20 if delay else 300) // number)
    async with open_saver(place, found, connections=10) as saver:
        graph = compile_fsm(ROOMS, _model(delay), checkpointer=saver)
        await asyncio.gather(*(_conversation(graph, 2) for _ in range(10)))
        began, cpu_before = time.perf_counter(), time.process_time()
        taken = await asyncio.gather(*(_conversation(graph, turns) for _ in range(number)))
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_before
    means = [statistics.fmean(times) for times in taken]
    return Result(
        number * turns / seconds,
        number * turns / cpu,
        statistics.median(time for times in taken for time in times) * 1000,
        max(means) / statistics.median(means),
    )


async def idle(place: Place, found: dict[Place, str], number: int = 300) -> float:
    """Say how many bytes a conversation keeps in memory while nothing happens in it."""
    model = _model(0)
    async with open_saver(place, found, connections=10) as saver:
        graph = compile_fsm(ROOMS, model, checkpointer=saver)
        tracemalloc.start()
        await asyncio.gather(*(_conversation(graph, TURNS) for _ in range(30)))
        before = _in_use(model)
        for _ in range(number // 10):  # no more at once than before, which would leave its own traces
            await asyncio.gather(*(_conversation(graph, TURNS) for _ in range(10)))
        bytes_each = (_in_use(model) - before) / number
        tracemalloc.stop()
    return bytes_each


def _in_use(model: ScriptedModel) -> int:
    model.forget()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


async def _conversation(graph: Graph, turns: int) -> list[float]:
    """Hold one conversation; return what each of its turns has taken, in seconds."""
    config: RunnableConfig = {"configurable": {"thread_id": str(uuid.uuid4())}}
    taken: list[float] = []
    for turn in range(turns):
        started, shown = time.perf_counter(), ""
        stream: Any = graph.astream(said("moves", turn), config, stream_mode="messages")
        async for chunk, _ in stream:
            shown += chunk.text
        taken.append(time.perf_counter() - started)
        assert shown == MESSAGE, "the message is not whole"
    return taken


def _model(delay: float) -> ScriptedModel:
    return ScriptedModel(replies=[_answer], first_delay=delay, repeat=True)


def _answer(messages: Sequence[BaseMessage], _: Any) -> str:
    side = "left" if "left" in messages[-1].text else "right"
    return reply(side, side)


if __name__ == "__main__":
    main()

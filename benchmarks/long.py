"""The costs of a turn late in a long conversation: its time, and the bytes that it stores.

One conversation of 2,000 turns goes on in the room of `rooms.py`, where now and then the user corrects a side; the
model is scripted and answers at once. It is held with a store, into which the older messages move, turn by turn to the
end. Beside it stand the same machine without a store and a LangGraph graph of one hand-written node, which keep every
message in the graph's state: what would take gigabytes is begun with as many messages as there would be by then.

All that is compared takes turns, in conversations of different lengths that are each kept in a file of their own. What
is counted are 44 turns from shortly before the one that is named: the store is written to every eleventh turn, and so
as often in each of them.

    python -m benchmarks.long [--turns 20 200 2000] [--rounds 44] [--plot]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.store.base import BaseStore
from langgraph.store.memory import InMemoryStore
from langgraph.store.sqlite.aio import AsyncSqliteStore
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure
from benchmarks.rooms import MESSAGE, ROOMS, reply, said
from benchmarks.savers import Place, open_saver
from fsm_langgraph import ScriptedModel, compile_fsm

Variant = Literal["by hand", "without a store", "with a store"]
VARIANTS: tuple[Variant, ...] = ("by hand", "without a store", "with a store")
Durability = Literal["async", "exit"]
KEPT: tuple[tuple[Place, Durability], ...] = (("memory", "async"), ("SQLite", "async"), ("SQLite", "exit"))

CONFIG: RunnableConfig = {"configurable": {"thread_id": "1"}}
REPLIES = [*[reply("left")] * 4, reply("left", "left")]
PERIOD = 11
"""Turns after which a conversation has as many messages in its state again: the older of 40 move, and 20 are left."""
PLOTTED = [20, 50, 100, 200, 500, 1000, 2000]
PLOT = Path(__file__).parent / "long.png"


@dataclass(slots=True)
class Talk:
    """A conversation that has come to a certain turn, and what its turns took from there."""

    variant: Variant
    turn: int
    graph: Any
    files: list[Path]
    times: list[float]
    size: int = 0
    """The bytes that were stored when the measurement began."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The costs of a turn at some point of a conversation."""

    variant: Variant
    turn: int
    ms: float
    to_first: float
    """Of its time to that at the first turn that was asked for: the median of the ratios, no ratio of the medians."""
    kilobytes: float


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, nargs="+", default=[20, 200, 2000], help="at which turns")
    parser.add_argument("--rounds", type=int, default=4 * PERIOD, help="turns of each conversation that are counted")
    parser.add_argument("--plot", action="store_true", help=f"draw {PLOT.name} too, of a SQLite file")
    arguments = parser.parse_args()

    table = Table(title="Turns of long conversations (medians)")
    for column in ("kept in", "durability", "conversation", "turn", "ms", "to the first", "stored, kB"):
        table.add_column(column, justify="left" if column in ("kept in", "durability", "conversation") else "right")
    for place, durability in KEPT:
        for cost in asyncio.run(measure(place, durability, arguments.turns, arguments.rounds)):
            stored = f"{cost.kilobytes:.1f}" if place != "memory" else ""
            row = (cost.variant, f"{cost.turn:,}", f"{cost.ms:.2f}", f"{cost.to_first:.2f}", stored)
            table.add_row(place, durability, *row, end_section=cost.turn == max(arguments.turns))
    Console().print(table)
    if arguments.plot:
        plot(asyncio.run(measure("SQLite", "async", PLOTTED, arguments.rounds)))


def figures() -> Iterator[Figure]:
    """Measure the conversation with a store, in a SQLite file."""
    young, old = asyncio.run(measure("SQLite", "async", [20, 2000], variants=("with a store",)))
    for what, ratio in (("time", old.to_first), ("bytes stored", old.kilobytes / young.kilobytes)):
        yield Figure(f"{what} of turn 2,000 to turn 20, in SQLite", f"{ratio:.2f}", "at most 1.2", ratio <= 1.2)


async def measure(
    place: Place,
    durability: Durability,
    turns: list[int],
    rounds: int = 4 * PERIOD,
    variants: tuple[Variant, ...] = VARIANTS,
) -> list[Cost]:
    """Have conversations of all variants come to these turns; then count the turns around there, of each in turn."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fsm-bench-")))
        talks = [
            await stack.enter_async_context(_begun(variant, place, folder / f"{variant} {turn}", turn))
            for variant, turn in itertools.product(variants, turns)
        ]
        for talk in talks:
            await _come_to(talk, max(talk.turn - PERIOD // 2, 0), durability)
            talk.size = _stored(talk)
        for number in range(rounds):
            for talk in talks if number % 2 else reversed(talks):
                talk.times.append(await _turn(talk, durability))
        first = {talk.variant: talk.times for talk in reversed(talks)}
        return [_cost(talk, first[talk.variant], rounds) for talk in talks]


@asynccontextmanager
async def _begun(variant: Variant, place: Place, file: Path, turn: int) -> AsyncIterator[Talk]:
    """Open what keeps a conversation, and make its graph."""
    files = [file.with_suffix(".checkpoints"), file.with_suffix(".store")]
    async with open_saver(place, {"SQLite": str(files[0])}) as saver, _store(place, files[1]) as store:
        if variant == "by hand":
            graph: Any = by_hand(saver)
        else:
            model = ScriptedModel(replies=REPLIES, repeat=True)
            graph = compile_fsm(ROOMS, model, checkpointer=saver, store=store if variant == "with a store" else None)
        yield Talk(variant, turn, graph, [] if place == "memory" else files, [])


def by_hand(saver: BaseCheckpointSaver[Any]) -> Any:
    """Build a graph of one node, which shows the model the last ten messages."""
    model = ScriptedModel(replies=[MESSAGE], repeat=True)

    async def talk(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"][-10:])]}

    builder = StateGraph(MessagesState)
    builder.add_node("talk", talk)
    builder.add_edge(START, "talk")
    return builder.compile(saver)


@asynccontextmanager
async def _store(place: Place, file: Path) -> AsyncIterator[BaseStore]:
    if place == "memory":
        yield InMemoryStore()
        return
    async with AsyncSqliteStore.from_conn_string(str(file)) as store:
        await store.setup()
        yield store


async def _come_to(talk: Talk, turn: int, durability: Durability) -> None:
    """Hold a conversation up to a turn; where messages stay, begin it with as many as there would be."""
    if talk.variant == "with a store":
        for _ in range(turn):
            await _turn(talk, durability)
        return
    before = [(HumanMessage("I like it here."), AIMessage(MESSAGE)) for _ in range(turn)]
    history = [message for pair in before for message in pair]
    await talk.graph.ainvoke({"messages": [*history, HumanMessage("I like it here.")]}, CONFIG, durability=durability)


async def _turn(talk: Talk, durability: Durability) -> float:
    started = time.perf_counter()
    await talk.graph.ainvoke(said("stays", 0), CONFIG, durability=durability)
    return time.perf_counter() - started


def _stored(talk: Talk) -> int:
    """Count the bytes of a conversation's files, whether they are in the file itself by now or in its log."""
    total = 0
    for file in talk.files:
        connection = sqlite3.connect(file)
        (pages,), (size,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
        connection.close()
        total += pages * size
    return total


def _cost(talk: Talk, first: list[float], rounds: int) -> Cost:
    ratio = statistics.median(late / early for early, late in zip(first, talk.times, strict=True))
    stored = (_stored(talk) - talk.size) / rounds / 1000
    return Cost(talk.variant, talk.turn, statistics.median(talk.times) * 1000, ratio, stored)


def plot(costs: list[Cost]) -> None:
    """Draw the time of a turn and what it stores against the turn."""
    import altair as alt
    import pandas as pd

    panels = {"ms": "time of the turn, ms", "kilobytes": "stored by the turn, kB"}
    rows = [{"variant": cost.variant, "turn": cost.turn, "ms": cost.ms, "kilobytes": cost.kilobytes} for cost in costs]
    lines = alt.Chart(pd.DataFrame(rows)).mark_line(point=True).properties(width=300, height=260)
    charts = [
        lines.encode(
            x=alt.X("turn:Q", title="turn of the conversation", axis=alt.Axis(values=PLOTTED)).scale(
                type="log", domain=[PLOTTED[0], PLOTTED[-1]]
            ),
            y=alt.Y(f"{name}:Q", title=title).scale(type="log"),
            color=alt.Color("variant:N", title="", sort=list(VARIANTS)),
        )
        for name, title in panels.items()
    ]
    alt.hconcat(*charts).configure_legend(orient="bottom").save(PLOT, scale_factor=2)


if __name__ == "__main__":
    main()

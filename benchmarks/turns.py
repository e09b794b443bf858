"""The time of a whole turn, against a graph that is written by hand for LangGraph and asks the same of the same model.

`rooms.py` has the conversation and the hand-written graph. The two graphs take turns, so that a noisy machine disturbs
both alike, in threads of ten turns. The model answers at once, so that all that is left to measure is the turn: it is
the scripted one, or ChatOpenAI with a server behind it. Both graphs are read as a chat reads them, by `astream` with
messages, or just run, by `ainvoke`; the scripted model streams in either case.

    python -m benchmarks.turns [--turns 200] [--http]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableConfig
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure
from benchmarks.model_server import ModelServer
from benchmarks.rooms import MESSAGE, REPLIES, ROOMS, Kind, by_hand, said
from benchmarks.savers import PLACES, Place, databases, open_saver
from fsm_langgraph import ScriptedModel, compile_fsm

TURNS_PER_THREAD = 10
KINDS: tuple[Kind, ...] = ("stays", "moves")
Durability = Literal["async", "exit"]
DURABILITIES: tuple[Durability, ...] = ("async", "exit")


@dataclass(frozen=True, slots=True)
class Result:
    """The medians of one kind of turn, in milliseconds."""

    by_hand: float
    fsm: float
    ratio: float
    """Of a turn of the compiled graph to the one by hand beside it: no ratio of the medians."""


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=200, help="turns of each kind")
    parser.add_argument("--http", action="store_true", help="with ChatOpenAI over HTTP instead of the scripted model")
    parser.add_argument("--invoke", action="store_true", help="by `ainvoke` instead of `astream`")
    arguments = parser.parse_args()

    table = Table(title="Whole turns, in ms (medians)")
    for column in ("kept in", "durability", "turn", "by hand", "fsm", "ratio"):
        table.add_column(column, justify="left" if column in ("kept in", "durability", "turn") else "right")
    for place, durability, kind, found in asyncio.run(
        measure(arguments.turns, http=arguments.http, stream=not arguments.invoke)
    ):
        times = (f"{found.by_hand:.2f}", f"{found.fsm:.2f}", f"{found.ratio:.2f}")
        table.add_row(place, durability, kind, *times)
    Console().print(table)


def figures() -> Iterator[Figure]:
    """Measure the quick set."""
    worst: dict[str, float] = {}
    for place, durability, _, found in asyncio.run(measure(50)):
        what = f"turn in {place}, durability {durability}, to a hand-written graph's"
        worst[what] = max(worst.get(what, 0), found.ratio)
    for what, ratio in worst.items():
        yield Figure(what, f"{ratio:.2f}", "at most 1.3", ratio <= 1.3)


async def measure(
    turns: int, *, http: bool = False, stream: bool = True
) -> list[tuple[Place, Durability, Kind, Result]]:
    """Have as many turns of each kind with both graphs, wherever they are kept."""
    results: list[tuple[Place, Durability, Kind, Result]] = []
    with databases() as found, ModelServer() as server:
        for place, durability, kind in itertools.product(PLACES, DURABILITIES, KINDS):
            models: list[BaseChatModel] = [ScriptedModel(replies=REPLIES[kind], repeat=True) for _ in range(2)]
            if http:
                for name in ("by hand", "fsm"):
                    server.script(name.replace(" ", "-"), REPLIES[kind], repeat=True)
                models = [server.chat_model("by-hand"), server.chat_model("fsm")]
            async with open_saver(place, found) as one, open_saver(place, found) as other:
                graphs = (by_hand(models[0], one), compile_fsm(ROOMS, models[1], checkpointer=other))
                results.append((place, durability, kind, await compare(graphs, kind, durability, turns, stream=stream)))
    return results


async def compare(graphs: tuple[Any, Any], kind: Kind, durability: Durability, turns: int, *, stream: bool) -> Result:
    """Have as many turns of one kind with the hand-written graph and the compiled one."""
    taken: tuple[list[float], list[float]] = ([], [])
    conversation = uuid.uuid4()
    for turn in range(-TURNS_PER_THREAD, turns):  # what comes before the first one warms up
        thread, number = divmod(turn, TURNS_PER_THREAD)
        pairs = list(zip(graphs, taken, strict=True))
        for graph, times in pairs if turn % 2 else reversed(pairs):
            config: RunnableConfig = {"configurable": {"thread_id": f"{conversation} {id(graph)} {thread}"}}
            started = time.perf_counter()
            if stream:
                async for _ in graph.astream(said(kind, number), config, durability=durability, stream_mode="messages"):
                    pass
            else:
                await graph.ainvoke(said(kind, number), config, durability=durability)
            if turn >= 0:
                times.append(time.perf_counter() - started)
            if number == TURNS_PER_THREAD - 1:
                await _check(graph, config, kind)
    one, other = taken
    ratio = statistics.median(fsm / by_hand for by_hand, fsm in zip(one, other, strict=True))
    return Result(statistics.median(one) * 1000, statistics.median(other) * 1000, ratio)


async def _check(graph: Any, config: RunnableConfig, kind: Kind) -> None:
    """See to it that a thread of turns is what it should be, in either graph."""
    values = (await graph.aget_state(config)).values
    assert [message.text for message in values["messages"]][1::2] == [MESSAGE] * TURNS_PER_THREAD, "not all was said"
    assert values["context"] == ({} if kind == "stays" else {"side": "left"}), "not all was understood"
    assert values.get("current_state", values.get("room")) == "left", "it has not gone where it should"


if __name__ == "__main__":
    main()

"""Turns of several kinds, timed in one process; run by `against.py` with two releases of the package in turn.

It uses names alone that every release has, and prints one line of JSON: for each kind the milliseconds that a turn took
(the median), and the milliseconds that the bare import took, and the import of what compiles a machine.

In memory they are the processor's. Nothing there waits, with a model that answers at once; and on a busy machine the
time on the wall tells of the neighbours. With a database they are the wall's: there the waiting counts.

    python benchmarks/played.py [--turns 200] [--sqlite FOLDER] [--postgresql URI]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

STARTED = time.process_time()
import fsm_langgraph  # noqa: E402 - its import is timed

IMPORTED = time.process_time() - STARTED

from langgraph.checkpoint.memory import InMemorySaver  # noqa: E402 - the package comes first, whose import is timed

from fsm_langgraph import Handlers, compile_fsm  # noqa: E402 - these load LangGraph and the rest

LOADED = time.process_time() - STARTED

from fsm_langgraph.models.scripted import ScriptedModel  # noqa: E402 - the same

SAID = "I see. A bright room with two windows, and a picture of the sea. Where would you like to go now?"
TURNS_PER_THREAD = 10


def state(name: str, *targets: str, **more: Any) -> dict[str, Any]:
    """Write a state with transitions to these targets."""
    transitions = [{"target_state": target, "description": f"On to {target}"} for target in targets]
    return {"id": name, "description": name, "purpose": f"Show {name}", "transitions": transitions, **more}


def machine(*states: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Write a definition that begins in its first state."""
    named = {one["id"]: one for one in states}
    start = states[0]["id"]
    return {
        "name": "Rooms",
        "description": "Two rooms",
        "initial_state": start,
        "version": "3.0",
        "states": named,
        **more,
    }


ROOMS = machine(
    state("left", "right", required_context_keys=["side"]), state("right", "left", required_context_keys=["side"])
)
NESTED = machine(
    state("left", "hall"),
    state("hall", "left", subflow="inner", inputs=["side"]),
    subflows={"inner": machine(state("door", "window", required_context_keys=["side"]), state("window", "door"))},
)


def reply(target: str) -> dict[str, Any]:
    """Write a reply that goes to this target."""
    return {"target_state": target, "updates": [{"side": target}], "message": SAID}


def stays(_: Any, schema: Any) -> Any:
    """Stay in the room."""
    return reply(schema["properties"]["target_state"]["enum"][-1]) if schema else SAID


def moves(_: Any, schema: Any) -> Any:
    """Go to the other room."""
    return reply(schema["properties"]["target_state"]["enum"][0]) if schema else SAID


def handlers() -> Handlers:
    """Make a handler that runs in every turn, and writes what it has seen."""
    made = Handlers()
    made.on("POST_TRANSITION")(lambda event: {"seen": event.state})
    return made


KINDS: dict[str, Callable[[Any], Any]] = {
    "stays": lambda saver: compile_fsm(ROOMS, model(stays), checkpointer=saver),
    "moves": lambda saver: compile_fsm(ROOMS, model(moves), checkpointer=saver),
    "moves, with a handler": lambda saver: compile_fsm(ROOMS, model(moves), checkpointer=saver, handlers=handlers()),
    "in a sub-machine": lambda saver: compile_fsm(NESTED, model(moves), checkpointer=saver),
}


def model(answer: Callable[[Any, Any], Any]) -> ScriptedModel:
    """Make a model that answers at once."""
    return ScriptedModel(replies=[answer], repeat=True, chunk_size=12)


async def turn(graph: Any, thread: str, clock: Callable[[], float], *, is_awaited: bool) -> float:
    """Hold one turn; return the milliseconds that it took by a clock."""
    given = {"messages": [{"role": "user", "content": "and then?"}]}
    config = {"configurable": {"thread_id": thread}}
    started = clock()
    if is_awaited:
        async for _piece in graph.astream(given, config, stream_mode="messages"):
            pass
    else:
        for _piece in graph.stream(given, config, stream_mode="messages"):
            pass
    return (clock() - started) * 1000


@asynccontextmanager
async def in_sqlite(folder: str, *, is_awaited: bool) -> AsyncIterator[Any]:
    """Open a checkpointer in a new file of a folder."""
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    file = str(Path(folder) / f"{time.time_ns()}.sqlite")
    if is_awaited:
        async with AsyncSqliteSaver.from_conn_string(file) as saver:
            yield saver
    else:
        with SqliteSaver.from_conn_string(file) as saver:
            yield saver


@asynccontextmanager
async def in_postgresql(uri: str, *, is_awaited: bool) -> AsyncIterator[Any]:
    """Open a checkpointer in a database."""
    from langgraph.checkpoint.postgres import PostgresSaver
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

    if is_awaited:
        async with AsyncPostgresSaver.from_conn_string(uri) as saver:
            await saver.setup()
            yield saver
    else:
        with PostgresSaver.from_conn_string(uri) as saver:
            saver.setup()
            yield saver


async def main() -> None:
    """Time the turns, the kinds one after the other in short rounds, so that a slow moment hits all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=200, help="turns of each kind")
    parser.add_argument("--sqlite", metavar="FOLDER", help="keep them in SQLite files there, besides")
    parser.add_argument("--postgresql", metavar="URI", help="keep them in this database, besides")
    arguments = parser.parse_args()
    calls = {"sync": False, "async": True}
    databases = {"SQLite": (in_sqlite, arguments.sqlite), "PostgreSQL": (in_postgresql, arguments.postgresql)}
    session = f"{time.time_ns()} "
    async with AsyncExitStack() as stack:
        graphs = {
            (f"{kind}, {call}", is_awaited, time.process_time): make(InMemorySaver())
            for kind, make in KINDS.items()
            for call, is_awaited in calls.items()
        }
        for place, (opened, where) in databases.items():
            for call, is_awaited in calls.items():
                for kind in ("stays", "moves, with a handler") if where else ():
                    saver = await stack.enter_async_context(opened(where, is_awaited=is_awaited))
                    graphs[f"{kind}, {place}, {call}", is_awaited, time.perf_counter] = KINDS[kind](saver)
        took: dict[str, list[float]] = {kind: [] for kind, *_ in graphs}
        for number in range(arguments.turns // TURNS_PER_THREAD + 1):
            for (kind, is_awaited, clock), graph in graphs.items():
                thread = f"{session}{kind} {number}"
                times = [await turn(graph, thread, clock, is_awaited=is_awaited) for _ in range(TURNS_PER_THREAD)]
                took[kind] += times if number else []  # the first round warms up
    medians = {kind: statistics.median(times) for kind, times in took.items()}
    imports = {"import fsm_langgraph": IMPORTED * 1000, "import compile_fsm": LOADED * 1000}
    print(json.dumps({"package": fsm_langgraph.__file__, **imports, **medians}))


if __name__ == "__main__":
    asyncio.run(main())

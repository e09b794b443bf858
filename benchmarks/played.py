"""Turns of several kinds, timed in one process; run by `against.py` with two releases of the package at once.

It uses names alone that every release has. Its first line is JSON: the package's file, the milliseconds that its import
took, and the import of what compiles a machine, and the kinds of turn. Then it reads a kind a line, holds a new
conversation of ten such turns, and answers with the milliseconds of a turn (their mean).

In memory they are the processor's. Nothing there waits, with a model that answers at once; and on a busy machine the
time on the wall tells of the neighbours. With a database they are the wall's: there the waiting counts.

    python benchmarks/played.py [--sqlite FOLDER] [--postgresql URI]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

STARTED = time.process_time()
import fsm_langgraph  # noqa: E402 - its import is timed

IMPORTED = time.process_time() - STARTED

from langgraph.checkpoint.memory import InMemorySaver  # noqa: E402 - the package comes first, whose import is timed

from fsm_langgraph import Handlers, compile_fsm  # noqa: E402 - these load LangGraph and the rest

LOADED = time.process_time() - STARTED

from fsm_langgraph.models.scripted import ScriptedModel  # noqa: E402 - the same

SAID = "I see. A bright room with two windows, and a picture of the sea. Where would you like to go now?"
TURNS = 10
"""In a conversation. The garbage collector comes several times in them, so that the mean has its share."""


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


Answer = Callable[[Any, Any], Any]
KINDS: dict[str, tuple[dict[str, Any], Answer, Callable[[], dict[str, Any]]]] = {
    "stays": (ROOMS, stays, dict),
    "moves": (ROOMS, moves, dict),
    "moves, with a handler": (ROOMS, moves, lambda: {"handlers": handlers()}),
    "in a sub-machine": (NESTED, moves, dict),
}
"""The definition, the model's answer, and the options of each kind of turn."""


@dataclass(frozen=True, slots=True)
class Conversations:
    """Conversations of one kind, each of them new."""

    graph: Any
    model: ScriptedModel
    clock: Callable[[], float]
    is_awaited: bool

    async def hold(self) -> float:
        """Hold one; return the milliseconds that a turn took by the clock."""
        config = {"configurable": {"thread_id": str(uuid4())}}
        started = self.clock()
        for _ in range(TURNS):
            given = {"messages": [{"role": "user", "content": "and then?"}]}
            self.model.forget()  # a provider's keeps no prompts, which the garbage collector would go through each time
            if self.is_awaited:
                async for _piece in self.graph.astream(given, config, stream_mode="messages"):
                    pass
            else:
                for _piece in self.graph.stream(given, config, stream_mode="messages"):
                    pass
        return (self.clock() - started) * 1000 / TURNS


def conversations(kind: str, saver: Any, clock: Callable[[], float], *, is_awaited: bool) -> Conversations:
    """Prepare conversations of a kind, with a model that answers at once."""
    definition, answer, options = KINDS[kind]
    model = ScriptedModel(replies=[answer], repeat=True, chunk_size=12)
    graph = compile_fsm(definition, model, checkpointer=saver, **options())
    return Conversations(graph, model, clock, is_awaited)


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
    """Say what there is, then hold what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sqlite", metavar="FOLDER", help="keep conversations in SQLite files there, besides")
    parser.add_argument("--postgresql", metavar="URI", help="keep them in this database, besides")
    arguments = parser.parse_args()
    calls = {"sync": False, "async": True}
    databases = {"SQLite": (in_sqlite, arguments.sqlite), "PostgreSQL": (in_postgresql, arguments.postgresql)}
    async with AsyncExitStack() as stack:
        kinds = {
            f"{kind}, {call}": conversations(kind, InMemorySaver(), time.process_time, is_awaited=is_awaited)
            for kind in KINDS
            for call, is_awaited in calls.items()
        }
        for place, (opened, where) in databases.items():
            for call, is_awaited in calls.items():
                for kind in ("stays", "moves, with a handler") if where else ():
                    saver = await stack.enter_async_context(opened(where, is_awaited=is_awaited))
                    kept = conversations(kind, saver, time.perf_counter, is_awaited=is_awaited)
                    kinds[f"{kind}, {place}, {call}"] = kept
        imports = {"import fsm_langgraph": IMPORTED * 1000, "import compile_fsm": LOADED * 1000}
        print(json.dumps({"package": fsm_langgraph.__file__, "imports": imports, "kinds": [*kinds]}), flush=True)
        for line in sys.stdin:
            print(await kinds[line.strip()].hold(), flush=True)


if __name__ == "__main__":
    asyncio.run(main())

"""A turn that goes through every moment and two states, and processes that die in a turn."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from handling import noted
from langchain_core.messages import BaseMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from machines import DRIVERS, SEED, Json, Talk, given, machine, reply, state, to

from fsm_langgraph import Event, Handlers, ScriptedModel, compile_fsm
from fsm_langgraph.conversation.sqlite_file import SqliteFile
from fsm_langgraph.handlers import MOMENTS, Moment

IN_TURN: list[Moment] = [moment for moment in MOMENTS if moment != "ERROR"]
ORDER = machine(state("ask", to("done", "name"), required_context_keys=["name"]), state("done"))
"""One turn goes through every moment, and through two states."""
OVER = reply("done", "Bye!", name="Ann")


def writing_down(file: Path) -> Handlers:
    """Make a handler that writes to a file what it does, and to the context."""
    handlers = Handlers()

    @handlers.on(*IN_TURN)
    def write_down(event: Event) -> Json:
        with file.open("a") as lines:
            lines.write(f"{noted(event)}\n")
        return {event.moment.lower(): event.idempotency_key}

    return handlers


def die_at(folder: Path, moment: Moment, driver: int) -> None:
    """Die in the second handler of a moment, after the first one has written down what it did."""
    handlers = writing_down(folder / "done.txt")
    handlers.on(moment, priority=200)(lambda _: os._exit(9))
    saver = SqliteFile(folder / "turns.db")
    Talk(ORDER, [OVER, "Bye!"], DRIVERS[driver], saver=saver, handlers=handlers).say("Ann")


def die_while_the_second_state_speaks(file: Path) -> None:
    """Die when the message has led to a second state, in the call for what that one says."""

    def die(_: list[BaseMessage], __: Json | None) -> str:
        os._exit(9)

    model = ScriptedModel(replies=["Hi!", reply("collect_name", name="Ann"), die])
    saver = SqliteSaver(sqlite3.connect(file, check_same_thread=False))
    graph: Any = compile_fsm(SEED, model, checkpointer=saver)
    for turn in (given(), given("Ann")):
        graph.invoke(turn, {"configurable": {"thread_id": "1"}}, durability="sync")

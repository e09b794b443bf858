"""Many writers of one conversation at once: threads and tasks of one process, or processes that share a database.

Each writer sends messages of its own, one after the other. A handler counts the turns, the model stores for each writer
which of its messages it heard last. So nothing is lost where the count, the keys and the messages are all there.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AnyMessage, BaseMessage
from machines import Json, machine, reply, state, to

from crash.zygote import ended, fork
from fsm_langgraph import LLM_FSM, Event, Handlers, ScriptedModel

DIARY = machine(state("ask", to("end", "never"), required_context_keys=["never"]), state("end"), name="diary")
"""A machine that listens for ever."""
THREAD = "shared"

_WRITTEN = re.compile(r"(w\d+) (\d+)")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of what was written."""

    count: int
    """The turns, as a handler counts them."""
    last: dict[str, int]
    """The last message that was heard of each writer."""
    messages: dict[str, list[int]]
    """The messages of each writer, in order."""
    answers: int


def all_of(writers: int, turns: int, *, answers: int | None = None) -> Kept:
    """Make what is to be kept of so many writers with so many turns each."""
    names = [f"w{writer}" for writer in range(writers)]
    every = writers * turns
    return Kept(
        every if answers is None else answers,
        dict.fromkeys(names, turns - 1),
        {name: [*range(turns)] for name in names},
        every if answers is None else answers,
    )


def diary(**options: Any) -> LLM_FSM:
    """Open the conversations of the diary."""
    handlers = Handlers()

    @handlers.on("PRE_PROCESSING")
    def count(event: Event) -> Json:
        before = event.context.get("count")
        return {"count": (before if isinstance(before, int) else 0) + 1}

    return LLM_FSM(DIARY, ScriptedModel(replies=[_answer], repeat=True, chunk_size=40), handlers=handlers, **options)


def _answer(messages: list[BaseMessage], _: Json | None) -> Json:
    heard = [message.text for message in messages if message.type == "human"][-1]
    return reply("ask", "Noted.", **{name: int(number) for name, number in _WRITTEN.findall(heard)})


def kept(fsm: LLM_FSM) -> Kept:
    """Read what is kept."""
    context, messages = fsm.get_data(THREAD), fsm.get_messages(THREAD)
    last = {key: int(str(value)) for key, value in context.items() if key.startswith("w")}
    return Kept(int(str(context.get("count"))), last, _written(messages), sum(each.type == "ai" for each in messages))


def _written(messages: list[AnyMessage]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for message in messages:
        if message.type == "human":
            for name, number in _WRITTEN.findall(message.text):
                found.setdefault(name, []).append(int(number))
    return found


def write(fsm: LLM_FSM, writer: int, turns: int) -> None:
    """Send the messages of a writer."""
    for number in range(turns):
        fsm.converse(f"w{writer} {number}", THREAD)


async def awrite(fsm: LLM_FSM, writer: int, turns: int) -> None:
    """Send the messages of a writer; the twin of `write`."""
    for number in range(turns):
        await fsm.aconverse(f"w{writer} {number}", THREAD)


def in_threads_and_tasks(fsm: LLM_FSM, writers: int, turns: int) -> None:
    """Write from threads, and from tasks of one event loop, at the same time."""
    threads = [threading.Thread(target=write, args=(fsm, writer, turns)) for writer in range(0, writers, 2)]
    for thread in threads:
        thread.start()
    asyncio.run(_gathered(fsm, range(1, writers, 2), turns))
    for thread in threads:
        thread.join()


async def _gathered(fsm: LLM_FSM, writers: range, turns: int) -> None:
    await asyncio.gather(*(awrite(fsm, writer, turns) for writer in writers))


def in_processes(database: str, writers: int, turns: int, write_all: Callable[..., None] | None = None) -> Kept:
    """Write from processes that share a database; every other one awaits its turns. Return what is kept."""
    diary(db=database).close()  # the tables are there before they all begin
    children = [fork(write_all or _write_all, database, writer, turns) for writer in range(writers)]
    failed = [child for child in children if ended(child) != 0]
    if failed:
        raise RuntimeError(f"{len(failed)} writers failed")
    with diary(db=database) as fsm:
        return kept(fsm)


def _write_all(database: str, writer: int, turns: int) -> None:
    with diary(db=database) as fsm:
        if writer % 2:
            asyncio.run(awrite(fsm, writer, turns))
        else:
            write(fsm, writer, turns)

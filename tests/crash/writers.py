"""Many writers of one conversation at once: threads and tasks of one process, or processes that share a database.

Each writer sends messages of its own, one after the other. A handler counts the turns, the model stores for each writer
which of its messages it heard last. So nothing is lost where the count, the keys and the messages are all there.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage
from machines import Json, machine, reply, state, to

from crash.zygote import ended, fork
from fsm_langgraph import LLM_FSM, Event, Handlers, ScriptedModel, Superseded, TurnConflict

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
    """Make what is to be kept of so many writers with so many messages each, each answered unless it is said."""
    names = [f"w{writer}" for writer in range(writers)]
    count = writers * turns if answers is None else answers
    return Kept(count, dict.fromkeys(names, turns - 1), {name: [*range(turns)] for name in names}, count)


def diary(*, pause: float = 0, **options: Any) -> LLM_FSM:
    """Open the conversations of the diary; the model pauses between its pieces."""
    handlers = Handlers()

    @handlers.on("PRE_PROCESSING")
    def count(event: Event) -> Json:
        before = event.context.get("count")
        return {"count": (before if isinstance(before, int) else 0) + 1}

    model = ScriptedModel(replies=[_answer], repeat=True, chunk_size=20 if pause else 80, delay=pause)
    # Few messages are kept in the state, so that most turns move older ones to the store.
    limits = {"history_limit": 2, "messages_limit": 4}
    return LLM_FSM(DIARY, model, handlers=handlers, **(limits | options))


def _answer(messages: list[BaseMessage], _: Json | None) -> Json:
    heard = "\n".join(since_last_answer(messages))
    return reply("ask", "Noted.", also={name: int(number) for name, number in _WRITTEN.findall(heard)})


def since_last_answer(messages: Sequence[BaseMessage]) -> list[str]:
    """Return what the user has written since the last answer; a message that calls a tool is none."""
    texts: list[str] = []
    for message in messages:
        if isinstance(message, AIMessage) and not message.tool_calls:
            texts.clear()
        elif message.type == "human":
            texts.append(message.text)
    return texts


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


def write(fsm: LLM_FSM, writer: int, turns: int) -> int:
    """Send the messages of a writer, again where another turn has the conversation; return how many were answered."""
    answered = 0
    for number in range(turns):
        while True:
            try:
                fsm.converse(f"w{writer} {number}", THREAD)
            except TurnConflict:
                time.sleep(0.001)
                continue
            except Superseded:
                break
            answered += 1
            break
    return answered


async def awrite(fsm: LLM_FSM, writer: int, turns: int) -> int:
    """Send the messages of a writer; the twin of `write`."""
    answered = 0
    for number in range(turns):
        while True:
            try:
                await fsm.aconverse(f"w{writer} {number}", THREAD)
            except TurnConflict:
                await asyncio.sleep(0.001)
                continue
            except Superseded:
                break
            answered += 1
            break
    return answered


def in_threads_and_tasks(fsms: Sequence[LLM_FSM], writers: int, turns: int) -> int:
    """Write from threads, and from tasks of one event loop, at the same time; return how many messages were answered.

    Args:
        fsms: Objects that hold the same conversations; the writers take turns at them.
        writers: How many write.
        turns: How many messages each has.
    """
    with ThreadPoolExecutor(writers) as pool:
        threads = [pool.submit(write, fsms[writer % len(fsms)], writer, turns) for writer in range(0, writers, 2)]
        tasks = asyncio.run(_gathered(fsms, range(1, writers, 2), turns))
    return sum(thread.result() for thread in threads) + sum(tasks)


async def _gathered(fsms: Sequence[LLM_FSM], writers: range, turns: int) -> list[int]:
    return await asyncio.gather(*(awrite(fsms[writer % len(fsms)], writer, turns) for writer in writers))


def in_processes(database: str, writers: int, turns: int, processes: int = 20) -> Kept:
    """Write from processes that share a database; every other writer awaits its turns. Return what is kept.

    Args:
        database: The path of a SQLite file, or the address of a PostgreSQL server.
        writers: How many write.
        turns: How many messages each has.
        processes: How many processes they share: a server takes so many connections only.
    """
    shares = [range(writers)[number::processes] for number in range(min(processes, writers))]
    children = [fork(_write_all, database, share, turns) for share in shares]
    failed = [child for child in children if ended(child) != 0]
    if failed:
        raise RuntimeError(f"{len(failed)} of {len(children)} processes failed")
    with diary(db=database) as fsm:
        return kept(fsm)


def _write_all(database: str, share: range, turns: int) -> None:
    with diary(db=database) as fsm, ThreadPoolExecutor(len(share)) as pool:
        sent = [pool.submit(_write_one, fsm, writer, turns) for writer in share]
        for each in sent:
            each.result()


def _write_one(fsm: LLM_FSM, writer: int, turns: int) -> None:
    if writer % 2:
        asyncio.run(awrite(fsm, writer, turns))
    else:
        write(fsm, writer, turns)

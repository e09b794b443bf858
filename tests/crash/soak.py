"""A long run: a thousand kills and fifty writers, over both databases; it takes a quarter of an hour, and is not in CI.

make soak
python -m crash.soak [KILLS] [WRITERS]
"""

from __future__ import annotations

import itertools
import random
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from postgresql import new_database_with_tables, running_server
from rich.console import Console
from rich.progress import track
from rich.table import Table

from crash.keepers import Death, Side
from crash.kills import Kill, Signal, Then, Unbroken, kill, play_unbroken
from crash.player import Place
from crash.writers import all_of, diary, in_processes, in_threads_and_tasks, kept
from crash.zygote import Zygote

TURNS = 20
"""How many messages each writer sends."""


def main() -> None:
    """Kill and write, and print what came of it."""
    kills, writers = (*map(int, sys.argv[1:]), *(1000, 50)[len(sys.argv) - 1 :])
    console = Console(width=None if sys.stdout.isatty() else 120)
    with TemporaryDirectory() as name, Zygote() as zygote, running_server(Path(name)) as address:
        server = new_database_with_tables(address)
        console.print(_killed(console, zygote, Path(name), server, kills))
        console.print(_written(zygote, Path(name), server, writers))


def _killed(console: Console, zygote: Zygote, folder: Path, server: str, kills: int) -> Table:
    table = Table(title=f"{kills} kills")
    for column in ("held by", "kills", "conversations wrong", "complete effects repeated", "ran again by their keys"):
        table.add_column(column)
    place = Place(str(folder / "unbroken.db"), durability="sync")
    unbroken = zygote.call(play_unbroken, place, folder / "unbroken.txt")
    dice = random.Random(kills)  # noqa: S311 - it chooses moments, and no secrets
    counts: dict[str, Counter[str]] = {}
    ways = itertools.cycle(_places())
    for number in track(range(kills), "Killing", console=console):
        place = next(ways)
        database = server if place.database == "PostgreSQL" else str(folder / f"{number}.db")
        plan = _plan(dice, unbroken)
        kept_at = replace(place, database=database, thread=str(number))
        outcome = zygote.call(kill, kept_at, folder / f"{number}.txt", plan, unbroken)
        for fault in outcome.wrong + outcome.repeated:
            console.print(str(place), plan, fault[:300])
        found = {
            "killed": int(outcome.was_killed),
            "wrong": int(bool(outcome.wrong)),
            "repeated": len(outcome.repeated),
        }
        way = f"{place.api}, {place.database}, {place.durability}"
        counts.setdefault(way, Counter()).update({**found, "again": outcome.again})
    for way, count in [*counts.items(), ("in all", sum(counts.values(), Counter()))]:
        table.add_row(way, *(str(count[each]) for each in ("killed", "wrong", "repeated", "again")))
    return table


def _places() -> list[Place]:
    ways = [*itertools.product(("SQLite", "PostgreSQL"), (False, True), (True, False))]
    held = [
        Place(database, is_async=is_async, has_ids=has_ids, durability=durability)
        for database, is_async, has_ids in ways
        for durability in ("sync", "async", "exit")
    ]
    opened = [
        Place(database, is_async=is_async, has_ids=has_ids, api="LLM_FSM") for database, is_async, has_ids in ways
    ]
    return [*held, *opened]


def _plan(dice: random.Random, unbroken: Unbroken) -> Kill:
    thens: tuple[Then, ...] = ("again", "again", "next")
    then = dice.choice(thens)
    if dice.random() < 0.5:
        return Kill(Signal(dice.randrange(1, unbroken.lines - 20), dice.random() / 200), then)
    return Kill(Death(dice.randrange(1, unbroken.writes[-1] + 1), dice.choice(get_args(Side))), then)


def _written(zygote: Zygote, folder: Path, server: str, writers: int) -> Table:
    table = Table(title=f"{writers} writers with {TURNS} messages each")
    for column in ("written by", "lost", "seconds"):
        table.add_column(column)
    wanted = all_of(writers, TURNS)
    one = diary()
    other = diary(checkpointer=one.graph.checkpointer, store=one.graph.store)
    started = time.perf_counter()
    in_threads_and_tasks([one, other], writers, TURNS)
    table.add_row("threads and tasks", str(wanted.count - kept(one).count), f"{time.perf_counter() - started:.0f}")
    for database, address in (("SQLite", str(folder / "shared.db")), ("PostgreSQL", server)):
        started = time.perf_counter()
        found = zygote.call(in_processes, address, writers, TURNS)
        lost = wanted.count - found.count if found.count != wanted.count else int(found != wanted)
        table.add_row(f"processes, {database}", str(lost), f"{time.perf_counter() - started:.0f}")
    return table


if __name__ == "__main__":
    main()

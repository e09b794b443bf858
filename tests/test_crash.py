"""A process dies at any moment of a turn; the conversation is whole, and nothing that was complete happens again."""

from __future__ import annotations

import itertools
import random
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from crash.keepers import Death
from crash.kills import Kill, Signal, Unbroken, kill, play_unbroken
from crash.player import Place
from crash.zygote import Zygote

DATABASES = ("SQLite", "PostgreSQL")
TURN = 1
"""The turn whose every write is died at: a sub-machine hears the message and ends, and the turn goes on."""


def places(**options: Any) -> list[Any]:
    """List the ways to hold a conversation, each with its number."""
    ways = itertools.product(DATABASES, (False, True), (True, False))
    made = [Place(name, is_async=is_async, has_ids=has_ids, **options) for name, is_async, has_ids in ways]
    return [pytest.param(number, place, id=str(place)) for number, place in enumerate(made)]


@pytest.fixture(scope="module")
def unbroken(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Unbroken:
    folder = tmp_path_factory.mktemp("unbroken")
    return zygote.call(play_unbroken, Place(str(folder / "talks.db"), durability="sync"), folder / "ledger.txt")


Judge = Callable[[Place, Kill], list[str]]


@pytest.fixture
def judge(zygote: Zygote, unbroken: Unbroken, tmp_path: Path, request: pytest.FixtureRequest) -> Judge:
    """Kill a conversation; tell what is wrong with it, and where it was not killed at all."""

    def judged(place: Place, plan: Kill) -> list[str]:
        name = str(uuid.uuid4())
        is_server = place.database == "PostgreSQL"
        database = request.getfixturevalue("postgres") if is_server else str(tmp_path / f"{name}.db")
        return zygote.here(kill, replace(place, database=database, thread=name), tmp_path / name, plan, unbroken).faults

    return judged


def test_the_conversation_has_effects_of_every_kind(unbroken: Unbroken) -> None:
    assert [stood["state"] for stood in unbroken.stood] == [None, "payment", "delivery", "done"]
    assert {"count order", "charge payment/card", "book_courier tomor"} <= {*unbroken.effects}


@pytest.mark.parametrize(("number", "place"), [*places(durability="sync"), *places(durability="async")])
def test_a_process_dies_at_a_write(number: int, place: Place, judge: Judge, unbroken: Unbroken) -> None:
    """Each write of the turn is died at, before it and after it, under one way or another."""
    writes = range(unbroken.writes[TURN] + 1, unbroken.writes[TURN + 1] + 1)
    deaths = [Death(each, "before" if place.durability == "sync" else "after") for each in writes]
    plans = [Kill(death, "next" if at % 4 == 3 else "again") for at, death in enumerate(deaths)]
    landing = Kill(Death(writes[-1], "before"))  # when all that it brings is written, and is not landed
    plans = [*plans[number::8], landing]

    assert {plan: judge(place, plan) for plan in plans} == {plan: [] for plan in plans}


@pytest.mark.parametrize(("number", "place"), places(api="LLM_FSM"))
def test_a_process_is_killed_at_random(number: int, place: Place, judge: Judge, unbroken: Unbroken) -> None:
    dice = random.Random(number)  # noqa: S311 - it chooses moments, and no secrets
    plan = Kill(Signal(dice.randrange(1, unbroken.lines - 20), dice.random() / 500))

    assert judge(place, plan) == []


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_what_is_stored_at_a_turn_s_end_only_is_whole_too(is_async: bool, judge: Judge) -> None:
    """Under `exit` effects may be repeated, each with the key that it had."""
    place = Place("SQLite", is_async=is_async, durability="exit")
    plans = [Kill(Signal(lines, 0.001)) for lines in (2, 14)]

    assert {plan: judge(place, plan) for plan in plans} == {plan: [] for plan in plans}

"""A process that is killed in a conversation, one that goes on with it, and the oracle that judges what came of it.

    play ─ killed at a write, or by a signal after some time
    go_on ─ reads, sends the message again and then the rest, or goes on with the next one
    judge ─ against the same conversation unbroken: where it stood, what became of it, and which effects ran how often

What a caller knows after a kill is what it was answered. A message with an id is sent again; without one it is sent
again where the conversation does not have its answer.
"""

from __future__ import annotations

import json
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from crash.keepers import DIED, Death, Writes
from crash.ledger import Ledger
from crash.player import Place, Player
from crash.shop import SAYS
from crash.zygote import ended, fork

Json = dict[str, Any]
Then = Literal["again", "next"]
"""The message that is sent after a kill: the one that it came in, or the one after that."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A moment at which a process is killed, whatever it is at; by its own timer, as nobody outside is punctual."""

    lines: int
    """How many lines its ledger has by then."""
    seconds: float
    """How long it runs on after that."""


@dataclass(frozen=True, slots=True)
class Kill:
    """How a process is killed, and what the one after it does."""

    at: Death | Signal
    then: Then = "again"
    """Whether the message that it was killed in is sent again, or the next one is sent."""


@dataclass(frozen=True, slots=True)
class Unbroken:
    """A conversation without a kill, as the oracle knows it."""

    stood: list[Json]
    """How it stood before the first turn and after each."""
    effects: list[str]
    """The effects, by name, in order."""
    writes: list[int]
    """How many writes had been made after each turn."""
    lines: int
    """How many lines the ledger had at its end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a kill."""

    wrong: list[str]
    """Each thing that is wrong with the conversation, in words."""
    repeated: list[str] = field(default_factory=list)
    """The effects that were complete, which is to say in the journal, and ran again; in words."""
    was_killed: bool = True
    """Whether the process died of it; else the conversation had ended before."""
    again: int = 0
    """How many effects ran again by their keys, since the kill came between their end and their entry in the journal;
    under `exit` any of the turn."""

    @property
    def faults(self) -> list[str]:
        """All that is not as it was promised."""
        return [*self.wrong, *self.repeated, *([] if self.was_killed else ["it was not killed"])]


def warm_up() -> None:
    """Hold conversations, so that what is made at the first one need not be made in each fork."""
    with TemporaryDirectory() as folder:
        for is_async in (False, True):
            _play(Place(f"{folder}/{is_async}.db", is_async=is_async), Ledger(Path(folder) / f"{is_async}.txt"), None)


def play_unbroken(place: Place, file: Path) -> Unbroken:
    """Hold a conversation without a kill."""
    ledger = Ledger(file)
    if ended(fork(_play, place, ledger, None, True)) != 0:
        raise RuntimeError("the conversation failed")
    lines = ledger.lines()
    turns = [at for at, line in enumerate(lines) if line[0] == "stood"]
    writes = [sum(line[0] in ("checkpoint", "writes", "entry") for line in lines[:at]) for at in turns]
    stood = [json.loads(lines[at][1]) for at in turns]
    return Unbroken(stood, [name for name, _ in ledger.lines("ran")], writes, len(lines))


def kill(place: Place, file: Path, plan: Kill, unbroken: Unbroken) -> Outcome:
    """Hold a conversation, kill its process, go on in another, and judge.

    Args:
        place: Where the conversation is kept; a new one.
        file: A file for the ledger; a new one.
        plan: The kill.
        unbroken: The conversation without it.
    """
    ledger = Ledger(file)
    status = ended(fork(_play, place, ledger, plan.at))
    if status not in (0, DIED, -signal.SIGALRM):
        return Outcome(["the process failed before it was killed"])
    ledger.note("killed")
    if ended(fork(_go_on, place, ledger, plan.then)) != 0:
        return Outcome(["the process that goes on failed"])
    wrong, repeated = _judge(ledger, place, plan, unbroken), _repeats(ledger, place)
    return Outcome(wrong, repeated, was_killed=status != 0, again=len(_often(ledger)))


def _id(place: Place, number: int) -> str | None:
    return f"message-{number}" if place.has_ids else None


def _play(place: Place, ledger: Ledger, death: Death | Signal | None, is_watched: bool = False) -> None:
    if isinstance(death, Signal):
        ledger.end_after(death.lines, death.seconds)
        death = None
    with Player(place, Writes(ledger)).opened() as player:
        player.writes.death, player.writes.count = death, 0
        if is_watched:
            ledger.note("stood", json.dumps(player.read()))
        for number, text in enumerate(SAYS):
            answer = player.say(text, _id(place, number))
            ledger.note("answered", number, answer)
            if is_watched:
                ledger.note("stood", json.dumps(player.read()))


def _go_on(place: Place, ledger: Ledger, then: str) -> None:
    number = len(ledger.lines("answered"))
    with Player(place, Writes(ledger)).opened() as player:
        found = player.read()
        ledger.note("found", json.dumps(found))
        has_answer = sum(kind == "human" for kind, _ in found["messages"]) > number and found["messages"][-1][0] == "ai"
        if then == "next" or (has_answer and not place.has_ids):
            number += 1
        for later in range(number, len(SAYS)):
            ledger.note("answered", later, player.say(SAYS[later], _id(place, later)))
        ledger.note("ended", json.dumps(player.read()))


def _judge(ledger: Ledger, place: Place, plan: Kill, unbroken: Unbroken) -> list[str]:
    found, end = (json.loads(ledger.lines(kind)[0][0]) for kind in ("found", "ended"))
    lines = ledger.lines()
    before = lines[: lines.index(["killed"])]
    answered = sum(line[0] == "answered" for line in before)
    stood_at = [at for at, stood in enumerate(unbroken.stood) if _landed(stood, place) == _landed(found, place)]
    faults: list[str] = []
    if not stood_at:
        faults.append(f"it stood neither at a turn's start nor at its end: {found}")
    elif max(stood_at) < answered:
        faults.append(f"{answered} turns were answered, and it stood after {max(stood_at)}")
    read = _landed(found, place)["messages"]
    if end["messages"][: len(read)] != read:
        faults.append(f"what was read is gone: {read} became {end['messages']}")
    humans = [text for kind, text in end["messages"] if kind == "human"]
    if doubles := [text for text, count in Counter(humans).items() if count > 1]:
        faults.append(f"messages stand twice: {doubles}")
    if plan.then == "again" and _landed(end, place) != _landed(unbroken.stood[-1], place):
        faults.append(f"it ended as {end}, and unbroken as {unbroken.stood[-1]}")
    if plan.then == "again":
        faults += _effect_faults(ledger, unbroken)
    return faults


def _landed(stood: Json, place: Place) -> Json:
    """Return what a turn has brought: without a message that is not answered yet."""
    messages = [tuple(message) for message in stood["messages"]]
    last = max((at for at, (kind, _) in enumerate(messages) if kind == "ai"), default=-1)
    ids = [one for one, (kind, _) in zip(stood["ids"], messages[: last + 1], strict=False) if kind == "human"]
    return {
        "messages": [list(message) for message in messages[: last + 1]],
        "ids": ids if place.has_ids else [],
        # A message that failed brings nothing into the context, which has no keys before the first turn.
        **{name: stood[name] for name in ("context", "state", "path")},
    }


def _effect_faults(ledger: Ledger, unbroken: Unbroken) -> list[str]:
    """Compare the effects, each by its key, with those of the unbroken conversation."""
    names = dict.fromkeys((key, name) for name, key in ledger.lines("ran"))
    ran = [name for _, name in names]
    return [] if Counter(ran) == Counter(unbroken.effects) else [f"effects: {ran}, and unbroken {unbroken.effects}"]


def _repeats(ledger: Ledger, place: Place) -> list[str]:
    """Find effects that ran more often than they may: one that had ended, and was in the journal, runs once."""
    if place.durability == "exit":
        return []  # it keeps nothing of a turn before its end
    cut, often = _cut(ledger), _often(ledger)
    faults = [f"{name!r} was complete and ran again" for (key, name) in often if key not in cut]
    return faults + [f"{name!r} ran {count} times" for (_, name), count in often.items() if count > 2]


def _often(ledger: Ledger) -> dict[tuple[str, str], int]:
    """The effects that ran more than once, by key and name, and how often they did."""
    counts = Counter((key, name) for name, key in ledger.lines("ran"))
    return {effect: count for effect, count in counts.items() if count > 1}


def _cut(ledger: Ledger) -> set[str]:
    """The keys of the effects that had run when the process was killed, and were not in the journal."""
    lines = ledger.lines()
    before = lines[: lines.index(["killed"])]
    checkpoints = {line[1] for line in before if line[0] == "checkpoint"}
    kept = {line[1] for line in before if line[0] == "entry" and line[2] in checkpoints}
    return {line[2] for line in before if line[0] == "ran"} - kept

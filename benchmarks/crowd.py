"""How many model calls a turn takes; counts, no clocks, so every run prints the same.

First with one user who tells one fact after another, where every turn should take one call. Then with 1,000 users drawn
with a seed, half of whom fill in a form and half of whom need help: a third of them err and correct themselves, a third
say things beside the point, a quarter ask about something else, which is answered in a state of its own and then left
again, and a fifth tell two or three facts at once. The model is the offline one, which reads prompts and follows rules.

    python -m benchmarks.crowd [--users 1000]
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from rich.console import Console
from rich.table import Table

from benchmarks.examples import ASIDES, FORM, SUPPORT
from benchmarks.figures import Figure
from fsm_langgraph import SimulatedUser, compile_fsm, conversations, simulate, turns
from fsm_langgraph.offline import OfflineModel

PLAIN = {"name": "Ann Lee", "email": "ann@example.com", "birthdate": "3 May 1990", "confirmed": "yes"}
QUESTION = "What about my privacy?"
DIGRESSION = {"target_state": "privacy", "description": "The user asks about privacy", "return": True}
PRIVACY = {
    "id": "privacy",
    "description": "Privacy",
    "purpose": "Tell that nothing is passed on to others, and is deleted after a month",
    "transitions": [],
}
"""Where a question leads; the conversation comes back from there."""


@dataclass(frozen=True, slots=True)
class Count:
    """The outcome of some conversations."""

    ended: int = 0
    turns: int = 0
    calls: int = 0
    single: int = 0
    """The turns that took one call."""

    @property
    def a_turn(self) -> float:
        """The calls that a turn takes."""
        return self.calls / self.turns

    def __add__(self, other: Count) -> Count:
        return Count(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))


def main() -> None:
    """Count, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1000, help="how many simulated users there are")
    table = Table(title="Model calls a turn")
    for column in ("conversations", "ended", "turns", "calls", "calls a turn", "turns of one call"):
        table.add_column(column, justify="left" if column == "conversations" else "right")
    for name, told in crowds(parser.parse_args().users).items():
        a_turn, of_one = f"{told.a_turn:.2f}", f"{told.single / told.turns:.0%}"
        table.add_row(name, str(told.ended), str(told.turns), str(told.calls), a_turn, of_one)
    Console().print(table)


def figures() -> Iterator[Figure]:
    """Count with fewer users."""
    users = 200
    counts = crowds(users)
    alone, together = counts["form, one user"].a_turn, counts["all of them"].a_turn
    yield Figure("model calls a turn, a form with one user", f"{alone:.2f}", "1.00", alone == 1)
    yield Figure(f"model calls a turn, {users} conversations", f"{together:.2f}", "at most 1.20", together <= 1.2)


def crowds(users: int) -> dict[str, Count]:
    """Count for one user, for each half of a crowd, and for all of them."""
    half = users // 2
    counts = {
        "form, one user": count(FORM, [SimulatedUser(facts=PLAIN)]),
        f"form, {half} users": count(FORM, form_users(half)),
        f"support, {half} users": count(SUPPORT, support_users(half)),
    }
    return {**counts, "all of them": sum(counts.values(), Count())}


def count(path: Path, users: Iterable[SimulatedUser]) -> Count:
    """Have users talk to a machine, and count what came of it."""
    definition = {**json.loads(path.read_text(encoding="utf-8")), "global_transitions": [DIGRESSION]}
    definition["states"] = {**definition["states"], "privacy": PRIVACY}
    graph = compile_fsm(definition, OfflineModel(), checkpointer=InMemorySaver())
    simulate(graph, users)
    told = turns(graph)
    calls = told["model_calls"]
    return Count(int(conversations(graph)["ended"].sum()), len(told), int(calls.sum()), int((calls == 1).sum()))


def form_users(number: int) -> Iterator[SimulatedUser]:
    """Draw people who fill in the form."""
    rng = random.Random(1)
    for _ in range(number):
        name = rng.choice(["Ann Lee", "Bob Stone", "Cleo Moss", "Dan Brook"])
        first = name.split()[0].lower()
        yield SimulatedUser(
            facts={
                "name": rng.choice(["{}", "My name is {}"]).format(name),
                "email": f"{first}@example.com",
                "birthdate": f"{rng.randint(1, 28)} May {rng.randint(1950, 2005)}",
                "confirmed": rng.choice(["yes", "looks good", "that's right"]),
            },
            **_manners(rng, email=f"{first}@exampel.com"),
        )


def support_users(number: int) -> Iterator[SimulatedUser]:
    """Draw people who need help."""
    rng = random.Random(2)
    for _ in range(number):
        name = rng.choice(["ann", "bob", "cleo", "dan"])
        topic = rng.choice(
            [
                {"topic": "my parcel has not arrived", "days_late": f"{rng.randint(1, 20)} days"},
                {"topic": "I want a refund", "amount": f"{rng.randint(5, 200)} euros"},
                {"topic": "it arrived damaged", "damage": "the handle is broken off"},
            ]
        )
        yield SimulatedUser(
            facts={"email": f"{name}@example.com", **topic, "helped": rng.choice(["yes, thanks", "no, not at all"])},
            **_manners(rng, email=f"{name}@exampel.com"),
        )


def _manners(rng: random.Random, **mistakes: str) -> dict[str, Any]:
    """A third errs, a third says things beside the point, a quarter asks something, a fifth tells too much."""
    question = [QUESTION] if rng.random() < 1 / 4 else []
    remarks = rng.sample(ASIDES, rng.randint(1, 2)) if rng.random() < 1 / 3 else []
    return {
        "mistakes": mistakes if rng.random() < 1 / 3 else {},
        "asides": [*remarks, *question],
        "at_once": rng.choices([1, 2, 3], weights=[8, 1, 1])[0],
    }


if __name__ == "__main__":
    main()

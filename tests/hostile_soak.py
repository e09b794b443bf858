"""A hundred thousand hostile replies, each held against the laws of `hostile_turns.py`: `make soak`.

    PYTHONPATH=tests:. python -m hostile_soak [REPLIES] [SEED]

Each conversation is made of one number, which is told where a law is broken.
"""

from __future__ import annotations

import sys
import time
from random import Random

from hostile_turns import Outcome, hold, known_target, random_target
from rich.console import Console
from test_hostile import MACHINES

_PER_MACHINE = 40
"""How many conversations are held with one random machine."""
_PER_GRAPH = 20
"""How many of them there are to one that runs a graph; the others are played without."""


def main(replies: int = 100_000, seed: int = 0) -> None:
    """Hold conversations until a hostile model has replied so often."""
    console = Console(highlight=False)
    outcome, begun, done, longest, number = Outcome(), time.monotonic(), 0, 0, seed
    targets = [known_target(name) for name in MACHINES]
    while done < replies:
        number += 1
        rng = Random(number)  # noqa: S311 - nothing is hidden by it
        target = random_target(rng) if number % 2 else rng.choice(targets)
        before = target.script.replies
        for index in range(_PER_MACHINE):
            try:
                # A graph adds nothing to what most laws are about, and takes ten times as long.
                rng = Random(f"{number} {index}")  # noqa: S311 - nothing is hidden by it
                hold(target, rng, outcome, in_graph=index % _PER_GRAPH == 0)
            except BaseException:
                console.print(f"broken by conversation {index} of machine {number}")
                raise
        done, longest = done + target.script.replies - before, max(longest, target.script.longest)
    seconds = time.monotonic() - begun
    console.print(f"{done:,} hostile replies in {outcome.turns:,} turns, {seconds:,.0f} s; no law broken.")
    console.print(f"The longest prompt had {longest:,} characters. Errors that users were told:")
    for name, count in outcome.errors.most_common():
        console.print(f"  {name:<15} {count:>7,}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""The time that `check` takes: for random machines of several sizes, room by room, and for each example.

The machines have a key for every five states, guards over numbers and choices, silent states, texts with tags, and no
end of transitions back and forth. They are the same in every run. Each room's time is given for a state, so that a room
that grows faster than the machine shows; and the whole in terms of loading the same machine. It is the CPU's, so that a
busy machine disturbs it little. Examples are checked by the command line, in new interpreters, of which the quickest
counts.

    python -m benchmarks.checking [--states 10 100 1000 10000] [--runs 3]
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.examples import GRAPHS
from benchmarks.figures import Figure
from fsm_langgraph import FSMDefinition, load_definition
from fsm_langgraph.checking.access import ACCESS_CHECKS
from fsm_langgraph.checking.guards import GUARD_CHECKS
from fsm_langgraph.checking.keys import KEY_CHECKS
from fsm_langgraph.checking.machine_view import machine_views
from fsm_langgraph.checking.structure import STRUCTURE_CHECKS
from fsm_langgraph.checking.texts import TEXT_CHECKS
from fsm_langgraph.checking.trust import TRUST_CHECKS

ROOMS = {
    "structure": STRUCTURE_CHECKS,
    "keys": KEY_CHECKS,
    "guards": GUARD_CHECKS,
    "texts": TEXT_CHECKS,
    "trust": TRUST_CHECKS,
    "access": ACCESS_CHECKS,
}
STATES_PER_KEY = 5


@dataclass(frozen=True, slots=True)
class Checked:
    """The time that a machine takes, in seconds of CPU."""

    load: float
    rooms: Mapping[str, float]
    found: int
    """How many findings there were."""

    @property
    def check(self) -> float:
        """All rooms together."""
        return sum(self.rooms.values())


def main() -> None:
    """Measure, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--states", type=int, nargs="+", default=[10, 100, 1_000, 10_000])
    parser.add_argument("--runs", type=int, default=3, help="runs of each, of which the quickest counts")
    arguments = parser.parse_args()

    machines = Table(title="Random machines: microseconds of CPU a state")
    for column in ("states", "loading", *ROOMS, "all, to loading", "all, s", "findings"):
        machines.add_column(column, justify="right")
    for number in arguments.states:
        taken = measure(number, arguments.runs)
        machines.add_row(
            f"{number:,}",
            *(f"{seconds / number * 1e6:.1f}" for seconds in (taken.load, *taken.rooms.values())),
            f"{taken.check / taken.load:.2f}",
            f"{taken.check:.2f}",
            f"{taken.found:,}",
        )
    Console(width=120).print(machines)

    examples = Table(title="`fsm-langgraph check` of the examples")
    for column in ("example", "states", "seconds"):
        examples.add_column(column, justify="left" if column == "example" else "right")
    for file in _examples():
        states = len(load_definition(file).by_path)
        examples.add_row(file.parent.name, str(states), f"{example_seconds(file, arguments.runs):.2f}")
    Console(width=120).print(examples)


def figures() -> Iterator[Figure]:
    """Measure the sizes that have aims, and the examples."""
    small, large = measure(100, runs=3), measure(10_000, runs=1)
    structure = large.rooms["structure"]
    yield Figure("checking the structure of 10,000 states", f"{structure:.2f} s", "under 2 s", structure < 2)
    growth = (structure / 10_000) / (small.rooms["structure"] / 100)
    yield Figure("the same for a state, to one of 100", f"{growth:.1f}", "at most 3", growth <= 3)
    yield Figure("checking all of 10,000 states, to loading them", f"{large.check / large.load:.1f}")
    slowest = max(example_seconds(file, runs=2) for file in _examples())
    yield Figure("`check` of an example, the slowest", f"{slowest:.2f} s", "under 1 s", slowest < 1)


def measure(states: int, runs: int) -> Checked:
    """Time the rooms with a random machine of so many states, in CPU; the quickest of some runs counts."""
    raw = random_machine(states)
    loads: list[float] = []
    rooms: dict[str, list[float]] = {name: [] for name in ROOMS}
    found = 0
    for _ in range(runs):
        started = time.process_time()
        definition = load_definition(raw)
        loads.append(time.process_time() - started)
        found = 0
        for name in ROOMS:
            started = time.process_time()
            found += _findings(definition, name)
            rooms[name].append(time.process_time() - started)
    return Checked(min(loads), {name: min(taken) for name, taken in rooms.items()}, found)


def random_machine(states: int) -> dict[str, Any]:
    """Make a machine of so many states, the same whenever it is made."""
    chance = random.Random(states)
    keys = max(states // STATES_PER_KEY, 2)
    context = {
        f"key_{number}": {"type": "integer", "minimum": 0, "maximum": 100}
        if number % 2
        else {"enum": ["small", "medium", "large"]}
        for number in range(keys)
    }
    last = states - 1
    listed = {f"state_{number}": _state(number, last, keys, chance) for number in range(states)}
    return {
        "name": "Random",
        "description": f"A random machine of {states} states",
        "initial_state": "state_0",
        "context": context,
        "states": listed,
    }


def example_seconds(file: Path, runs: int) -> float:
    """Time the command line with one file, in new interpreters; the quickest counts."""
    command = [sys.executable, "-c", "from fsm_langgraph.cli import app; app()", "check", str(file)]
    taken: list[float] = []
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        taken.append(time.perf_counter() - started)
    return min(taken)


def _findings(definition: FSMDefinition, room: str) -> int:
    return sum(1 for view in machine_views(definition) for check in ROOMS[room] for _ in check(view))


def _state(number: int, last: int, keys: int, chance: random.Random) -> dict[str, Any]:
    key, name = f"key_{number % keys}", f"state_{number}"
    written = {"id": name, "description": f"Ask for {key}", "purpose": f"Learn {key}", "transitions": []}
    if number == last:
        return {**written, "instructions": "Thank for {{key_0}}."}
    # One leads on, so that all of them are reached; the others lead anywhere near.
    near = [min(max(number + chance.randint(-20, 20), 0), last) for _ in range(2)]
    transitions = [_transition(target, f"key_{chance.randrange(keys)}", chance) for target in near]
    onward = {"target_state": f"state_{number + 1}", "description": "Go on"}
    if number % 7 == 3:
        return {**written, "silent": True, "transitions": [*transitions, onward]}
    known = {"description": f"{key} is known", "requires_context_keys": [key]}
    asked = {"required_context_keys": [key], "instructions": f"Ask for {key}; so far it is {{{{{key}}}}}."}
    return {**written, **asked, "transitions": [*transitions, {**onward, "conditions": [known]}]}


def _transition(target: int, key: str, chance: random.Random) -> dict[str, Any]:
    is_number = int(key.removeprefix("key_")) % 2
    logic = (
        {">": [{"var": key}, chance.randint(1, 99)]}
        if is_number
        else {"==": [{"var": key}, chance.choice(["small", "medium", "large"])]}
    )
    condition = {"description": f"{key} fits", "logic": logic}
    return {"target_state": f"state_{target}", "description": f"{key} fits", "conditions": [condition]}


def _examples() -> list[Path]:
    return sorted(GRAPHS.glob("*/fsm.*"))


if __name__ == "__main__":
    main()

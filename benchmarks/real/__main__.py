"""Plays the gallery's scenarios with a real model, holds the hard promises against each turn, and prints the trends.

The engine is llama.cpp with a model of 135M parameters, or whatever `OPENAI_BASE_URL` names. Temperature 0, a seed, one
thread. It ends with 1 where a promise was broken.

    python -m benchmarks.real.set_up                # once: an environment for the engine, in `.real`
    python -m benchmarks.real [EXAMPLE ...] [--turns 10] [--log played.jsonl]
    OPENAI_BASE_URL=http://127.0.0.1:11434/v1 python -m benchmarks.real --model qwen3
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.real.engine import MAX_TOKENS, engine
from benchmarks.real.gallery import EXAMPLES
from benchmarks.real.playing import Played, play

COLUMNS = ("turns", "failed", "broken", "states", "values", "calls", "read", "written", "seconds")
"""Turns; those that failed; promises that were broken; states and values that are those of the scenario; and on average
calls, tokens, and time."""


def main() -> None:
    """Play, and print one table and what was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", nargs="*", choices=[[], *EXAMPLES], metavar="EXAMPLE", help=", ".join(EXAMPLES))
    parser.add_argument("--turns", type=int, default=10, help="turns with each example")
    parser.add_argument("--model", default="smollm2-135m", help="the model's name, for the engine")
    parser.add_argument("--gguf", type=Path, help="the file of a model for llama.cpp, instead of the shipped one")
    parser.add_argument("--max-tokens", type=int, default=MAX_TOKENS, help="how long an answer may be")
    parser.add_argument("--log", type=Path, help="where to write each turn as a line of JSON")
    given = parser.parse_args()

    console, table, faults = Console(), _table(given.model), list[str]()
    all_of_them: list[Played] = []
    with engine(given.model, gguf=given.gguf, max_tokens=given.max_tokens) as model:
        for example in given.examples or EXAMPLES:
            turns: list[Played] = []
            for turn in play(example, model, given.turns):
                turns.append(turn)
                faults += (f"{example}, {turn.scenario!r}, {turn.said!r}: {fault}" for fault in turn.broken)
                console.print(f"{example}: turn {len(turns)}, {turn.seconds:.0f} s", highlight=False)
                if given.log:
                    with given.log.open("a", encoding="utf-8") as log:
                        log.write(json.dumps({"example": example, **asdict(turn)}, ensure_ascii=False) + "\n")
            table.add_row(example, *_row(turns))
            all_of_them += turns
    table.add_section()
    table.add_row("all", *_row(all_of_them))
    console.print(table)
    for fault in faults:
        console.print(f"BROKEN {fault}", highlight=False, markup=False)
    sys.exit(bool(faults))


def _table(model: str) -> Table:
    table = Table(title=model)
    table.add_column("example")
    for column in COLUMNS:
        table.add_column(column, justify="right")
    return table


def _row(turns: list[Played]) -> list[str]:
    count = len(turns)
    return [
        str(count),
        str(sum(bool(turn.error) for turn in turns)),
        str(sum(len(turn.broken) for turn in turns)),
        f"{sum(turn.is_reached for turn in turns)} of {count}",
        f"{sum(turn.right for turn in turns)} of {sum(turn.wanted for turn in turns)}",
        f"{sum(len(turn.calls) for turn in turns) / count:.2f}",
        f"{sum(turn.read for turn in turns) / count:.0f}",
        f"{sum(turn.written for turn in turns) / count:.0f}",
        f"{sum(turn.seconds for turn in turns) / count:.1f}",
    ]


if __name__ == "__main__":
    main()

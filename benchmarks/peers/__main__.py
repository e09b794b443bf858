"""Compares programs that hold the same conversation, each in its own library's best idiom.

The same user fills in the same form, with the same model over HTTP on loopback; README.md says what each program is.
The model is paced, with 300 ms to its first token and then 50 or 100 a second, or answers at once.

    python -m benchmarks.peers.set_up      # once: an environment for each, in `.peers`
    python -m benchmarks.peers [--rounds 30] [--paced-rounds 3] [--plot peers.png]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean

from rich.console import Console
from rich.table import Table

from benchmarks.peers.comparison import Counts, Pace, Times, count_all, players, time_all
from benchmarks.peers.headlines import PACES
from benchmarks.peers.programs import PROGRAMS, Program, installed
from benchmarks.peers.tokens import at_hand


def main() -> None:
    """Compare, and print what was timed and what was counted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30, help="conversations of each with the instant model")
    parser.add_argument("--paced-rounds", type=int, default=3, help="conversations of each at each pace")
    parser.add_argument("--plot", type=Path, help="where to draw the times, as PNG")
    arguments = parser.parse_args()

    programs, tokens = installed(), at_hand()
    with players(programs, tokens) as playing:
        counts = count_all(playing)
        paced = {speed: time_all(playing, pace, arguments.paced_rounds) for speed, pace in PACES.items()}
        instant = time_all(playing, Pace(), arguments.rounds)
    console = Console()
    console.print(_timed(programs, paced, instant))
    console.print(_counted(programs, counts, f"Tokens ({tokens.name})"))
    for program in PROGRAMS:
        if program not in programs:
            console.print(f"{program.title} is left out: `python -m benchmarks.peers.set_up` makes its environment.")
    if arguments.plot:
        from benchmarks.peers.plot import draw

        draw([program.title for program in programs], paced, arguments.plot)


def _timed(programs: Sequence[Program], paced: dict[int, list[Times]], instant: Sequence[Times]) -> Table:
    columns = {}
    for speed, times in paced.items():
        columns[f"first visible, {speed}/s"] = [of.first for of in times]
        columns[f"turn, {speed}/s"] = [of.whole for of in times]
    columns["turn, at once"] = [of.whole for of in instant]
    ours = next(index for index, program in enumerate(programs) if program.is_ours)

    table = _table("Times, ms: the mean of seven turns; the slowest turn; the mean to ours", columns)
    for index, program in enumerate(programs):
        cells = (_time(column[index], column[ours]) for column in columns.values())
        table.add_row(program.title, *cells)
    return table


def _time(seconds: Sequence[float], ours: Sequence[float]) -> str:
    mean = fmean(seconds)
    return f"{mean * 1000:.0f}; {max(seconds) * 1000:.0f}; {mean / fmean(ours):.2f}"


def _counted(programs: Sequence[Program], counts: Sequence[Counts], title: str) -> Table:
    columns = (
        "calls a turn",
        "read a turn",
        "read in turn 50",
        "written before the visible",
        "lines of code + data",
        "streams",
        "corrects",
        "holds back",
    )
    table = _table(title, columns)
    for program, of in zip(programs, counts, strict=True):
        code, definition = program.lines
        facts = ("yes" if fact else "no" for fact in (of.streams, of.corrects, of.holds_back))
        numbers = (f"{of.calls:.2f}", f"{of.tokens:.0f}", str(of.late_tokens), f"{of.before:.0f}")
        table.add_row(program.title, *numbers, f"{code} + {definition}", *facts)
    return table


def _table(title: str, columns: Iterable[str]) -> Table:
    table = Table("program", title=title)
    for column in columns:
        table.add_column(column, justify="right")
    return table


if __name__ == "__main__":
    main()

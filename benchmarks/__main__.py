"""All benchmarks' headline figures in one table: the quick set, in a few minutes.

Each benchmark measures in an interpreter of its own, one after the other, so that none of them disturbs the next.

    python -m benchmarks [NAME ...]
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from rich.console import Console
from rich.table import Table

from benchmarks.figures import measure

NAMES = (
    "first_token",
    "turns",
    "long",
    "growth",
    "throughput",
    "handlers",
    "heads",
    "costs",
    "crowd",
    "unsupported",
    "scale",
    "checking",
    "peers",
)
"""The benchmarks, in the order of the table."""


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "names", nargs="*", choices=[[], *NAMES], metavar="NAME", help=f"of {', '.join(NAMES)}; all of them"
    )
    console, table = Console(width=None if sys.stdout.isatty() else 120), Table(title="Benchmarks")
    for column in ("benchmark", "figure", "found", "aim", ""):
        table.add_column(column)
    for name in parser.parse_args().names or NAMES:
        started = time.perf_counter()
        with console.status(f"Measuring {name} …"), ProcessPoolExecutor(1, get_context("spawn")) as pool:
            figures = pool.submit(measure, name).result()
        console.print(f"{name}: {time.perf_counter() - started:.0f} s")
        for number, figure in enumerate(figures):
            verdict = {None: "", True: "reached", False: "[red]missed[/red]"}[figure.is_reached]
            is_last = number + 1 == len(figures)
            table.add_row("" if number else name, figure.what, figure.found, figure.aim, verdict, end_section=is_last)
    console.print(table)


if __name__ == "__main__":
    main()

"""What a turn costs against an earlier commit: the same turns with both, pair by pair, and how sure the ratio is.

The earlier commit is checked out into a temporary folder. Then processes of one and of the other take turns, so that a
noisy machine disturbs both alike; each pair gives a ratio for every kind of turn. The table tells the median of these
ratios and an interval that holds the true one in 95 of 100 cases (a bootstrap of the median).

    python -m benchmarks.against ede3ab7 [--pairs 30] [--turns 200] [--databases]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.savers import databases

ROOT = Path(__file__).parents[1]
PLAYED = ROOT / "benchmarks" / "played.py"
RESAMPLES = 5000


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="the commit to compare with")
    parser.add_argument("--pairs", type=int, default=30, help="pairs of processes")
    parser.add_argument("--turns", type=int, default=200, help="turns of each kind in a process")
    parser.add_argument("--databases", action="store_true", help="measure in SQLite and PostgreSQL, too")
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="against-"))
        earlier = _check_out(arguments.commit, Path(folder) / "earlier")
        options = ["--turns", str(arguments.turns)]
        if arguments.databases:
            options += ["--sqlite", folder, "--postgresql", stack.enter_context(databases())["PostgreSQL"]]
        pairs: list[tuple[dict[str, float], dict[str, float]]] = []
        for number in track(range(arguments.pairs), "Measuring …", console=console, transient=True):
            # Whoever runs second finds a warmer machine, so that the order alternates.
            first, second = (ROOT, earlier) if number % 2 else (earlier, ROOT)
            found = {first: _play(first, options), second: _play(second, options)}
            pairs.append((found[ROOT], found[earlier]))

    table = Table(title=f"Now against {arguments.commit}, {arguments.pairs} pairs of processes")
    for column in ("", "now", "then", "ratio", "95% interval"):
        table.add_column(column, justify="right" if column else "left")
    for kind in pairs[0][0]:
        now, then = ([pair[side][kind] for pair in pairs] for side in (0, 1))
        ratios = [a / b for a, b in zip(now, then, strict=True)]
        low, high = interval(ratios)
        medians = (f"{statistics.median(side):.2f} ms" for side in (now, then))
        table.add_row(kind, *medians, f"{statistics.median(ratios):.3f}", f"{low:.3f} to {high:.3f}")
    console.print(table)


def interval(ratios: Sequence[float]) -> tuple[float, float]:
    """Return an interval for the median of ratios: the middle 95% of the medians of resamples."""
    chance = random.Random(7)
    medians = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES))
    return medians[int(RESAMPLES * 0.025)], medians[int(RESAMPLES * 0.975)]


def _check_out(commit: str, folder: Path) -> Path:
    folder.mkdir()
    archive = subprocess.run(
        ["git", "archive", commit, "fsm_langgraph"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    return folder


def _play(tree: Path, options: Sequence[str]) -> dict[str, float]:
    """Play the turns with the package of one tree, in a process of its own."""
    command = [sys.executable, str(PLAYED), *options]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=tree)
    found = json.loads(done.stdout.splitlines()[-1])
    package = found.pop("package")
    if not package.startswith(str(tree)):
        raise SystemExit(f"{package} was measured, which is not in {tree}")
    return {kind: float(value) for kind, value in found.items()}


if __name__ == "__main__":
    main()

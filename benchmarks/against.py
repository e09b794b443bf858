"""What a turn costs against an earlier commit: the same turns with both, pair by pair, and how sure the ratio is.

Both packages are put into temporary folders and compiled to bytecode. Then pairs of processes, one of either, hold
conversations of ten turns in turn, a fraction of a second each, so that a noisy machine disturbs both alike. The kinds
of turn come in another order in each round of each pair: in the same one the garbage collector would come in the same
kind every time.

Each pair gives a ratio for every kind: the median over its rounds. The table tells the median of the pairs' ratios and
an interval that holds the true one in 95 of 100 cases (a bootstrap of the median). Its last row is of all kinds of turn
alike: the geometric mean of their ratios in a pair.

    python -m benchmarks.against ede3ab7 [--pairs 30] [--rounds 10] [--databases]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from compileall import compile_dir
from contextlib import ExitStack
from pathlib import Path
from random import Random
from subprocess import PIPE

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.savers import databases

ROOT = Path(__file__).parents[1]
PLAYED = ROOT / "benchmarks" / "played.py"
RESAMPLES = 5000
Pair = dict[str, dict[Path, list[float]]]
"""What each kind of turn took with the package of either tree, round by round, in milliseconds."""


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="the commit to compare with")
    parser.add_argument("--pairs", type=int, default=30, help="pairs of processes")
    parser.add_argument("--rounds", type=int, default=10, help="conversations of each kind in a process")
    parser.add_argument("--databases", action="store_true", help="measure in SQLite and PostgreSQL, too")
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="against-"))
        now, earlier = _copy(Path(folder) / "now"), _check_out(arguments.commit, Path(folder) / "earlier")
        options: list[str] = []
        if arguments.databases:
            options += ["--sqlite", folder, "--postgresql", stack.enter_context(databases())["PostgreSQL"]]
        # Whoever begins second finds a warmer machine, so that the order alternates.
        pairs = [
            _measure((earlier, now) if number % 2 else (now, earlier), options, arguments.rounds, Random(number))
            for number in track(range(arguments.pairs), "Measuring …", console=console, transient=True)
        ]

    table = Table(title=f"Now against {arguments.commit}, {arguments.pairs} pairs of processes")
    for column in ("", "now", "then", "ratio", "95% interval"):
        table.add_column(column, justify="right" if column else "left")
    ratios = {kind: [statistics.median(_ratios(pair[kind], now, earlier)) for pair in pairs] for kind in pairs[0]}
    for kind, of_pairs in ratios.items():
        took = [statistics.median(each for pair in pairs for each in pair[kind][tree]) for tree in (now, earlier)]
        table.add_row(kind, *(f"{each:.2f} ms" for each in took), *_told(of_pairs))
    of_turns = [of_pairs for kind, of_pairs in ratios.items() if not kind.startswith("import ")]
    table.add_row(
        "all these turns alike", "", "", *_told([*map(statistics.geometric_mean, zip(*of_turns, strict=True))])
    )
    console.print(table)


def _told(ratios: Sequence[float]) -> tuple[str, str]:
    """Write the median of ratios, and its interval."""
    low, high = interval(ratios)
    return f"{statistics.median(ratios):.3f}", f"{low:.3f} to {high:.3f}"


def interval(ratios: Sequence[float]) -> tuple[float, float]:
    """Return an interval for the median of ratios: the middle 95% of the medians of resamples."""
    chance = Random(7)
    medians = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES))
    return medians[int(RESAMPLES * 0.025)], medians[int(RESAMPLES * 0.975)]


def _check_out(commit: str, folder: Path) -> Path:
    folder.mkdir()
    archive = subprocess.run(
        ["git", "archive", commit, "fsm_langgraph"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    compile_dir(folder, quiet=2)
    return folder


def _copy(folder: Path) -> Path:
    shutil.copytree(ROOT / "fsm_langgraph", folder / "fsm_langgraph", ignore=shutil.ignore_patterns("__pycache__"))
    compile_dir(folder, quiet=2)
    return folder


def _measure(trees: tuple[Path, Path], options: Sequence[str], rounds: int, chance: Random) -> Pair:
    """Let the packages of two trees play in turn, in a process each."""
    took: Pair = defaultdict(lambda: defaultdict(list))
    with ExitStack() as stack:
        players = [stack.enter_context(TreePlayer(tree, options)) for tree in trees]
        for player in players:
            for name, milliseconds in player.imports.items():
                took[name][player.tree].append(milliseconds)
        kinds = players[0].kinds
        took.update({kind: defaultdict(list) for kind in kinds})  # in the order of the table
        for number in range(rounds + 1):
            for kind in chance.sample(kinds, k=len(kinds)):
                for player in players if number % 2 else reversed(players):
                    milliseconds = player.play(kind)
                    if number:  # the first round warms up
                        took[kind][player.tree].append(milliseconds)
    return took


def _ratios(took: Mapping[Path, Sequence[float]], now: Path, earlier: Path) -> list[float]:
    return [one / other for one, other in zip(took[now], took[earlier], strict=True)]


class TreePlayer:
    """A process that plays with the package of one tree."""

    def __init__(self, tree: Path, options: Sequence[str]) -> None:
        self.tree = tree
        environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONSAFEPATH": "1"}
        command = [sys.executable, str(PLAYED), *options]
        self._process = subprocess.Popen(command, env=environment, cwd=tree, text=True, stdin=PIPE, stdout=PIPE)
        said = json.loads(self._answer())
        if not said["package"].startswith(str(tree)):
            raise SystemExit(f"{said['package']} was measured, which is not in {tree}")
        self.imports: dict[str, float] = said["imports"]
        self.kinds: list[str] = said["kinds"]

    def __enter__(self) -> TreePlayer:
        """Play while this is entered."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._process.communicate()

    def play(self, kind: str) -> float:
        """Hold a conversation; return the milliseconds of a turn."""
        assert self._process.stdin is not None
        print(kind, file=self._process.stdin, flush=True)
        return float(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout is not None
        if line := self._process.stdout.readline():
            return line
        raise SystemExit(f"The process of {self.tree} has ended; what it said stands above")


if __name__ == "__main__":
    main()

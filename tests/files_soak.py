"""A long run of hostile files: ten thousand of them, which takes some minutes, and is not in CI.

make soak
python -m files_soak [FILES] [FIRST SEED]
"""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

from hostile_files import soaked
from rich.console import Console
from rich.progress import Progress
from rich.table import Table


def main() -> None:
    """Judge the files, and print what came of them; leave with 1 where one was not taken as it should be."""
    count, first = (*map(int, sys.argv[1:]), *(10_000, 0)[len(sys.argv) - 1 :])
    console = Console(width=None if sys.stdout.isatty() else 120)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    with TemporaryDirectory() as name, Progress(console=console) as progress:
        folder = Path(name) / "given"
        folder.mkdir()
        bar = progress.add_task("Loading and playing", total=count)
        counts, faults = soaked(range(first, first + count), folder, lambda: progress.advance(bar))
    table = Table(title=f"{count:,} hostile files")
    table.add_column("file: outcome")
    table.add_column("files", justify="right")
    for outcome, files in sorted(counts.items()):
        table.add_row(outcome, f"{files:,}")
    table.add_row("wrong", str(len(faults)))
    console.print(table, *faults, sep="\n")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

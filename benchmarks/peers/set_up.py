"""Makes an environment for each peer, in `.peers`, with the versions that its folder names.

An environment is made anew where these have changed. A peer that does not install is named with pip's last words, and
is left out of the comparison.

    python -m benchmarks.peers.set_up [NAME ...]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.peers.programs import ENVIRONMENTS, HERE, interpreter

REQUIREMENTS = "requirements.txt"
FOLDERS = sorted(path.parent.name for path in HERE.glob(f"*/{REQUIREMENTS}"))


def main() -> None:
    """Make them, and say what came of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FOLDERS)}; all of them by default")
    names = parser.parse_args().names or FOLDERS
    if unknown := set(names) - set(FOLDERS):
        parser.error(f"no peer is named {', '.join(sorted(unknown))}; there are {', '.join(FOLDERS)}")
    outcomes = {name: install(HERE / name / REQUIREMENTS, ENVIRONMENTS / name) for name in names}
    for name, outcome in outcomes.items():
        print(f"{name}: {outcome or 'installed'}")
    sys.exit(any(outcomes.values()))


def install(wanted: Path, folder: Path, *options: str) -> str:
    """Make one environment, unless it has what is wanted; return pip's last words where it failed.

    Args:
        wanted: The file that names the packages.
        folder: The environment.
        options: Further options of `pip install`.
    """
    stamp = folder / REQUIREMENTS
    if stamp.is_file() and stamp.read_bytes() == wanted.read_bytes():
        return ""
    shutil.rmtree(folder, ignore_errors=True)
    # The pip at hand fills it: giving it one of its own takes longer than all else here.
    make: list[str | Path] = [sys.executable, "-m", "venv", "--without-pip", folder]
    fill: list[str | Path] = [sys.executable, "-m", "pip", "--python", interpreter(folder), "install", "--quiet"]
    for command in (make, [*fill, *options, "-r", wanted]):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            return errors[-1] if errors else f"{command[0]} ended with {done.returncode}"
    shutil.copy(wanted, stamp)
    return ""


if __name__ == "__main__":
    main()

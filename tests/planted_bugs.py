"""Plants bugs in copies of the package, one at a time, and sees that the hostile tests find each: `make planted`.

A bug is a patch in `planted/`. It begins with a line that says what it does, and one that names the test that is to
find it, within a minute:

    A proposal that is vetoed is followed.
    Found by: tests/test_hostile.py::test_no_reply_breaks_a_promise[lenient]
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
COPIED = ("fsm_langgraph", "tests", "pyproject.toml")
LIMIT = 60
"""Seconds after which a bug has not been found."""


@dataclass(frozen=True)
class PlantedBug:
    """A patch that plants a bug, and the test that is to find it."""

    patch: Path

    @property
    def name(self) -> str:
        return self.patch.stem

    @property
    def found_by(self) -> str:
        """The test, as pytest names it."""
        told = re.search(r"^Found by: (\S+)$", self.patch.read_text(), re.MULTILINE)
        if told is None:
            raise ValueError(f"{self.patch.name} does not name the test that finds it: 'Found by: tests/…'")
        return told[1]


BUGS = [PlantedBug(patch) for patch in sorted((ROOT / "tests" / "planted").glob("*.patch"))]


def applies(bug: PlantedBug, folder: Path = ROOT, *, check: bool = True) -> bool:
    """Apply a patch to the tree in a folder, or only see whether it would; say whether it does."""
    command = ["git", "apply", *(["--check"] if check else []), str(bug.patch)]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0  # noqa: S603


def hunt(bug: PlantedBug) -> tuple[str, float]:
    """Run the test of a bug on a copy that has it; return what came of it, and the seconds that it took."""
    # Outside of any repository, where `git apply` takes paths as they are.
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, folder / name)
        if not applies(bug, folder, check=False):
            return "does not apply", 0.0
        begun = time.monotonic()
        outcome = _run(bug, folder)
        return outcome, time.monotonic() - begun


_PYTEST = """
import importlib.util, sys, pytest
found = importlib.util.find_spec("fsm_langgraph")  # pytest's plugin imports it, and wants to be the first
if not found.origin.startswith(sys.argv[1]): sys.exit("the package under test is not the copy")
sys.exit(pytest.main(sys.argv[2:]))
"""


def _run(bug: PlantedBug, folder: Path) -> str:
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile=planted", bug.found_by]
    command = [sys.executable, "-c", _PYTEST, str(folder.resolve()), *options]
    paths = {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter
            command, cwd=folder, env={**os.environ, **paths}, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return "not found in time"
    if done.returncode == 0:
        return "not found"
    # Only a failed property counts; a copy that cannot even be imported proves nothing.
    if done.returncode != 1 or "Failing test case" not in done.stdout:
        return f"could not be tested: {(done.stderr or done.stdout).strip().splitlines()[-1]}"
    return "found"


def main() -> int:
    """Hunt every bug, or those that are named; print a table, and return 1 where one is not found."""
    chosen = [bug for bug in BUGS if not sys.argv[1:] or bug.name in sys.argv[1:]]
    missed = 0
    for bug in chosen:
        outcome, seconds = hunt(bug)
        missed += outcome != "found"
        print(f"{bug.name:20} {outcome:18} {seconds:5.1f} s   {bug.found_by}", flush=True)  # noqa: T201 - the table
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())

"""The package's types are right for its users: mypy and pyright take what is right, and tell what is wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = ROOT / "tests" / "data" / "typing"
MYPY = ["mypy", "--strict", "--config-file=", f"--cache-dir={ROOT / '.mypy_cache' / 'users'}"]
PYRIGHT = ["pyright", "--pythonpath", sys.executable]


@pytest.mark.parametrize("checker", [MYPY, PYRIGHT], ids=["mypy", "pyright"])
def test_what_is_right_is_taken_and_every_mistake_is_told(checker: Sequence[str], tmp_path: Path) -> None:
    marked = set()
    for file in FILES.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(text, encoding="utf-8")
        marked |= {(file.name, n) for n, line in enumerate(text.splitlines(), 1) if line.endswith("# MISTAKE")}

    told = _told(checker, tmp_path)
    found = re.findall(r"(\w+\.py):(\d+)(?::\d+)?(?: -|:) error", told)

    assert {(name, int(line)) for name, line in found} == marked, told


def _told(checker: Sequence[str], folder: Path) -> str:
    command = [sys.executable, "-m", *checker, *sorted(path.name for path in folder.iterdir())]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - it is ours
    return done.stdout + done.stderr

"""Data files of coverage: what one process has seen, for the report over all of them.

    .fsm_coverage.<host>.<process>.<number>    JSON: a version, and the definitions with their items and what was seen

Each process writes a file of its own, so that several, on one machine or on many, write none over another's. A file
names definitions from the folder that it lies in, and each with a digest of its text: what was seen of another text is
stale, and told as that.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fsm_langgraph.errors import DefinitionError
from fsm_langgraph.loading import load_definition
from fsm_langgraph.testing.coverage.coverable import Coverable
from fsm_langgraph.testing.coverage.coverage_error import CoverageError
from fsm_langgraph.testing.coverage.measured import Measured, fingerprint

VERSION = 1
_PREFIX = ".fsm_coverage."


@dataclass(frozen=True, slots=True)
class Combined:
    """The coverage of all data files of a folder."""

    measured: tuple[Measured, ...]
    """The definitions, each with what was seen of it in any process."""
    stale: tuple[str, ...] = ()
    """The files of definitions that have changed, or gone, since something was seen of them."""


def save_coverage(measured: Iterable[Measured], folder: Path) -> Path:
    """Write what this process has seen into a folder; return the file."""
    host = re.sub(r"[^\w-]", "_", socket.gethostname())
    file = folder / f"{_PREFIX}{host}.{os.getpid()}.{secrets.token_hex(3)}"
    data = {"version": VERSION, "machines": [_as_data(each, folder) for each in measured]}
    file.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    return file


def erase_coverage(folder: Path) -> None:
    """Remove the data files of a folder."""
    for file in _files(folder):
        file.unlink(missing_ok=True)


def combine_coverage(folder: Path) -> Combined:
    """Combine the data files of a folder.

    Raises:
        CoverageError: There are none, or one cannot be read.
    """
    files = _files(folder)
    if not files:
        advice = "Run the scenarios with coverage: fsm-langgraph test --coverage, or pytest --fsm-coverage."
        raise CoverageError(f"{folder}: there are no data of coverage.\n  {advice}")
    combined: dict[tuple[str, str], Measured] = {}
    for found in (each for file in files for each in _read(file)):
        known = combined.setdefault((found.file, found.fingerprint), found)
        known.add_items(found.items.values())
        known.seen |= found.seen
    now = {file: _fingerprint_now(Path(file)) for file, _ in combined}
    current = [each for each in combined.values() if now[each.file] == each.fingerprint]
    stale = dict.fromkeys(each.file for each in combined.values() if now[each.file] != each.fingerprint)
    return Combined(tuple(sorted(current, key=lambda each: each.file)), tuple(sorted(stale)))


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{_PREFIX}*.*.*"))


def _fingerprint_now(file: Path) -> str | None:
    try:
        return fingerprint(load_definition(file))
    except DefinitionError:
        return None


def _as_data(each: Measured, folder: Path) -> dict[str, Any]:
    file = Path(os.path.relpath(Path(each.file).resolve(), folder.resolve()))
    return {
        "file": file.as_posix(),
        "name": each.name,
        "fingerprint": each.fingerprint,
        "items": [[item.kind, item.place, item.text, [*item.outcomes]] for item in each.items.values()],
        "seen": sorted([*seen] for seen in each.seen),
    }


def _read(file: Path) -> Iterator[Measured]:
    try:
        data = json.loads(file.read_text("utf-8"))
        if data["version"] != VERSION:
            raise CoverageError(f"{file}: is of another release.\n  Remove it, and run the scenarios anew.")
        for each in data["machines"]:
            place = os.path.normpath(file.parent / each["file"])
            found = Measured(_from_here(place), each["name"], each["fingerprint"])
            found.add_items(Coverable(kind, at, text, tuple(outs)) for kind, at, text, outs in each["items"])
            found.seen = {(kind, at, outcome) for kind, at, outcome in each["seen"]}
            yield found
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CoverageError(f"{file}: is no data of coverage.\n  Remove it, and run the scenarios anew.") from error


def _from_here(file: str) -> str:
    """Write a path from the current folder, where it lies below that."""
    path, here = Path(file).resolve(), Path.cwd().resolve()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)

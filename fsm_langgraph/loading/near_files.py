"""The file that was meant, where there is none of a name: the definition beside it whose name is most like it.

Whoever reads the advice may have written the definition that names the file, and be nobody who may look into the
folder. So of all that lies there only another definition is told.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from fsm_langgraph.loading.raw_data import is_definition

SUFFIXES = (".json", ".yaml", ".yml")
"""The ends of the names of files of definitions."""


def suggest_file(missing: Path, read: Callable[[Path], Any]) -> str:
    """Build the advice for a path at which there is nothing; empty where nothing beside it is named like it.

    Args:
        missing: The path.
        read: Reads a file; returns its data, or `None` where it cannot be read.
    """
    beside: dict[str, list[str]] = {}
    for name in _definition_files(missing.parent):
        beside.setdefault(Path(name).stem, []).append(name)
    for stem in difflib.get_close_matches(missing.stem[:_LONGEST], beside):
        for name in sorted(beside[stem], key=lambda name: (Path(name).suffix != missing.suffix, name)):
            if is_definition(read(missing.with_name(name))):
                return f"Did you mean {name!r}?"
    return ""


def _definition_files(folder: Path) -> Iterator[str]:
    try:
        found = (path for path in islice(folder.iterdir(), _MOST) if path.suffix in SUFFIXES and path.is_file())
        yield from (path.name for path in found if len(path.stem) <= _LONGEST)
    except (OSError, ValueError):  # no folder, or one that may not be looked into
        return


_MOST = 1_000
"""How many files of a folder are looked at."""
_LONGEST = 48
"""How long a name is that is compared."""

"""The definitions in `data/definitions`: those that load, and the table of those that do not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from tables import read_table

FOLDER = Path(__file__).parent / "data" / "definitions"
VALID = sorted(FOLDER.glob("valid/*.*"))


@dataclass(frozen=True)
class Row:
    """One row of `bad.yaml`."""

    case: str
    change: Any
    problems: list[str]

    def __str__(self) -> str:
        return self.case

    @property
    def codes(self) -> set[str]:
        """The codes of its problems."""
        return {problem.split(" ", 1)[0] for problem in self.problems}


def read_yaml(path: Path) -> Any:
    """Read a YAML file, or a JSON file, which is YAML too."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def changed(change: Any) -> Any:
    """Return what `base.json` becomes by a JSON merge patch (RFC 7396)."""
    return _merge(BASE, change)


def _merge(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge(merged.get(name), value)
    return merged


BASE: Any = json.loads((FOLDER / "base.json").read_text(encoding="utf-8"))
BAD = [Row(**row) for row in read_table(FOLDER / "bad.yaml")]

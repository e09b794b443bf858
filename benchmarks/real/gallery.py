"""The conversations that are played: the first turns of the gallery's scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from benchmarks.examples import GRAPHS

EXAMPLES = tuple(sorted(path.parent.name for path in GRAPHS.glob("*/fsm.*")))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One conversation with an example."""

    name: str
    context: dict[str, Any]
    """The values that the caller gives with the first message."""
    turns: list[dict[str, Any]]
    """For each turn what the user writes, the state that it leads to, and values that are known then."""


def definition_file(example: str) -> Path:
    """Find the file of an example."""
    return next((GRAPHS / example).glob("fsm.*"))


def code_of(example: str) -> dict[str, Any]:
    """Name the code of an example, and make the store that it reads, if it has any."""
    folder = GRAPHS / example
    code: dict[str, Any] = {"handlers": "beside"} if (folder / "handlers.py").is_file() else {}
    if (folder / "database.py").is_file():
        code["store"] = import_module(f"graphs.{example}.database").make_store()
    return code


def scenarios(example: str, turns: int) -> Iterator[Scenario]:
    """Go through the scenarios of an example, until so many turns are told."""
    for case in YAML(typ="safe", pure=True).load(GRAPHS / example / "scenarios.yaml"):
        if turns <= 0:
            return
        yield Scenario(case["name"], case.get("context", {}), case["turns"][:turns])
        turns -= len(case["turns"])

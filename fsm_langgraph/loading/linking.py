"""Sub-machines brought into the definition that runs them: those that `subflow` names are put under `subflows`.

    "subflow": "payment"        an entry of the definition's own `subflows`, or one that the caller gave
    "subflow": "payment.json"   the same, or else a file in the folder of the file that names it

It works on the data, before anything is checked, so that one definition with all that it runs is checked, written out
and compiled as a whole. A definition that would run itself, however far down, is a fault: it would never end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.data.json_data import at
from fsm_langgraph.errors import Problem, suggest
from fsm_langgraph.loading.document import Document

Data = dict[str, Any]


def link(document: Document, read: Callable[[object], Document], named: Mapping[str, Any]) -> Document:
    """Return a document with the definitions that its states run put into it.

    Args:
        document: A definition, as it was read.
        read: Reads a further source.
        named: The definitions, or where they are, that the caller gave a name.
    """
    linker = _Linker(read, named)
    data = linker.linked(document.data, document.folder, chain=(document,), steps=())
    return Document(document.name, data, (*document.problems, *linker.problems), folder=document.folder)


@dataclass(slots=True)
class _Linker:
    read: Callable[[object], Document]
    named: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def linked(
        self, data: JsonValue, folder: Path | None, chain: tuple[Document, ...], steps: tuple[str | int, ...]
    ) -> JsonValue:
        states = data.get("states") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(states, dict):
            return data
        given = data.get("subflows")
        own: Data = given if isinstance(given, dict) else {}
        found: Data = {
            name: self.linked(child, folder, chain, (*steps, "subflows", name)) for name, child in own.items()
        }
        for state_id, state in states.items():
            name = state.get("subflow") if isinstance(state, dict) else None
            if isinstance(name, str) and name not in found:
                subflow_steps = (*steps, "states", state_id, "subflow")
                if (child := self._fetched(name, folder, chain, own, subflow_steps)) is not None:
                    found[name] = self.linked(child.data, child.folder, (*chain, child), (*steps, "subflows", name))
        return {**data, "subflows": found} if found != own else data

    def _fetched(
        self, name: str, folder: Path | None, chain: tuple[Document, ...], own: Data, steps: tuple[str | int, ...]
    ) -> Document | None:
        """Read the definition of this name, or note why there is none."""
        if name in self.named:
            child = self.read(self.named[name])
            if child.folder is None:
                child = Document(name, child.data, child.problems, child.is_readable)
        elif folder is not None and ((folder / name).exists() or Path(name).suffix in _SUFFIXES):
            child = self.read(folder / name)
        else:
            advice = _UNKNOWN + suggest(name, {*own, *self.named}, noun="sub-machines")
            self.problems.append(Problem(at(*steps), "unknown-subflow", f"no definition is named {name!r}.", advice))
            return None
        known = [_identity(document) for document in chain]
        if _identity(child) in known:
            circle = " → ".join(document.name for document in [*chain[known.index(_identity(child)) :], child])
            message = f"the definition would run itself: {circle}."
            self.problems.append(Problem(at(*steps), "subflow-cycle", message, "A sub-machine has to come to an end."))
            return None
        if not child.is_readable:
            self.problems += (
                Problem(at(*steps), problem.code, f"{child.name}: {problem.message}", problem.advice)
                for problem in child.problems
            )
            return None
        # The child comes to stand beside `states`, three steps up from the field that names it.
        self.problems += (problem.below(at(*steps[:-3], "subflows", name)) for problem in child.problems)
        return child


def _identity(document: Document) -> str | Path:
    """Tell a file from another, however its path is written."""
    return document.name if document.folder is None else Path(document.name).resolve()


_SUFFIXES = (".json", ".yaml", ".yml")
_UNKNOWN = "Write it under 'subflows', name its file, or give it to the loader as subflows={name: …}.  "

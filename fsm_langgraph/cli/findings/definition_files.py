"""The definitions among files and in folders; whatever else lies there is passed over and counted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DefinitionFiles:
    """The files that are to be examined, and those that were passed over."""

    definitions: tuple[Path, ...]
    others: tuple[Path, ...]
    """JSON and YAML files that are no definitions."""
    named: frozenset[Path]
    """The definitions that were named themselves, and not only found."""


def find_definitions(paths: Sequence[Path], *, skip_others: bool) -> DefinitionFiles:
    """Find the definitions among these files and in these folders, in order; hidden folders are left out.

    Args:
        paths: Files and folders.
        skip_others: Whether files that are named are treated as if they were found in a folder.
    """
    definitions, others, named = dict[Path, None](), dict[Path, None](), set[Path]()
    for path in paths:
        is_found = skip_others or path.is_dir()
        for file in sorted(_in_folder(path)) if path.is_dir() else (path,):
            (others if is_found and not _is_definition_file(file) else definitions)[file] = None
        if not is_found:
            named.add(path)
    return DefinitionFiles(tuple(definitions), tuple(others), frozenset(named))


_SUFFIXES = (".json", ".yaml", ".yml")
_MARK = re.compile(r"""\b(?:initial_state|states)["']?\s*:""")
"""Stands in every definition, and in few other files, which are not parsed then."""
_SURE_MARK = re.compile(r"""\binitial_state["']?\s*:""")
"""Stands in every definition, and hardly in any other file."""


def _in_folder(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.suffix.lower() in _SUFFIXES and path.is_file():
            yield path


def _is_definition_file(file: Path) -> bool:
    """Say whether a file is meant as a definition; one that nobody can read is, unless it is seen not to be."""
    from fsm_langgraph.data.json_data import UnreadableError
    from fsm_langgraph.loading.document import read_document
    from fsm_langgraph.loading.files import read_file
    from fsm_langgraph.loading.raw_data import is_definition

    try:
        if _MARK.search(read_file(file)) is None:
            return False
    except UnreadableError:
        return _may_be_one(file)
    document = read_document(file)
    data = document.data
    return not document.is_readable or is_definition(data) or (isinstance(data, dict) and "initial_state" in data)


def _may_be_one(file: Path) -> bool:
    """Say whether a file that is too large, or no UTF-8, begins as a definition does; one that stays shut may be one.

    Of a text in UTF-16 every other byte is left out, and what is no letter of the mark does not matter.
    """
    if not file.is_file():  # a pipe would be waited for
        return False
    try:
        with file.open("rb") as opened:
            start = opened.read(_START)
    except OSError:
        return True
    return _SURE_MARK.search(start.replace(b"\0", b"").decode("latin-1")) is not None


_START = 1 << 20
"""How many bytes of a file that cannot be read are looked into."""

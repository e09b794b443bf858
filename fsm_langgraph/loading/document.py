"""From an author's source to JSON data: a path, the text of a JSON or YAML 1.2 document, or a mapping.

A document that cannot be read at all has one problem and no data: no such file, another encoding, a comma too
many. In any other case reading goes on past each fault, and the faults stand beside the data. Nothing here
knows what a state is; the other modules here judge the data.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.data.json_data import MAX_BYTES, MAX_DEPTH, Pairs, UnreadableError, to_json
from fsm_langgraph.data.shortened import shortened
from fsm_langgraph.errors import Place, Problem
from fsm_langgraph.loading.files import is_file, read_file
from fsm_langgraph.loading.near_files import suggest_file
from fsm_langgraph.loading.origins import NO_ORIGINS, Origins, WrittenText
from fsm_langgraph.loading.positions import Positions, position_in


@dataclass(frozen=True, slots=True)
class Document:
    """A definition as it was read: its data, and the faults of the text."""

    name: str
    """Its name in messages: its path, if it has one."""
    data: JsonValue = None
    """Its content; of a key given twice, the first value."""
    problems: tuple[Problem, ...] = ()
    """A problem for each value that JSON cannot hold, and for each key given twice."""
    is_readable: bool = True
    """Whether there is any data; where there is none, `problems` says why."""
    path: Path | None = None
    """Where it lies, if it is a file."""
    repeated: tuple[str, ...] = ()
    """The paths at which sub-machines stand once more that are written elsewhere in it."""
    origins: Origins = NO_ORIGINS
    """The texts that it was read from."""

    @property
    def positions(self) -> Positions:
        """Where the parts of its own text stand."""
        written = self.origins.texts.get(())
        return Positions("", is_json=True) if written is None else written.positions


def read_document(source: object) -> Document:
    """Read a path, a text or a mapping.

    A string is the text of a document if it has several lines or starts with "{" or "[", and a path if not. A
    file whose name ends in `.json` is JSON, one in `.yaml` or `.yml` is YAML; others are told by their start.
    """
    path = path_of(source)
    name = "the definition" if path is None else shortened(str(source), _READ)
    written: WrittenText | None = None
    try:
        if path is None and not isinstance(source, str):
            return Document(name, *to_json(source))
        written = _written(read_file(path) if path is not None else str(source), path)
        return Document(name, *to_json(_parse(written)), path=path, origins=Origins({(): written}))
    except UnreadableError as error:
        problem = error.problem
        if written is not None:
            problem = replace(problem, place=Place(written.file, *position_in(written.text, error.index)))
        if path is not None and problem.code == "unreadable" and not is_file(path):
            problem = replace(problem, advice=problem.advice or suggest_file(path, _data_of))
        if isinstance(source, str) and path is not None and not problem.advice:
            problem = replace(problem, advice=_MEANT_AS_TEXT)
        return Document(name, problems=(problem,), is_readable=False)


def _data_of(file: Path) -> Any:
    document = read_document(file)
    return document.data if document.is_readable else None


_MEANT_AS_TEXT = "A definition given as text, not by its path, starts with '{' or has several lines."
_READ = 1_000
"""How many characters of a path are read: it may be a text that was meant as a definition."""


def path_of(source: object) -> Path | None:
    """Return the path that a document was given by, whether or not there is anything; `None` for all else."""
    if isinstance(source, Path) or (isinstance(source, str) and not _is_text(source)):
        return Path(source)
    return None


def _is_text(source: str) -> bool:
    return "\n" in source or source.lstrip("\ufeff \t\r")[:1] in ("", "{", "[")


def _written(text: str, path: Path | None) -> WrittenText:
    text, suffix = text.removeprefix("\ufeff"), path.suffix.lower() if path is not None else ""
    is_json = suffix == ".json" or (suffix not in (".yaml", ".yml") and text.lstrip()[:1] in ("{", "["))
    return WrittenText(str(path) if path is not None else "", text, is_json)


def _parse(written: WrittenText) -> Any:
    if len(written.text) > MAX_BYTES:
        raise UnreadableError("too-large", f"is longer than {MAX_BYTES:,} characters.")
    if not written.text.strip():
        raise UnreadableError("empty", "there is nothing in it.")
    try:
        if written.is_json:
            return _parse_json(written.text)
        # Only those who write YAML wait for its parser to be imported.
        from fsm_langgraph.loading.yaml_text import parse_yaml

        return parse_yaml(written.text)
    except RecursionError as error:
        raise UnreadableError("too-deep", f"nests deeper than {MAX_DEPTH} levels.") from error


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_pairs)
    except json.JSONDecodeError as error:
        found = f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}."
        advice = "Names and texts stand in double quotes; no comma follows a last entry; there are no comments."
        raise UnreadableError("not-json", found, advice, index=error.pos) from error
    except ValueError as error:  # an integer of more digits than Python converts
        raise UnreadableError("not-json", f"is not JSON: {error}.") from error


def _pairs(pairs: list[tuple[str, Any]]) -> Pairs:
    found = Pairs()
    repeated: dict[str, None] = {}
    for name, value in pairs:
        if name in found:
            repeated[name] = None
        else:
            found[name] = value
    found.repeated = tuple(repeated)
    return found

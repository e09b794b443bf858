"""The passes over a definition, whose findings become one list or one error.

    read_document      a source -> JSON data    texts that cannot be read, values that are no JSON, keys given twice
    link               data -> data             sub-machines that are not there, or that never end
    check_shape        data -> models           fields that are unknown, missing, of the wrong type
    check_consistency  data                     names that nothing has or that are taken, logic, templates

All of them always run, each on its own, so that no fault hides another; the problems come in the order of the
document. Past this door nobody checks a definition again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import DefinitionError, Problem
from fsm_langgraph.loading.consistency import check_consistency
from fsm_langgraph.loading.document import Document, read_document
from fsm_langgraph.loading.linking import link
from fsm_langgraph.loading.shape import check_shape

Source = str | Path | Mapping[str, Any] | FSMDefinition
"""A path, the text of a JSON or YAML document, its data, or a definition that was made in code."""


def load_definition(source: Source, *, subflows: Mapping[str, Source] | None = None) -> FSMDefinition:
    """Load a definition and prove it sound.

    Args:
        source: A path; the text of a JSON or YAML document (several lines, or one that starts with "{"); its
            data; or a definition, which is checked in the same way and returned.
        subflows: Definitions, or where they are, by the name under which states run them as sub-machines; the files
            that a file names are found without.

    Raises:
        DefinitionError: The definition has problems; it holds every one of them, in document order.
    """
    if isinstance(source, FSMDefinition) and _SOUND.get(id(source)) is source:
        return source
    document = _document(source, subflows)
    definition, problems = _examine(document)
    if problems or definition is None:
        raise DefinitionError(document.name, problems)
    if isinstance(source, FSMDefinition) and definition == source:  # nothing had to be linked
        definition = source
    _SOUND[id(definition)] = definition
    return definition


def find_problems(source: Source, *, subflows: Mapping[str, Source] | None = None) -> list[Problem]:
    """Return every problem that keeps a definition from being loaded, in document order; the arguments are as above."""
    return _examine(_document(source, subflows))[1]


_SOUND: WeakValueDictionary[int, FSMDefinition] = WeakValueDictionary()
"""Definitions that were found sound, by identity: they are frozen, so none is examined twice."""


def _document(source: Source, subflows: Mapping[str, Source] | None) -> Document:
    document = _read(source)
    return link(document, _read, subflows or {}) if document.is_readable else document


def _read(source: object) -> Document:
    return read_document(source.model_dump(exclude_defaults=True) if isinstance(source, FSMDefinition) else source)


def _examine(document: Document) -> tuple[FSMDefinition | None, list[Problem]]:
    if not document.is_readable:
        return None, list(document.problems)
    definition, misshapen = check_shape(document.data)
    problems = [*document.problems, *check_consistency(document.data)]
    # Where reading found what JSON cannot hold, it left null, which is not what the author wrote.
    told = {problem.path for problem in document.problems}
    problems += [p for p in misshapen if p.code != "wrong-type" or p.path not in told]
    # What is wrong with a sub-machine is told where it is written.
    return definition, _in_order((p for p in problems if not _is_repeated(p, document)), document.data)


def _is_repeated(problem: Problem, document: Document) -> bool:
    return any(problem.path == path or problem.path.startswith((f"{path}.", f"{path}[")) for path in document.repeated)


def _in_order(problems: Iterable[Problem], data: Any) -> list[Problem]:
    """Sort problems by where they stand; what is missing stands at the start of the object that lacks it."""
    unique = list(dict.fromkeys(problems))
    if len(unique) < 2:
        return unique
    order = {path: position for position, path in enumerate(_paths(data))}

    def position(problem: Problem) -> int:
        path = problem.path
        while path not in order:
            path = re.sub(r"(^|\.|\[)[^.\[]*$", "", path)
        return order[path]

    return sorted(unique, key=position)


def _paths(data: Any) -> list[str]:
    """Write the path of every value, in document order."""
    paths: list[str] = []
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), data)]
    while waiting:
        steps, value = waiting.pop()
        paths.append(at(*steps))
        if isinstance(value, dict | list):
            inside = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += reversed([((*steps, step), item) for step, item in inside])
    return paths

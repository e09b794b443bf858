"""The passes over a definition, whose findings become one list or one error.

    read_document      a source -> JSON data    texts that cannot be read, values that are no JSON, keys given twice
    link               data -> data             sub-machines that are not there, or that never end
    check_shape        data -> models           fields that are unknown, missing, of the wrong type
    check_consistency  data                     names that nothing has or that are taken, logic, templates

All of them always run, each on its own, so that no fault hides another; the problems come in the order of the
document. Past this door nobody checks a definition again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from fsm_langgraph.data.json_data import MAX_PROBLEMS
from fsm_langgraph.data.shortened import shortened
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import DefinitionError, Problem
from fsm_langgraph.loading.consistency import check_consistency
from fsm_langgraph.loading.document import Document, read_document
from fsm_langgraph.loading.document_order import in_document_order
from fsm_langgraph.loading.linking import link
from fsm_langgraph.loading.origins import Origins, origins_of, remember
from fsm_langgraph.loading.pattern_sizes import too_large_together
from fsm_langgraph.loading.shape import check_shape

Source = str | Path | Mapping[str, Any] | FSMDefinition
"""A path, the text of a JSON or YAML document, its data, or a definition that was made in code."""


def load_definition(
    source: Source, *, subflows: Mapping[str, Source] | None = None, root: str | Path | None = None
) -> FSMDefinition:
    """Load a definition and prove it sound.

    Args:
        source: A path; the text of a JSON or YAML document (several lines, or one that starts with "{"); its
            data; or a definition, which is checked in the same way and returned.
        subflows: Definitions, or where they are, by the name under which states run them as sub-machines; the files
            that a file names are found without.
        root: The folder in which, or below which, the files have to lie that definitions name; the folder of the
            definition that names the first of them, where it is left out.

    Raises:
        DefinitionError: The definition has problems; it holds every one of them, in document order, or the first 100.
    """
    loaded = read_definition(source, subflows=subflows, root=root)
    if loaded.definition is None:
        raise DefinitionError(loaded.name, loaded.problems)
    return loaded.definition


def find_problems(
    source: Source, *, subflows: Mapping[str, Source] | None = None, root: str | Path | None = None
) -> list[Problem]:
    """Return every problem that keeps a definition from being loaded, in document order; the arguments are as above."""
    return [*read_definition(source, subflows=subflows, root=root).problems]


@dataclass(frozen=True, slots=True)
class LoadedDefinition:
    """A source as it was read: a sound definition, or the problems that keep it from being one."""

    name: str
    """Its name in messages: its path, if it has one."""
    definition: FSMDefinition | None
    """The definition; `None` where it has problems."""
    problems: tuple[Problem, ...]
    """Every problem in document order, or the first 100, with its place."""
    origins: Origins
    """Where its parts were written, as far as they could be read."""


def read_definition(
    source: Source, *, subflows: Mapping[str, Source] | None = None, root: str | Path | None = None
) -> LoadedDefinition:
    """Load a definition, or find what is wrong with it; it raises nothing for that. The arguments are as above."""
    if isinstance(source, FSMDefinition) and _SOUND.get(id(source)) is source:
        return LoadedDefinition(source.name, source, (), origins_of(source))
    document = _document(source, subflows, root)
    definition, problems = _examine(document)
    if problems or definition is None:
        return LoadedDefinition(document.name, None, tuple(problems), document.origins)
    if isinstance(source, FSMDefinition) and definition == source:  # nothing had to be linked
        definition = source
    _SOUND[id(definition)] = definition
    remember(definition, document.origins)
    return LoadedDefinition(document.name, definition, (), document.origins)


_SOUND: WeakValueDictionary[int, FSMDefinition] = WeakValueDictionary()
"""Definitions that were found sound, by identity: they are frozen, so none is examined twice."""


def _document(source: Source, subflows: Mapping[str, Source] | None, root: str | Path | None) -> Document:
    document = _read(source)
    folder = Path(root) if root is not None else None
    return link(document, _read, subflows or {}, folder) if document.is_readable else document


def _read(source: object) -> Document:
    if not isinstance(source, FSMDefinition):
        return read_document(source)
    return replace(read_document(source.model_dump(exclude_defaults=True)), origins=origins_of(source))


def _examine(document: Document) -> tuple[FSMDefinition | None, list[Problem]]:
    if not document.is_readable:
        return None, [*map(_readable, document.problems)]
    if (excess := too_large_together(document.data)) is not None:
        return None, [_readable(document.origins.located(excess))]
    definition, misshapen = check_shape(document.data)
    problems = [*document.problems, *islice(check_consistency(document.data), MAX_PROBLEMS + 1)]
    # Where reading found what JSON cannot hold, it left null, which is not what the author wrote.
    told = {problem.path for problem in document.problems}
    problems += [p for p in misshapen if p.code != "wrong-type" or p.path not in told]
    # What is wrong with a sub-machine is told where it is written.
    ordered = in_document_order((p for p in problems if not _is_repeated(p, document)), document.data)
    more = [_MORE] if len(ordered) > MAX_PROBLEMS else []
    located = map(document.origins.located, ordered[:MAX_PROBLEMS])
    return definition, [*map(_readable, located), *more]


_MORE = Problem("", "more-problems", f"there are more than {MAX_PROBLEMS} problems; these are some of them.")


def _readable(problem: Problem) -> Problem:
    """Cut what a problem quotes to a length at which it can be read."""
    path, message, advice = (shortened(text, _READ) for text in (problem.path, problem.message, problem.advice))
    return replace(problem, path=path, message=message, advice=advice)


_READ = 1_000
"""How many characters of a sentence are read."""


def _is_repeated(problem: Problem, document: Document) -> bool:
    return any(problem.path == path or problem.path.startswith((f"{path}.", f"{path}[")) for path in document.repeated)

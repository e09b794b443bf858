"""A file that a definition names, and what may be told of it: only where it is a definition, what stands in it.

Its name comes from whoever wrote the definition, who reads the errors too. A file with passwords may lie in the same
folder, and parsers quote what they cannot read.
"""

from __future__ import annotations

from dataclasses import replace

from fsm_langgraph.errors import Problem
from fsm_langgraph.loading.document import Document
from fsm_langgraph.loading.raw_data import is_definition


def as_named(document: Document, name: str) -> Document:
    """Return a document as it may be told of, under the name that a definition gives it."""
    if not document.is_readable:
        problems = tuple(_without_quotes(problem, name) for problem in document.problems)
        return Document(name, problems=problems, is_readable=False)
    if is_definition(document.data):
        return replace(document, name=name, origins=document.origins.named(name))
    return Document(name, problems=(_NO_DEFINITION,), is_readable=False)


def _without_quotes(problem: Problem, name: str) -> Problem:
    """Return the problem of a file by its name, and of one that is no YAML without the words that its parser quotes."""
    problem = replace(problem, place=problem.place and replace(problem.place, file=name))
    return replace(problem, message="is not YAML.", advice="") if problem.code == "not-yaml" else problem


_NO_DEFINITION = Problem(
    "",
    "no-definition",
    "is no definition: it has no 'states', each an object with a 'purpose'.",
    "Nothing else is told of it, since whoever reads this may not be who may read that file.",
)

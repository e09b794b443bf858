"""The handlers that `check` holds definitions against: which definitions, and what is wrong with the handlers.

a file, `beside`          it has some beside it, or that is an error
in a folder, `beside`     only where there are some
any other reference       all of them
run by another of them    the handlers are that one's, and name its states by their paths
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fsm_langgraph.checking import Report
    from fsm_langgraph.definition import FSMDefinition
    from fsm_langgraph.errors import Problem
    from fsm_langgraph.handlers import Handlers


def held_against(reports: Mapping[Path, Report], handlers: str, named: Collection[Path]) -> set[Path]:
    """Return the definitions that are held against handlers.

    Args:
        reports: What was found in each.
        handlers: The reference to the handlers.
        named: Those that were given themselves, not in a folder.
    """
    from fsm_langgraph.handlers.references import has_beside, is_beside

    beside = is_beside(handlers)
    inner = {
        each.resolve()
        for file, report in reports.items()
        for each in report.inner_files
        # What lies beside a sub-machine in another folder is its own.
        if not beside or each.parent.resolve() == file.parent.resolve()
    }
    outer = {file for file in reports if file.resolve() not in inner}
    return {file for file in outer if file in named or has_beside(file)} if beside else outer


def examine_handlers(
    source: Path | str, definition: FSMDefinition, handlers: str
) -> tuple[Handlers | None, tuple[Problem, ...]]:
    """Return the handlers for a definition, where they can be used, and what is wrong with them."""
    loaded, problems = _examined(source, definition, handlers)
    return loaded, tuple(map(_from_here, problems))


def _examined(
    source: Path | str, definition: FSMDefinition, handlers: str
) -> tuple[Handlers | None, tuple[Problem, ...]]:
    from fsm_langgraph.errors import HandlerSetupError, Problem, ReferenceSetupError, ToolSetupError
    from fsm_langgraph.handlers import idle_handlers
    from fsm_langgraph.handlers.references import load_code
    from fsm_langgraph.loading import origins_of
    from fsm_langgraph.machine import make_machine

    try:
        loaded = make_machine(definition, **load_code(source, {"handlers": handlers})).handlers
        return loaded, tuple(idle_handlers(loaded, definition))
    except ReferenceSetupError as error:
        return None, (Problem("handlers", "not-loaded", error.found, error.advice),)
    except HandlerSetupError as error:
        return None, error.problems
    except ToolSetupError as error:  # among them are faults of the states that name them
        located = origins_of(definition).located
        return None, tuple(located(each) if each.path.startswith("states") else each for each in error.problems)


def _from_here(problem: Problem) -> Problem:
    """Return a problem with the path of its file from the current folder on, as those of definitions are given."""
    if problem.place is None or not Path(problem.place.file).is_relative_to(Path.cwd()):
        return problem
    return replace(problem, place=replace(problem.place, file=str(Path(problem.place.file).relative_to(Path.cwd()))))

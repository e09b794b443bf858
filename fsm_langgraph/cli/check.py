"""`fsm-langgraph check`: every problem in definitions, and in the handlers for them, for people or as JSON.

Warnings are told too. A definition that has only those is sound, and the exit status is 0.

A file that cannot be read counts as a definition with one problem (`unreadable`), so that a build which checks many
files is told of all of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fsm_langgraph.cli.code import HANDLERS_HELP, code_importable
from fsm_langgraph.cli.output import out, say, write_json

if TYPE_CHECKING:
    from fsm_langgraph.definition import FSMDefinition
    from fsm_langgraph.errors import Problem


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Definitions, JSON or YAML.")],
    handlers: Annotated[
        str | None, typer.Option("--handlers", metavar="REF", help="Check handlers as well: " + HANDLERS_HELP)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the problems as JSON.")] = False,
) -> None:
    """Tell every problem in definitions, and in handlers for them."""
    with code_importable(handlers):
        found = [(str(file), *_examine(file, handlers)) for file in files]
    if as_json:
        listed = [{"file": name, **_listed(definition, problems)} for name, definition, problems in found]
        write_json(listed)
    else:
        for name, definition, problems in found:
            _tell(name, definition, problems)
    if any(problems for _, _, problems in found):
        raise typer.Exit(1)


def _examine(file: Path, handlers: str | None) -> tuple[FSMDefinition | None, tuple[Problem, ...]]:
    from fsm_langgraph.errors import DefinitionError
    from fsm_langgraph.loading import load_definition

    try:
        definition = load_definition(file)
    except DefinitionError as error:
        return None, error.problems
    problems = _examine_handlers(file, definition, handlers) if handlers is not None else ()
    return (definition if not problems else None), problems


def _examine_handlers(file: Path, definition: FSMDefinition, handlers: str) -> tuple[Problem, ...]:
    from fsm_langgraph.errors import HandlerSetupError, Problem, ReferenceSetupError, ToolSetupError
    from fsm_langgraph.handlers.references import load_code
    from fsm_langgraph.machine import make_machine

    try:
        make_machine(definition, **load_code(file, {"handlers": handlers}))
    except ReferenceSetupError as error:
        return (Problem("handlers", "not-loaded", error.found, error.advice),)
    except (HandlerSetupError, ToolSetupError) as error:
        return error.problems
    return ()


def _warnings(definition: FSMDefinition | None) -> tuple[Problem, ...]:
    from fsm_langgraph.loading import (
        find_one_way_answers,
        find_text_logic,
        find_unreachable_states,
    )

    if definition is None:
        return ()
    return (
        *find_one_way_answers(definition),
        *find_text_logic(definition),
        *find_unreachable_states(definition),
    )


def _listed(definition: FSMDefinition | None, problems: tuple[Problem, ...]) -> dict[str, list[dict[str, str]]]:
    warnings = [_as_data(warning) for warning in _warnings(definition)]
    return {"problems": [_as_data(problem) for problem in problems], **({"warnings": warnings} if warnings else {})}


def _as_data(problem: Problem) -> dict[str, str]:
    return {
        "path": problem.path,
        "code": problem.code,
        "message": problem.message,
        "advice": problem.advice,
    }


def _tell(name: str, definition: FSMDefinition | None, problems: tuple[Problem, ...]) -> None:
    console = out()
    if definition is not None:
        transitions = sum(len(state.transitions) for state in definition.states.values())
        counted = f"{_count(len(definition.states), 'state')}, {_count(transitions, 'transition')}"
        revision = f", revision {definition.revision}" if definition.revision else ""
        warnings = _warnings(definition)
        warned = (", ", (_count(len(warnings), "warning"), "bold yellow")) if warnings else ()
        say(console, f"{name}: ", ("ok", "bold green"), f"{revision}, {counted}", *warned)
        _tell_each(warnings)
        return
    say(console, f"{name}: ", (_count(len(problems), "problem"), "bold red"))
    _tell_each(problems)


def _tell_each(problems: tuple[Problem, ...]) -> None:
    console = out()
    for problem in problems:
        say(
            console,
            ("  " + (problem.path or "(root)"), "bold"),
            f": {problem.message} ",
            (f"[{problem.code}]", "dim"),
        )
        for line in problem.advice.splitlines():
            say(console, f"    {line.strip()}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

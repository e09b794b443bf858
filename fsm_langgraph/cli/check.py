"""`fsm-langgraph check`: everything that is found in definitions, and in the handlers for them.

It is told to people, or as JSON, SARIF or GitHub's annotations. Errors keep a definition from loading, and the exit
status is 1; a definition with nothing but warnings is sound, and it is 0, or 1 with `--strict`.

A file that cannot be read counts as a definition with one error (`unreadable`), so that a build which checks many
files is told of all of them.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fsm_langgraph.cli.output import err, fail, out, plain, say, write_json
from fsm_langgraph.cli.user_code import HANDLERS_HELP, code_importable

if TYPE_CHECKING:
    from fsm_langgraph.checking import Report
    from fsm_langgraph.checking.outputs.checked_file import CheckedFile
    from fsm_langgraph.errors import Problem
    from fsm_langgraph.handlers import Handlers

Form = Literal["text", "json", "sarif", "github"]


def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE",
            help="Definitions, JSON or YAML; folders of them; - for the standard input.",
            show_default=False,
        ),
    ] = None,
    handlers: Annotated[
        str | None, typer.Option("--handlers", metavar="REF", help="Check handlers as well: " + HANDLERS_HELP)
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 where there are warnings, too.")] = False,
    notes: Annotated[bool, typer.Option("--notes", help="Tell notes as well.")] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            "-v",
            help="Tell what is accepted, not proved or passed over as well, and all keys of --access.",
        ),
    ] = False,
    form: Annotated[Form | None, typer.Option("--format", help="What to write: text for people, if left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    states: Annotated[
        bool, typer.Option("--states", help="Tell as a table what each state asks for, calls and costs.")
    ] = False,
    access: Annotated[
        bool, typer.Option("--access", help="Tell as a table who opens what: ends, privileges, tools, handlers.")
    ] = False,
    skip_others: Annotated[
        bool, typer.Option("--skip-others", help="Pass over files that are no definitions, as in folders.")
    ] = False,
    explained: Annotated[
        bool, typer.Option("--explain", help="Explain the codes that are given for FILE; list them where none is.")
    ] = False,
) -> None:
    """Tell what is wrong, or may be, with definitions and handlers."""
    if explained:
        from fsm_langgraph.cli.findings.explain import explain

        explain(files or ())
        return
    if not files:
        raise typer.BadParameter("Missing argument: give a definition, a folder, or - for the standard input.")
    if as_json and form not in (None, "json"):
        raise typer.BadParameter(f"--json and --format {form} are not both to be had", param_hint="--json")
    written: Form = form or ("json" if as_json else "text")
    if (states or access) and written != "text":
        raise typer.BadParameter(f"tables are for people: they are not to be had with --format {written}")
    with code_importable(handlers):
        checked = _checked(files, handlers, notes=notes, verbose=verbose, skip_others=skip_others)
        _write(checked, written, verbose=verbose)
        _show_tables(checked, states=states, access=access, verbose=verbose)
    if any(file.fails(strict=strict) for file in checked):
        raise typer.Exit(1)


def _checked(
    names: Sequence[str], handlers: str | None, *, notes: bool, verbose: bool, skip_others: bool
) -> list[CheckedFile]:
    from fsm_langgraph.checking.outputs.told_once import told_once
    from fsm_langgraph.cli.findings.definition_files import find_definitions
    from fsm_langgraph.cli.findings.told_findings import tell_passed_over

    found = find_definitions([Path(name) for name in names if name != "-"], skip_others=skip_others)
    tell_passed_over(err(), found.others, verbose=verbose)
    reports = {file: _examine(file) for file in found.definitions}
    held = _held_against(reports, handlers, found.named) if reports else ()
    checked = [
        _with_handlers(file, report, handlers if file in held else None, notes=notes)
        for file, report in reports.items()
    ]
    if "-" in names:
        text = _standard_input()
        checked.append(_with_handlers(text, _examine(text), handlers, notes=notes))
    if not checked and not skip_others:
        fail(f"there are no definitions in {', '.join(names)}.")
    return told_once(checked)


def _standard_input() -> str:
    from fsm_langgraph.data.json_data import MAX_BYTES

    # A text of one line is no path here: with a line's end, nobody takes it for one.
    return sys.stdin.read(MAX_BYTES + 1) + "\n"


def _held_against(reports: Mapping[Path, Report], handlers: str | None, named: Collection[Path]) -> Collection[Path]:
    """Return the files that are held against handlers; where there are none, say so."""
    if handlers is None:
        return ()
    from fsm_langgraph.cli.findings.handlers_held import held_against
    from fsm_langgraph.handlers.references import FILE_BESIDE

    held = held_against(reports, handlers, named)
    if not held:
        say(err(), (f"No handlers were checked: no {FILE_BESIDE} lies beside a definition.", "dim"))
    return held


def _with_handlers(source: Path | str, report: Report, handlers: str | None, *, notes: bool) -> CheckedFile:
    """Return what is told of a file, or of the text of the standard input."""
    from fsm_langgraph.checking import as_finding
    from fsm_langgraph.checking.outputs.checked_file import STDIN, CheckedFile
    from fsm_langgraph.cli.findings.handlers_held import examine_handlers

    name, text = (STDIN, source) if isinstance(source, str) else (str(source), None)
    loaded: Handlers | None = None
    problems: tuple[Problem, ...] = ()
    if report.definition is not None and handlers is not None:
        loaded, problems = examine_handlers(source, report.definition, handlers)
    found = (*map(as_finding, problems), *report.told(notes=notes))
    return CheckedFile(name, report, found, text, loaded)


def _examine(source: Path | str) -> Report:
    from fsm_langgraph.checking import examine

    with _nothing_collected():
        return examine(source)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Look for no garbage in circles: a large definition makes none, and is gone through anew each time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _show_tables(checked: Sequence[CheckedFile], *, states: bool, access: bool, verbose: bool) -> None:
    """Write the tables that are asked for, of each definition that loads."""
    from fsm_langgraph.cli.access_table import show_access_table
    from fsm_langgraph.cli.state_table import show_state_table

    for file in checked if states or access else ():
        if (definition := file.report.definition) is None or file.count("error"):
            continue
        if len(checked) > 1:
            say(out(), "\n", (file.name, "bold"))
        if states:
            say(out())
            show_state_table(definition, out())
        if access:
            say(out())
            show_access_table(definition, out(), file.handlers, verbose=verbose)


def _write(checked: Sequence[CheckedFile], form: Form, *, verbose: bool) -> None:
    if form == "text":
        from fsm_langgraph.cli.findings.told_findings import tell_findings

        tell_findings(out(), checked, verbose=verbose)
    elif form == "json":
        from fsm_langgraph.checking.outputs.report_document import report_document

        write_json(report_document(checked))
    elif form == "sarif":
        from fsm_langgraph.checking.outputs.sarif import sarif_log

        write_json(sarif_log(checked, Path.cwd()))
    else:
        from fsm_langgraph.checking.outputs.github_annotations import annotation_lines

        for line in annotation_lines(checked, Path.cwd()):
            out().out(plain(line), highlight=False)

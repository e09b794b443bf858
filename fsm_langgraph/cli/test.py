"""`fsm-langgraph test`: the conversations that definitions are to hold, held and told.

The code that stands beside a definition is run, as that of any test is: `handlers: false` in a file leaves it out.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fsm_langgraph.cli.coverage import FAIL_UNDER_HELP, CommandCoverage
from fsm_langgraph.cli.output import err, errors_told, fail, out, say, tell_first_warnings, write
from fsm_langgraph.cli.user_code import code_importable

if TYPE_CHECKING:
    from rich.progress import Progress

    from fsm_langgraph.scenarios import Scenario, ScenarioFile, ScenarioOutcome
    from fsm_langgraph.scenarios.scenario_runner import Recording


def hold_scenarios(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Files of scenarios (scenarios.yaml, *.scenarios.yaml), and folders of them; here if left out.",
            show_default=False,
        ),
    ] = None,
    keyword: Annotated[
        str | None, typer.Option("-k", metavar="TEXT", help="Only scenarios with this in their file's path or name.")
    ] = None,
    mark: Annotated[str | None, typer.Option("--mark", metavar="MARK", help="Only scenarios with this mark.")] = None,
    first: Annotated[bool, typer.Option("--exitfirst", "-x", help="Stop at the first failure.")] = False,
    model: Annotated[
        str,
        typer.Option("--model", "-m", metavar="NAME", help="The model of turns without replies, as for run."),
    ] = "offline",
    record: Annotated[
        bool, typer.Option("--record", help="Write the model's replies into the files, where there are none.")
    ] = False,
    record_all: Annotated[
        bool, typer.Option("--record-all", help="Hold all turns with the model, and write its replies anew.")
    ] = False,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="OUT", help="Write the outcomes as JUnit's XML.")
    ] = None,
    cover: Annotated[
        bool, typer.Option("--coverage", help="Tell which states, transitions and conditions were covered.")
    ] = False,
    append: Annotated[
        bool, typer.Option("--coverage-append", help="The same, together with what earlier runs have covered.")
    ] = False,
    fail_under: Annotated[str | None, typer.Option("--fail-under", metavar="PERCENT", help=FAIL_UNDER_HELP)] = None,
) -> None:
    """Hold the conversations that definitions are tested with.

    A turn with replies in the file needs no model. Handlers beside a definition are run.
    """
    from fsm_langgraph.scenarios import find_scenario_files

    searched = paths or [Path()]
    for path in searched:
        if not path.exists():
            fail(f"{path} is not there.")
    files = find_scenario_files(searched)
    if not files:
        fail(f"there are no scenarios in {', '.join(map(str, searched))}.\n  {_HOW}")
    recording: Recording | None = "all" if record_all else "missing" if record else None
    session = _Session(keyword, mark, first, model, recording)
    began = time.perf_counter()
    with errors_told(), code_importable("beside"):
        cover = cover or append or fail_under is not None
        coverage = CommandCoverage(fail_under, goes_on=append) if cover else None
        session.hold(files, coverage)
        if junit is not None:
            from fsm_langgraph.scenarios.junit import junit as as_xml

            write(as_xml(session.outcomes, session.errors), junit)
    session.sum_up(time.perf_counter() - began)
    is_covered = coverage is None or coverage.tell()
    if session.errors or session.failed or not (session.held and is_covered):
        raise typer.Exit(1)


_HOW = "Write some into scenarios.yaml beside the definition: docs/testing.md tells how."


@dataclass
class _Session:
    """One call of the command."""

    keyword: str | None
    mark: str | None
    first: bool
    model: str
    recording: Recording | None
    outcomes: dict[Path, list[ScenarioOutcome]] = field(default_factory=dict)
    errors: dict[Path, str] = field(default_factory=dict)
    """Why a file could not be read, or its machine not be built."""
    asked: int = 0
    """How many turns the model was asked in."""

    @property
    def held(self) -> list[ScenarioOutcome]:
        return [outcome for outcomes in self.outcomes.values() for outcome in outcomes]

    @property
    def failed(self) -> list[ScenarioOutcome]:
        return [outcome for outcome in self.held if not outcome.passed]

    def hold(self, files: Iterable[Path], coverage: CommandCoverage | None) -> None:
        """Hold the scenarios of all files, and tell each failure as it comes."""
        from fsm_langgraph.errors import DefinitionError, FSMError, ScenarioError
        from fsm_langgraph.scenarios import read_scenarios

        sound: list[tuple[ScenarioFile, list[Scenario]]] = []
        for path in files:
            try:
                file = read_scenarios(path)
            except (ScenarioError, DefinitionError) as error:
                self._tell_error(path, str(error))
                continue
            if coverage is not None:
                coverage.measuring.add(file.definition_path, file.definition)
            tell_first_warnings(file.definition_path, file.definition)
            sound.append((file, [each for each in file.scenarios if self._is_chosen(file, each)]))
        listens = coverage.measuring.listens() if coverage is not None else nullcontext()
        with listens, _progress(sum(len(scenarios) for _, scenarios in sound)) as progress:
            for file, scenarios in sound:
                if self.first and (self.failed or self.errors):
                    return
                try:
                    self._hold_file(file, scenarios, progress)
                except FSMError as error:  # the machine could not be built, or its file not be written
                    self._tell_error(file.path, str(error))

    def sum_up(self, seconds: float) -> None:
        """Tell how many scenarios were held, and how they went."""
        console, failed = out(), len(self.failed)
        parts = [(f"{len(self.held) - failed} passed", "bold green")]
        parts += [(f"{failed} failed", "bold red")] if failed else []
        parts += [(_count(len(self.errors), "file") + " with errors", "bold red")] if self.errors else []
        told: list[str | tuple[str, str]] = []
        for part in parts:
            told += [", ", part]
        say(console, *told[1:], f" in {seconds:.1f} s", (self._told_model(), "dim"))
        if not self.held and not self.errors:
            say(err(), "No scenario was chosen: see -k and --mark.")

    def _told_model(self) -> str:
        if not self.asked:
            return "; no model was asked"
        named = "the offline rules, which are no language model," if self.model == "offline" else self.model
        return f"; in {_count(self.asked, 'turn')} {named} answered"

    def _is_chosen(self, file: ScenarioFile, scenario: Scenario) -> bool:
        name = f"{file.path}::{scenario.name}".casefold()
        return (self.keyword is None or self.keyword.casefold() in name) and (
            self.mark is None or self.mark in scenario.marks
        )

    def _hold_file(self, file: ScenarioFile, scenarios: list[Scenario], progress: Progress | None) -> None:
        from fsm_langgraph.scenarios import ScenarioRunner, report
        from fsm_langgraph.scenarios.recording import record
        from fsm_langgraph.scenarios.scenario_runner import recorded

        runner = ScenarioRunner(file, self.model, recording=self.recording)
        outcomes = self.outcomes.setdefault(file.path, []) if scenarios else []
        for scenario in scenarios:
            outcome = runner.run(scenario)
            outcomes.append(outcome)
            self.asked += sum(turn.turn.reply is None for turn in outcome.turns)
            if progress is not None:
                progress.advance(progress.task_ids[0])
            if not outcome.passed:
                console = progress.console if progress is not None else out()
                say(console, ("FAILED  ", "bold red"), report(outcome), "\n")
                if self.first:
                    break
        if scenarios:
            failed = sum(not outcome.passed for outcome in outcomes)
            told = f"{len(outcomes) - failed} of {len(outcomes)} passed"
            console = progress.console if progress is not None else out()
            say(console, f"{file.path}: ", (told, "red" if failed else "green"))
        if self.recording and (replies := recorded(file, outcomes)):
            record(file.path, replies)
            say(out(), f"{file.path}: the replies of {_count(len(replies), 'turn')} are written.")

    def _tell_error(self, path: Path, told: str) -> None:
        self.errors[path] = told
        say(err(), ("Error: ", "bold red"), told)


@contextmanager
def _progress(total: int) -> Iterator[Progress | None]:
    """Show how far it is, on a terminal."""
    console = out()
    if not console.is_terminal or not sys.stdout.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    with Progress(BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console, transient=True) as progress:
        progress.add_task("scenarios", total=total)
        yield progress


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
